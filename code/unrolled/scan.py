"""A recurrence without a nonlinearity between its steps, by a loop and by a scan.

    h_t = λ_t ⊙ h_{t-1} + x_t

Each step is a pair (λ, x), in code `decay` and `x`. Two steps after each other are again
one such step, with the pair (λ₂ λ₁, λ₂ x₁ + x₂), and it does not matter how neighbours are
put together first: the operation is associative. So log₂ T rounds can do what T steps do.
"""

from __future__ import annotations

import torch
from torch.nn.functional import pad

from unrolled import validate_tensor


def loop(decay: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return all states, from a state of zeros, one step after the other.

    `decay` and `x` are (B, T, H); so are the states.
    """
    _checked(decay, x)
    h = torch.zeros_like(x[:, 0])
    states = []
    for t in range(x.shape[1]):
        h = decay[:, t] * h + x[:, t]
        states.append(h)
    return torch.stack(states, dim=1)


def scan(decay: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return the same states in log₂ T rounds, each of which does all steps at once.

    After a round with `reach` r, a step stands for itself and the 2r - 1 steps before it.
    Source: Hillis and Steele (1986), with the pairs of Martin and Cundy (2018).
    """
    _checked(decay, x)
    reach = 1
    while reach < x.shape[1]:
        x = x + decay * pad(x, (0, 0, reach, 0))[:, :-reach]  # nothing comes before the first
        decay = decay * pad(decay, (0, 0, reach, 0), value=1.0)[:, :-reach]
        reach *= 2
    return x


def thrifty_scan(decay: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return the same states with fewer multiplications, in twice as many rounds.

    Puts neighbours together in pairs, scans the pairs, and fills in the steps between.
    Source: Blelloch (1990).
    """
    _checked(decay, x)
    T = x.shape[1]
    if T == 1:
        return x
    first, second = slice(0, T - T % 2, 2), slice(1, T, 2)
    pairs = thrifty_scan(
        decay[:, second] * decay[:, first], decay[:, second] * x[:, first] + x[:, second]
    )
    odd = T % 2
    before = pad(pairs, (0, 0, 1, 0))[:, : T // 2 + odd]  # (B, ⌈T/2⌉, H)
    between = decay[:, 0::2] * before + x[:, 0::2]
    filled = torch.stack([between[:, : T // 2], pairs], dim=2).flatten(1, 2)
    return torch.cat([filled, between[:, T // 2 :]], dim=1)


def _checked(decay: torch.Tensor, x: torch.Tensor) -> None:
    for name, value in (("decay", decay), ("x", x)):
        validate_tensor.tensor(name, value, None)
    if decay.dtype != x.dtype:
        raise TypeError(f"decay: got dtype {decay.dtype}, expected that of x, {x.dtype}")
    if decay.shape != x.shape or x.ndim != 3 or 0 in x.shape:
        raise ValueError(
            f"decay, x: got shapes {tuple(decay.shape)} and {tuple(x.shape)}, "
            "expected (B, T, H) for both, with nothing empty"
        )
