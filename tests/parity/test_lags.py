"""Gradients by lag: what the experiment takes from `d_states` is what autograd gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.experiments import gradient_by_lag, jacobian_norms, weight_gradient_shares
from unrolled.starts import STARTS, untrained

CASES = [(start, kind) for start in STARTS for kind in ("tanh", "relu", "linear")]


def states_by_autograd(start: str, kind: str, inputs: np.ndarray) -> list[torch.Tensor]:
    """The states of one batch, each a tensor of its own: (B, H)."""
    model = untrained(start, gain=1.2, hidden_dim=8, seed=5, nonlinearity=kind)
    W_xh, W_hh, b_h = (torch.tensor(getattr(model, name)) for name in ("W_xh", "W_hh", "b_h"))
    apply = {"tanh": torch.tanh, "relu": torch.relu, "linear": lambda a: a}[kind]
    h = torch.zeros(len(inputs), 8, dtype=torch.float64, requires_grad=True)
    states = []
    for x in torch.tensor(inputs).unbind(dim=1):
        h = apply(x @ W_xh + h @ W_hh + b_h)
        h.retain_grad()
        states.append(h)
    return states


@pytest.mark.parametrize(("start", "kind"), CASES)
def test_gradient_by_lag(start: str, kind: str) -> None:
    result = gradient_by_lag(
        seeds=(5,), start=start, gain=1.2, nonlinearity=kind, lags=12, batch=3, hidden_dim=8
    )
    rng = np.random.default_rng([5, 1])  # the order in which the experiment draws
    states = states_by_autograd(start, kind, rng.normal(size=(3, 13, 4)))
    W_hy = torch.tensor(untrained(start, hidden_dim=8, seed=5).W_hy)
    (states[-1] @ W_hy * torch.tensor(rng.normal(size=(3, 1)))).sum().backward()
    norms = np.array([float(h.grad.norm()) for h in states[::-1] if h.grad is not None])
    np.testing.assert_allclose(result.norm[0], norms / norms[0], rtol=1e-10)


@pytest.mark.parametrize(("start", "kind"), CASES)
def test_jacobian_norms(start: str, kind: str) -> None:
    result = jacobian_norms(
        seeds=(5,), start=start, gain=1.2, nonlinearity=kind, length=7, hidden_dim=8
    )
    inputs = np.random.default_rng([5, 1]).normal(size=(7, 4))
    states = states_by_autograd(start, kind, inputs[None])
    for t, later in enumerate(states):
        for k, earlier in enumerate(states[: t + 1]):
            rows = [
                torch.autograd.grad(later[0, unit], earlier, retain_graph=True)[0]
                for unit in range(8)
            ]
            norm = float(torch.stack(rows).norm()) / 8**0.5
            assert result.norm[0, t, k] == pytest.approx(norm, rel=1e-10)


def test_shares_of_the_weights_gradient() -> None:
    """Each step's contribution by autograd, from a copy of W_hh for every step."""
    result = weight_gradient_shares(seeds=(5,), lengths=(4, 9), batch=3, hidden_dim=8)
    model = untrained("default", hidden_dim=8, seed=5)
    rng = np.random.default_rng([5, 1])
    inputs, d_last = torch.tensor(rng.normal(size=(3, 9, 4))), torch.tensor(rng.normal(size=(3, 1)))

    def copies_of(length: int) -> list[torch.Tensor]:
        copies = [torch.tensor(model.W_hh, requires_grad=True) for _ in range(length)]
        h = torch.zeros(3, 8, dtype=torch.float64)
        for x, W in zip(inputs[:, 9 - length :].unbind(dim=1), copies, strict=True):
            h = torch.tanh(x @ torch.tensor(model.W_xh) + h @ W + torch.tensor(model.b_h))
        (h @ torch.tensor(model.W_hy) * d_last).sum().backward()
        return [W.grad for W in copies if W.grad is not None]

    for column, length in enumerate((4, 9)):
        whole = torch.stack(copies_of(length)).sum(0)
        assert result.norm[0, column] == pytest.approx(float(whole.norm()), rel=1e-10)
    parts = torch.stack(copies_of(9))
    shares = (parts * parts.sum(0)).sum(dim=(1, 2)) / parts.sum(0).norm() ** 2
    np.testing.assert_allclose(result.share[0], shares.flip(0).numpy(), rtol=1e-9, atol=1e-12)
    assert result.share[0].sum() == pytest.approx(1)
