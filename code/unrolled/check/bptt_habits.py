"""A vanilla RNN with habits: what right and wrong implementations would compute.

Each wrong habit is a mistake that somebody makes. A check computes what code with that
habit returns, and looks which habit gives the reader's numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

NAMES = ("W_xh", "W_hh", "W_hy", "b_h", "b_y")


@dataclass(frozen=True, eq=False)
class Problem:
    """Weights, a sequence, a first state, and the loss's gradient for each output."""

    weights: dict[str, np.ndarray]
    inputs: Float[np.ndarray, "T D"]
    h0: Float[np.ndarray, " H"]
    d_outputs: Float[np.ndarray, "T O"]


@dataclass(frozen=True)
class Habits:
    """How somebody computes; the defaults are right. The first six are of `forward`."""

    squash: str = "tanh"  # "none", "sigmoid", "relu"
    forth: str = "right"  # "transposed", "missing"
    biases: str = "both"  # "no b_h", "no b_y", "none"
    reads: str = "own"  # "previous", "last": the state that an output is made of
    starts: str = "given"  # "zeros"
    squeezes: str = "no"  # "softmax", "tanh": of the outputs
    back: str = "right"  # "dropped", "transposed", "no slope", "no weights", "forwards"
    slope: str = "right"  # "preactivation", "missing", "twice", "not squared", "sigmoid"
    loss: str = "all"  # "last", "last for states"
    keeps: str = "each"  # "last": all stored states are the last one; "last and h0"
    first: str = "given"  # "zeros", "wrapped": what backward takes for the state before step 1
    reads_back: str = "own"  # "previous": the state that backward takes an output for
    textbook: bool = False  # backward is that of the right forward, whatever forward does


FORWARD = ("squash", "forth", "biases", "reads", "starts", "squeezes")

# What each habit is called in a diagnosis. Two habits may be readings of one mistake.
IDS = {
    ("squash", "none"): "tanh-missing",
    ("squash", "sigmoid"): "other-nonlinearity",
    ("squash", "relu"): "other-nonlinearity",
    ("forth", "transposed"): "forward-transposed",
    ("forth", "missing"): "forward-without-recurrence",
    ("biases", "no b_h"): "bias-unused",
    ("biases", "no b_y"): "bias-unused",
    ("biases", "none"): "bias-unused",
    ("reads", "previous"): "outputs-from-previous-state",
    ("reads", "last"): "states-overwritten",
    ("starts", "zeros"): "initial-state-ignored",
    ("squeezes", "softmax"): "outputs-squeezed",
    ("squeezes", "tanh"): "outputs-squeezed",
    ("back", "dropped"): "recurrence-dropped",
    ("back", "transposed"): "recurrence-transposed",
    ("back", "no slope"): "slope-skipped",
    ("back", "no weights"): "recurrence-without-weights",
    ("back", "forwards"): "wrong-direction",
    ("slope", "preactivation"): "slope-of-preactivation",
    ("slope", "missing"): "slope-missing",
    ("slope", "twice"): "tanh-applied-twice",
    ("slope", "not squared"): "slope-not-squared",
    ("slope", "sigmoid"): "slope-of-sigmoid",
    ("loss", "last"): "last-step-only",
    ("loss", "last for states"): "last-step-only",
    ("keeps", "last"): "states-overwritten",
    ("keeps", "last and h0"): "states-overwritten",
    ("first", "zeros"): "initial-state-ignored",
    ("first", "wrapped"): "wraps-around",
    ("reads_back", "previous"): "outputs-from-previous-state",
}


@cache
def habits_of(
    most: int, fields: tuple[str, ...], base: Habits
) -> tuple[tuple[Habits, frozenset[str]], ...]:
    """Return all habits with up to `most` mistakes in `fields`, and their ids, fewest first."""
    wrong = [(key, id) for key, id in IDS.items() if key[0] in fields]
    found: list[tuple[Habits, frozenset[str]]] = []
    for count in range(most + 1):
        for chosen in combinations(wrong, count):
            changes: dict[str, Any] = {key[0]: key[1] for key, _ in chosen}
            if len(changes) == count:
                habits = Habits(**{**vars(base), **changes})
                found.append((habits, frozenset(id for _, id in chosen)))
    return tuple(found)


def run_forward(habits: Habits, problem: Problem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outputs (T, O), states (T, H) and arguments of the tanh (T, H)."""
    w, inputs = problem.weights, problem.inputs
    W_hh = {"right": w["W_hh"], "transposed": w["W_hh"].T}.get(habits.forth, 0 * w["W_hh"])
    b_h = w["b_h"] * (habits.biases in ("both", "no b_y"))
    b_y = w["b_y"] * (habits.biases in ("both", "no b_h"))
    start = problem.h0 * (habits.starts == "given")
    h, states, sums = start, [], []
    for x in inputs:
        sums.append(x @ w["W_xh"] + h @ W_hh + b_h)
        h = _squash(habits.squash, sums[-1])
        states.append(h)
    every = np.stack(states)
    read = {
        "own": every,
        "previous": np.stack([start, *states[:-1]]),
        "last": np.broadcast_to(h, every.shape),
    }[habits.reads]
    outputs = read @ w["W_hy"] + b_y
    if habits.squeezes == "softmax":
        outputs = np.exp(outputs) / np.exp(outputs).sum(1, keepdims=True)
    elif habits.squeezes == "tanh":
        outputs = np.tanh(outputs)
    return outputs, every, np.stack(sums)


@dataclass(frozen=True, eq=False)
class Terms:
    """What each step contributes: both factors of every gradient, (T, ·) each."""

    inputs: np.ndarray
    before: np.ndarray  # the state before each step
    own: np.ndarray  # the state after it
    d_sums: np.ndarray
    d_outputs: np.ndarray


def run_backward(habits: Habits, problem: Problem) -> Terms:
    """Return the factors of the gradients, for each step."""
    w = problem.weights
    _, states, sums = run_forward(habits, problem)
    kept = states if habits.keeps == "each" else np.broadcast_to(states[-1], states.shape)
    start = {"given": problem.h0, "zeros": 0 * problem.h0, "wrapped": states[-1]}[habits.first]
    before = np.stack([kept[-1] if habits.keeps == "last and h0" else start, *kept[:-1]])

    T = len(sums)
    last = np.arange(T)[:, None] == T - 1
    d_y = problem.d_outputs * (last if habits.loss == "last" else 1)
    d_direct = d_y * (last if habits.loss == "last for states" else 1) @ w["W_hy"].T
    if habits.reads_back == "previous":
        d_direct = np.vstack([d_direct[1:], 0 * d_direct[:1]])
    turned = habits.forth == "transposed" and not habits.textbook
    W_hh = w["W_hh"].T if turned else w["W_hh"]
    back = {"transposed": W_hh, "dropped": 0 * W_hh, "no weights": np.eye(len(W_hh))}
    matrix = back.get(habits.back, W_hh.T)

    slopes, d_sums = _slopes(habits, kept, sums), np.empty_like(sums)
    later = np.zeros(len(W_hh))
    for t in range(T) if habits.back == "forwards" else reversed(range(T)):
        d_h = d_direct[t] + later
        d_sums[t] = d_h * slopes[t]
        later = (d_h if habits.back == "no slope" else d_sums[t]) @ matrix
    return Terms(problem.inputs, before, kept, d_sums, d_y)


def _squash(kind: str, a: np.ndarray) -> np.ndarray:
    if kind == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-a)))
    if kind == "relu":
        return np.asarray(np.maximum(a, 0))
    return np.asarray(a if kind == "none" else np.tanh(a))


def _slopes(habits: Habits, kept: np.ndarray, sums: np.ndarray) -> np.ndarray:
    kind = habits.slope
    if kind == "right":
        kind = "tanh" if habits.textbook else habits.squash
    slopes: dict[str, np.ndarray] = {
        "tanh": 1 - kept**2,
        "relu": 1.0 * (kept > 0),
        "none": np.ones_like(kept),
        "preactivation": 1 - sums**2,
        "missing": np.ones_like(kept),
        "twice": 1 - np.tanh(kept) ** 2,
        "not squared": 1 - kept,
        "sigmoid": kept * (1 - kept),
    }
    return slopes[kind]
