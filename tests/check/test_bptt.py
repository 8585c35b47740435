"""The check of the exercise on backpropagation through time names each mistake, and only it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch

from unrolled import VanillaRNN, check
from unrolled.check.bptt_compare import solution
from unrolled.check.bptt_habits import IDS, NAMES, Habits, run_backward, run_forward
from unrolled.check.bptt_network import problem_of
from unrolled.check.bptt_search import TAGS
from unrolled.check.bptt_texts import CAUSES
from unrolled.check.guard import undisturbed
from unrolled.gradcheck import finite_differences, relative_error

RIGHT = """
class Reader:
    def __init__(self, input_dim, hidden_dim, output_dim):
        rng = np.random.default_rng(0)
        self.W_xh = 0.3 * rng.normal(size=(input_dim, hidden_dim))
        self.W_hh = 0.3 * rng.normal(size=(hidden_dim, hidden_dim))
        self.W_hy = 0.3 * rng.normal(size=(hidden_dim, output_dim))
        self.b_h = np.zeros(hidden_dim)
        self.b_y = np.zeros(output_dim)

    def forward(self, inputs, h0=None):
        h = np.zeros_like(self.b_h) if h0 is None else h0
        self.inputs, self.h0 = inputs, h
        self.states, self.sums, outputs = [], [], []
        for x in inputs:
            a = x @ self.W_xh + h @ self.W_hh + self.b_h
            h = np.tanh(a)
            self.sums.append(a)
            self.states.append(h)
            outputs.append(h @ self.W_hy + self.b_y)
        return np.array(outputs)

    def backward(self, d_output):
        names = ["W_xh", "W_hh", "W_hy", "b_h", "b_y"]
        grads = {name: np.zeros_like(getattr(self, name)) for name in names}
        d_later = np.zeros_like(self.b_h)
        T = len(self.states)
        for t in reversed(range(T)):
            a, h = self.sums[t], self.states[t]
            before = self.states[t - 1] if t > 0 else self.h0
            d_h = d_output[t] @ self.W_hy.T + d_later
            delta = d_h * (1 - h**2)
            grads["W_xh"] += np.outer(self.inputs[t], delta)
            grads["W_hh"] += np.outer(before, delta)
            grads["W_hy"] += np.outer(h, d_output[t])
            grads["b_h"] += delta
            grads["b_y"] += d_output[t]
            d_later = delta @ self.W_hh.T
        return grads
"""


def reader(*edits: tuple[str, str], source: str = RIGHT) -> Any:
    """Return the class of `RIGHT` with passages replaced, each of which must be there."""
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    namespace: dict[str, Any] = {"np": np}
    exec(source, namespace)
    return namespace["Reader"]


def diagnoses(*edits: tuple[str, str]) -> tuple[str, ...]:
    return check.bptt(reader(*edits)).diagnoses


RETURN = "        return grads\n"
NO_RECURRENCE = ("d_later = delta @ self.W_hh.T", "pass")
TRANSPOSED = ("d_later = delta @ self.W_hh.T", "d_later = delta @ self.W_hh")
NO_B_Y = ('grads["b_y"] += d_output[t]', "pass")
SLOPE = "(1 - h**2)"
ACCUMULATED = [
    (f'grads["{name}"] +=', f'grads["{name}"] =') for name in ("W_xh", "W_hh", "W_hy", "b_h", "b_y")
]
OVERWRITTEN = ("h = np.tanh(a)\n", "h = np.tanh(a, out=h)\n")
COPIED_H0 = ("if h0 is None else h0\n", "if h0 is None else h0.copy()\n")
KEEPS_H0 = ("self.inputs, self.h0 = inputs, h\n", "self.inputs, self.h0 = inputs, h.copy()\n")
PREVIOUS = (
    "outputs.append(h @ self.W_hy + self.b_y)",
    "outputs.append((self.states[-2] if self.states[1:] else self.h0) @ self.W_hy + self.b_y)",
)

TWELVE = {
    "recurrence dropped": ([NO_RECURRENCE], "recurrence-dropped"),
    "recurrence never carried": (
        [("self.W_hy.T + d_later", "self.W_hy.T")],
        "recurrence-dropped",
    ),
    "slope of the pre-activation": ([(SLOPE, "(1 - a**2)")], "slope-of-preactivation"),
    "slope missing": ([(" * " + SLOPE, "")], "slope-missing"),
    "only the loss of the last step": (
        [
            (
                "T = len(self.states)",
                "T = len(self.states); d_output = d_output * 1.0; d_output[:-1] = 0",
            )
        ],
        "last-step-only",
    ),
    "only the loss of the last step, in the states": (
        [("d_h = d_output[t] @", "d_h = d_output[t] * (t == T - 1) @")],
        "last-step-only",
    ),
    "only what the last step contributes": (
        [("in reversed(range(T))", "in [T - 1]")],
        "last-step-only",
    ),
    "only what the last step contributes, except to the output": (
        [
            ('grads["W_xh"] += ', 'grads["W_xh"] += (t == T - 1) * '),
            ('grads["W_hh"] += ', 'grads["W_hh"] += (t == T - 1) * '),
            ('grads["b_h"] += ', 'grads["b_h"] += (t == T - 1) * '),
        ],
        "last-step-only",
    ),
    "b_h overwritten": ([ACCUMULATED[3]], "b-h-not-accumulated"),
    "b_h of the last step": (
        [('grads["b_h"] += ', 'grads["b_h"] += (t == T - 1) * ')],
        "b-h-not-accumulated",
    ),
    "b_h zero": ([('grads["b_h"] += delta', "pass")], "b-h-not-accumulated"),
    "b_y zero": ([NO_B_Y], "b-y-missing"),
    "b_y without a key": ([('"b_h", "b_y"]', '"b_h"]'), NO_B_Y], "b-y-missing"),
    "b_y None": ([(RETURN, '        return grads | {"b_y": None}\n')], "b-y-missing"),
    "W_hh with its own state": ([("np.outer(before, delta)", "np.outer(h, delta)")], "off-by-one"),
    "W_hy with the state before": (
        [("np.outer(h, d_output[t])", "np.outer(before, d_output[t])")],
        "off-by-one",
    ),
    "W_hh transposed": ([TRANSPOSED], "recurrence-transposed"),
    "states overwritten": ([OVERWRITTEN, COPIED_H0, KEEPS_H0], "states-overwritten"),
    "states overwritten, h0 as well": ([OVERWRITTEN, COPIED_H0], "states-overwritten"),
    "states overwritten, before the outputs": (
        [
            OVERWRITTEN,
            COPIED_H0,
            ("return np.array(outputs)", "return np.array(self.states) @ self.W_hy + self.b_y"),
        ],
        "states-overwritten",
    ),
    "h0 ignored by forward": ([("if h0 is None else h0", "")], "initial-state-ignored"),
    "h0 ignored by backward": ([("else self.h0", "else 0 * self.h0")], "initial-state-ignored"),
    "output of the state before": ([PREVIOUS], "outputs-from-previous-state"),
    "output of the state before, in backward as well": (
        [
            PREVIOUS,
            ("np.outer(h, d_output[t])", "np.outer(before, d_output[t])"),
            ("d_h = d_output[t] @", "d_h = (d_output[t + 1] if t < T - 1 else 0 * d_output[0]) @"),
        ],
        "outputs-from-previous-state",
    ),
    "averaged": (
        [(RETURN, "        return {n: g / T for n, g in grads.items()}\n")],
        "averaged-over-steps",
    ),
    "averaged in part": (
        [(RETURN, '        return grads | {"W_hh": grads["W_hh"] / T}\n')],
        "averaged-over-steps",
    ),
}

FURTHER = {
    "everything overwritten": (ACCUMULATED, "not-accumulated"),
    "W_hy overwritten": ([ACCUMULATED[2]], "not-accumulated"),
    "b_y overwritten": ([ACCUMULATED[4]], "not-accumulated"),
    "slope after tanh twice": ([(SLOPE, "(1 - np.tanh(h) ** 2)")], "tanh-applied-twice"),
    "slope not squared": ([(SLOPE, "(1 - h)")], "slope-not-squared"),
    "slope of a sigmoid": ([(SLOPE, "(h * (1 - h))")], "slope-of-sigmoid"),
    "no slope on the way back": (
        [("d_later = delta @", "d_later = d_h @")],
        "slope-skipped",
    ),
    "no weights on the way back": (
        [("delta @ self.W_hh.T", "delta")],
        "recurrence-without-weights",
    ),
    "from first to last": ([("reversed(range(T))", "range(T)")], "wrong-direction"),
    "wraps around": ([(" if t > 0 else self.h0", "")], "wraps-around"),
    "first step left out": (
        [("reversed(range(T))", "reversed(range(1, T))")],
        "first-step-missing",
    ),
    "W_xh zero": ([('grads["W_xh"] += np.outer(self.inputs[t], delta)', "pass")], "gradient-zero"),
    "factors swapped": (
        [("np.outer(before, delta)", "np.outer(delta, before)")],
        "gradient-transposed",
    ),
    "sign": ([(RETURN, "        return {n: -g for n, g in grads.items()}\n")], "sign-flipped"),
    "no tanh": ([("np.tanh(a)", "a"), (SLOPE, "1")], "tanh-missing"),
    "no tanh in forward alone": ([("np.tanh(a)", "a")], "tanh-missing"),
    "sigmoid": (
        [("np.tanh(a)", "1 / (1 + np.exp(-a))"), (SLOPE, "(h * (1 - h))")],
        "other-nonlinearity",
    ),
    "relu": (
        [("np.tanh(a)", "np.maximum(a, 0)"), (SLOPE, "(h > 0)")],
        "other-nonlinearity",
    ),
    "columns": (
        [
            ("h @ self.W_hh", "self.W_hh @ h"),
            ("delta @ self.W_hh.T", "delta @ self.W_hh"),
            ("np.outer(before, delta)", "np.outer(delta, before)"),
        ],
        "forward-transposed",
    ),
    "columns in forward alone": ([("h @ self.W_hh", "self.W_hh @ h")], "forward-transposed"),
    "no recurrence in forward": ([(" + h @ self.W_hh", "")], "forward-without-recurrence"),
    "no b_h in forward": ([("self.W_hh + self.b_h", "self.W_hh")], "bias-unused"),
    "no b_y in forward": ([("self.W_hy + self.b_y", "self.W_hy")], "bias-unused"),
    "no bias in forward": (
        [("self.W_hh + self.b_h", "self.W_hh"), ("self.W_hy + self.b_y", "self.W_hy")],
        "bias-unused",
    ),
    "tanh of the outputs": (
        [("return np.array(outputs)", "return np.tanh(outputs)")],
        "outputs-squeezed",
    ),
    "softmax of the outputs": (
        [("return np.array(outputs)", "e = np.exp(outputs); return e / e.sum(1, keepdims=True)")],
        "outputs-squeezed",
    ),
    "unknown forward": ([("np.tanh(a)", "np.sin(a)"), (SLOPE, "np.cos(a)")], "outputs-wrong"),
    "unknown backward": ([(SLOPE, "(1 - h**3)")], "gradients-wrong"),
    "nearly": ([(SLOPE, "(1 - h**2 + 1e-5)")], "imprecise"),
    "outputs nearly": (
        [("return np.array(outputs)", "return np.array(outputs) + 1e-6")],
        "imprecise",
    ),
    "states begin with h0": (
        [
            ("self.states", "self.kept"),
            ("return np.array", "self.states = [self.h0, *self.kept[:-1]]; return np.array"),
        ],
        "states-shifted",
    ),
}

PAIRS = {
    "b_y missing and W_hh transposed": (
        [NO_B_Y, TRANSPOSED],
        {"b-y-missing", "recurrence-transposed"},
    ),
    "no recurrence and off by one": (
        [NO_RECURRENCE, ("np.outer(before, delta)", "np.outer(h, delta)")],
        {"recurrence-dropped", "off-by-one"},
    ),
    "transposed and no slope": (
        [TRANSPOSED, (" * " + SLOPE, "")],
        {"recurrence-transposed", "slope-missing"},
    ),
    "b_h overwritten, b_y missing, wrapped": (
        [ACCUMULATED[3], NO_B_Y, (" if t > 0 else self.h0", "")],
        {"b-h-not-accumulated", "b-y-missing", "wraps-around"},
    ),
    "h0 ignored and W_hh transposed": (
        [("if h0 is None else h0", ""), TRANSPOSED],
        {"initial-state-ignored", "recurrence-transposed"},
    ),
    "output of the state before, and slope": (
        [PREVIOUS, (SLOPE, "(1 - a**2)")],
        {"outputs-from-previous-state", "slope-of-preactivation"},
    ),
    "overwritten states and averages": (
        [OVERWRITTEN, COPIED_H0, (RETURN, "        return {n: g / T for n, g in grads.items()}\n")],
        {"states-overwritten", "averaged-over-steps"},
    ),
    "averaged and overwritten": (
        [*ACCUMULATED, (RETURN, "        return {n: g / T for n, g in grads.items()}\n")],
        {"averaged-over-steps", "not-accumulated"},
    ),
    "sign and swapped factors": (
        [
            ("np.outer(before, delta)", "np.outer(delta, before)"),
            (RETURN, "        return {n: -g for n, g in grads.items()}\n"),
        ],
        {"gradient-transposed", "sign-flipped"},
    ),
    "one known, one unknown": (
        [NO_B_Y, ("np.outer(self.inputs[t], delta)", "np.outer(self.inputs[t] ** 2, delta)")],
        {"b-y-missing", "gradients-wrong"},
    ),
    "both halves without b_h": (
        [("self.W_hh + self.b_h", "self.W_hh"), ('grads["b_h"] += delta', "pass")],
        {"bias-unused", "b-h-not-accumulated"},
    ),
}


@pytest.mark.parametrize(("edits", "id"), TWELVE.values(), ids=TWELVE)
def test_the_twelve(edits: list[tuple[str, str]], id: str) -> None:
    assert diagnoses(*edits) == (id,)


@pytest.mark.parametrize(("edits", "id"), FURTHER.values(), ids=FURTHER)
def test_further_mistakes(edits: list[tuple[str, str]], id: str) -> None:
    assert diagnoses(*edits) == (id,)


@pytest.mark.parametrize(("edits", "ids"), PAIRS.values(), ids=PAIRS)
def test_several_mistakes(edits: list[tuple[str, str]], ids: set[str]) -> None:
    found = diagnoses(*edits)
    assert set(found) == ids
    assert len(found) == len(ids)


ALL = TWELVE | FURTHER
INDEPENDENT = [
    (first, second)
    for first, second in combinations(ALL, 2)
    if not any(a in b or b in a for a, _ in ALL[first][0] for b, _ in ALL[second][0])
]


@pytest.mark.parametrize("names", INDEPENDENT[::97], ids=" + ".join)
def test_two_mistakes_never_pass_and_one_is_named(names: tuple[str, str]) -> None:
    edits = [edit for name in names for edit in ALL[name][0]]
    found = check.bptt(reader(*edits)).diagnoses
    named = {ALL[name][1] for name in names}
    assert named & set(found) or {"outputs-wrong", "gradients-wrong"} & set(found)
    assert len(found) <= 3


WITHOUT_H0 = [("(self, inputs, h0=None)", "(self, inputs)"), ("if h0 is None else h0", "")]


@pytest.mark.parametrize(
    "name",
    [name for name in TWELVE if "h0" not in name and "output of the state before" not in name],
)
def test_the_twelve_without_h0(name: str) -> None:
    edits, id = TWELVE[name]
    source = RIGHT
    for old, new in WITHOUT_H0:
        source = source.replace(old, new)
    edits = [edit for edit in edits if edit != COPIED_H0]
    assert check.bptt(reader(*edits, source=source)).diagnoses == (id,)


class Columns:
    """Columns inside, properties outside, sums at the end, other orders, float32 or not."""

    def __init__(
        self, input_dim: int, hidden_dim: int, output_dim: int, dtype: Any = float
    ) -> None:
        rng = np.random.RandomState(3)
        self._p = {
            "b_y": np.zeros((output_dim, 1), dtype),
            "b_h": np.zeros((hidden_dim, 1), dtype),
            "W_hy": rng.normal(0, 0.1, (hidden_dim, output_dim)).astype(dtype),
            "W_hh": rng.normal(0, 0.1, (hidden_dim, hidden_dim)).astype(dtype),
            "W_xh": rng.normal(0, 0.1, (input_dim, hidden_dim)).astype(dtype),
        }

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_") or name not in self._p:
            raise AttributeError(name)
        value = self._p[name]
        return value[:, 0].copy() if name[0] == "b" else value.copy()

    def forward(self, inputs: np.ndarray, h0: np.ndarray | None = None) -> list[np.ndarray]:
        p = self._p
        self._x = [row.reshape(-1, 1).astype(p["W_xh"].dtype) for row in inputs]
        start = np.zeros_like(p["b_h"]) if h0 is None else h0.reshape(-1, 1)
        self.states = {-1: start}
        for t, x in enumerate(self._x):
            a = p["W_xh"].T @ x + p["W_hh"].T @ self.states[t - 1] + p["b_h"]
            self.states[t] = np.tanh(a)
        steps = range(len(self._x))
        return [(p["W_hy"].T @ self.states[t] + p["b_y"]).ravel() for t in steps]

    def backward(self, d_output: np.ndarray) -> dict[str, Any]:
        p, T = self._p, len(self._x)
        carried, deltas = 0, []
        for t in range(T - 1, -1, -1):
            d_h = p["W_hy"] @ d_output[t].reshape(-1, 1) + carried
            deltas.insert(0, (1 - self.states[t] * self.states[t]) * d_h)
            carried = p["W_hh"] @ deltas[0]
        return {
            "b_y": d_output.sum(axis=0).tolist(),
            "b_h": sum(deltas)[:, 0],
            "W_hy": sum(self.states[t] @ d_output[t : t + 1] for t in range(T)),
            "W_hh": sum(self.states[t - 1] @ deltas[t].T for t in range(T)),
            "W_xh": sum(x @ d.T for x, d in zip(self._x, deltas, strict=True)),
        }


class ByStep(VanillaRNN):
    """Takes a list of outputs' gradients apart, has no states, wants h0."""

    states = None  # type: ignore[assignment]

    def forward(self, inputs: Any, initial_state: Any) -> Any:  # type: ignore[override]
        return super().forward(inputs, initial_state).tolist()


ASSIGNED_IN_FORWARD_ONLY = [
    (
        "        self.b_y = np.zeros(output_dim)\n",
        "        self.b_y = np.zeros(output_dim)\n        self.turned = self.W_hh.T\n",
    ),
    ("delta @ self.W_hh.T", "delta @ self.turned"),
]

CORRECT = {
    "the text above": reader(),
    "ours": VanillaRNN,
    "ours in float64": partial(VanillaRNN, dtype=np.float64),
    "ours with small weights": partial(VanillaRNN, scale=0.01, dtype=np.float64),
    "without h0": reader(*WITHOUT_H0),
    "float32": reader(
        ("size=(input_dim, hidden_dim))", "size=(input_dim, hidden_dim)).astype(np.float32)"),
        ("np.tanh(a)", "np.tanh(a).astype(np.float32)"),
    ),
    "columns and properties": Columns,
    "columns in float32": partial(Columns, dtype=np.float32),
    "h0 required": ByStep,
    "lists": reader(("return np.array(outputs)", "return [list(y) for y in outputs]")),
    "states with h0 first": reader(
        ("self.states", "self.kept"),
        ("return np.array", "self.states = np.array([self.h0, *self.kept]); return np.array"),
    ),
    "row biases": reader(
        ("np.zeros(hidden_dim)", "np.zeros((1, hidden_dim))"),
        ("np.zeros(output_dim)", "np.zeros((1, output_dim))"),
        ("return np.array(outputs)", "return np.array(outputs)[:, 0]"),
        ("np.outer(h,", "np.outer(h[0],"),
    ),
    "a matrix transposed once": reader(*ASSIGNED_IN_FORWARD_ONLY),
    "slope with the tanh of the pre-activation": reader((SLOPE, "(1 - np.tanh(a) ** 2)")),
    "a further argument": reader(("h0=None", "verbose=False"), ("if h0 is None else h0", "")),
    "prints, warns and draws": reader(
        ("h = np.tanh(a)\n", "h = np.tanh(a); print(h); np.log(-1.0); np.random.rand()\n")
    ),
}


@pytest.mark.parametrize("cls", CORRECT.values(), ids=CORRECT)
def test_correct_ones_pass(cls: Any) -> None:
    report = check.bptt(cls)
    assert report.passed, report
    assert any(line.startswith("gradients of W_xh, W_hh, W_hy, b_h, b_y") for line in report.right)


def test_where_weights_cannot_be_assigned_its_own_are_used() -> None:
    class Fixed(Columns):
        def backward(self, d_output: np.ndarray) -> dict[str, Any]:
            return super().backward(d_output) | {"b_y": 0 * d_output[0]}

    assert "with its own weights" in str(check.bptt(Columns)).replace("\n       ", " ")
    assert check.bptt(Fixed).diagnoses == ("b-y-missing",)


RAISING = ("delta = d_h *", "delta = d_h @ np.ones(4) *")
BATCHED = [
    ("self.inputs, self.h0 = inputs, h\n", "B, T, D = inputs.shape; inputs = inputs[0]\n"),
    ("return np.array(outputs)", "return np.array(outputs)[None]"),
]
AS_TUPLE = (RETURN, "        return tuple(grads.values())\n")
RENAMED = (RETURN, '        return {"d" + n: g for n, g in grads.items()}\n')
ONE_KEY_LESS = (RETURN, '        del grads["W_hy"]; return grads\n')

UNUSABLE = {
    "todo in forward": (
        [("for x in inputs:", "raise NotImplementedError('TODO')\n        for x in inputs:")],
        "not-implemented",
    ),
    "todo in backward": (
        [("T = len(self.states)", "raise NotImplementedError('TODO')")],
        "not-implemented",
    ),
    "todo in the constructor": (
        [("rng = np.random.default_rng(0)", "raise NotImplementedError")],
        "not-implemented",
    ),
    "raises in backward": ([RAISING], "raises"),
    "raises in forward": ([("np.tanh(a)", "np.tanh(a) / [1, 2]")], "raises"),
    "raises in the constructor": ([("default_rng(0)", "default_rng('x')")], "raises"),
    "leaves": ([("np.tanh(a)", "exit(3)")], "raises"),
    "constructor": ([("output_dim):", "output_dim, length):")], "arguments"),
    "forward wants more": ([("h0=None)", "targets)"), ("if h0 is None else h0", "")], "arguments"),
    "backward wants more": (
        [("backward(self, d_output)", "backward(self, inputs, d_output)")],
        "arguments",
    ),
    "no backward": ([("def backward", "def backwards")], "method-missing"),
    "other names": ([("self.W_xh", "self.Wxh")], "weight-missing"),
    "weights transposed": (
        [("size=(input_dim, hidden_dim)", "size=(hidden_dim, input_dim)")],
        "weight-shape",
    ),
    "sizes fixed": ([("np.zeros(hidden_dim)", "np.zeros(8)")], "weight-shape"),
    "weight no array": ([("self.b_y = np.zeros(output_dim)", "self.b_y = 'zero'")], "wrong-type"),
    "forward without return": ([("return np.array(outputs)", "pass")], "wrong-type"),
    "last output alone": ([("return np.array(outputs)", "return outputs[-1]")], "outputs-shape"),
    "outputs and states": (
        [("return np.array(outputs)", "return np.array(outputs), self.states")],
        "wrong-type",
    ),
    "outputs NaN": (
        [("return np.array(outputs)", "return np.array(outputs) * np.nan")],
        "not-finite",
    ),
    "gradient NaN": (
        [(RETURN, '        return grads | {"W_hh": grads["W_hh"] / 0}\n')],
        "not-finite",
    ),
    "gradients in a tuple": ([AS_TUPLE], "wrong-type"),
    "backward without return": ([(RETURN, "")], "wrong-type"),
    "gradient a text": ([(RETURN, '        return grads | {"W_hh": "W"}\n')], "wrong-type"),
    "keys renamed": ([RENAMED], "key-missing"),
    "one key less": ([ONE_KEY_LESS], "key-missing"),
    "gradient transposed": (
        [(RETURN, '        return grads | {"W_xh": grads["W_xh"].T}\n')],
        "gradient-shape",
    ),
    "batches only": (BATCHED, "batched-only"),
    "default state of ones": (
        [("np.zeros_like(self.b_h) if", "np.ones_like(self.b_h) if")],
        "start-not-zero",
    ),
    "one length alone": ([("d_later = delta @", "d_later = (T > 3) * delta @")], "gradients-wrong"),
    "states grow": (
        [
            ("self.states, self.sums, outputs = [], [], []", "self.sums, outputs = [], []"),
            (
                "self.b_h = np.zeros(hidden_dim)",
                "self.b_h = np.zeros(hidden_dim); self.states = []",
            ),
        ],
        "state-carried-over",
    ),
    "outputs grow": (
        [
            (
                "self.states, self.sums, outputs = [], [], []",
                "outputs = self.o; self.states, self.sums = [], []",
            ),
            ("self.b_h = np.zeros(hidden_dim)", "self.b_h = np.zeros(hidden_dim); self.o = []"),
        ],
        "state-carried-over",
    ),
    "goes on from the last state": (
        [
            (
                "h = np.zeros_like(self.b_h) if h0 is None else h0",
                "h = self.h if h0 is None else h0",
            ),
            ("self.b_h = np.zeros(hidden_dim)", "self.b_h = self.h = np.zeros(hidden_dim)"),
            ("return np.array(outputs)", "self.h = h; return np.array(outputs)"),
        ],
        "state-carried-over",
    ),
    "gradients grow": (
        [("grads = {name", "grads = self.g = getattr(self, 'g', None) or {name")],
        "gradients-carried-over",
    ),
    "clipped": (
        [(RETURN, "        return {n: np.clip(g, -50, 50) for n, g in grads.items()}\n")],
        "clipped",
    ),
    "changes d_output": ([(RETURN, "        d_output *= 2\n" + RETURN)], "arguments-modified"),
    "changes inputs": (
        [
            (
                "return np.array(outputs)",
                "self.inputs = inputs.copy(); inputs *= 0; return np.array(outputs)",
            )
        ],
        "arguments-modified",
    ),
    "updates its weights": (
        [(RETURN, "        self.b_y = self.b_y - 0.1 * grads['b_y']\n" + RETURN)],
        "weights-modified",
    ),
}


@pytest.mark.parametrize(("edits", "id"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_said(edits: list[tuple[str, str]], id: str) -> None:
    report = check.bptt(reader(*edits))
    assert report.diagnoses == (id,), report
    assert all(each.what and each.cause for each in report.wrong)


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class Hostile(Columns):
    def forward(self, inputs: np.ndarray, h0: np.ndarray | None = None) -> list[np.ndarray]:
        raise Silent


class Endless(Columns):
    def backward(self, d_output: np.ndarray) -> dict[str, Any]:
        return self.backward(d_output)


class Reshapes(reader()):  # type: ignore[misc]
    def forward(self, inputs: np.ndarray, h0: np.ndarray | None = None) -> np.ndarray:
        outputs = super().forward(inputs.copy(), h0)
        inputs.shape = (-1,)
        return outputs


@pytest.mark.parametrize(
    ("cls", "id"),
    [
        (Hostile, "raises"),
        (Endless, "raises"),
        (Reshapes, "arguments-modified"),
        (MagicMock, "method-missing"),
        (dict, "raises"),
        (len, "arguments"),
        (lambda *sizes: None, "method-missing"),
    ],
)
def test_nothing_that_is_called_makes_the_check_raise(cls: Any, id: str) -> None:
    assert check.bptt(cls).diagnoses == (id,)


def test_a_todo_in_backward_leaves_praise_for_forward() -> None:
    report = check.bptt(reader(*UNUSABLE["todo in backward"][0]))
    assert [line.split(":")[0] for line in report.right] == ["outputs", "states"]
    assert "backward(d_output) is still to be written" in report.wrong[0].what


class Raises(Columns):
    def backward(self, d_output: np.ndarray) -> dict[str, Any]:
        return self.helper(d_output)

    def helper(self, d_output: np.ndarray) -> dict[str, Any]:
        return {"W_xh": np.concatenate([d_output, np.zeros((6, 4))])}


def test_the_line_shown_is_the_readers() -> None:
    what = check.bptt(Raises).wrong[0].what
    first, place, line = what.split("\n")
    assert first.startswith("backward(d_output) raised ValueError: all the input array dim")
    assert place.startswith("test_bptt.py, line ")
    assert place.endswith(", in helper")
    assert line.strip() == 'return {"W_xh": np.concatenate([d_output, np.zeros((6, 4))])}'
    assert "unrolled" not in what


def test_where_it_begins_to_be_wrong_is_said() -> None:
    wrong = check.bptt(
        reader(("d_later = delta @ self.W_hh.T", "d_later = 0.5 * delta @ self.W_hh.T"))
    )
    assert wrong.diagnoses == ("gradients-wrong",)
    assert wrong.wrong[0].what.endswith("Wrong from T = 2 on, right for T = 1.")
    assert "W_hy, b_y: within 1e-10" in wrong.right[2]


def test_both_readings_of_last_step_only_are_told_apart() -> None:
    names = ["only the loss of the last step", "only what the last step contributes"]
    causes = [check.bptt(reader(*TWELVE[name][0])).wrong[0].cause for name in names]
    assert "d_output[-1]" in causes[0]
    assert "loop over all" in causes[1]


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize("cls", [None, 3, "VanillaRNN", reader()(3, 5, 2)])
def test_called_wrongly(cls: Any) -> None:
    with pytest.raises(TypeError, match=r"cls: got a \w+, expected the class itself"):
        check.bptt(cls)


def test_leaves_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    noisy = CORRECT["prints, warns and draws"]
    before = np.random.get_state()[1].copy()
    first, second = check.bptt(noisy), check.bptt(noisy)
    assert first == second
    assert str(first) == str(second)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    assert capsys.readouterr() == ("", "")


def test_keeps_random_numbers() -> None:
    ours, theirs, torchs = random.getstate(), np.random.get_state(), torch.random.get_rng_state()
    with undisturbed():
        random.random(), np.random.rand(), torch.rand(1)
    assert random.getstate() == ours
    np.testing.assert_array_equal(np.random.get_state()[1], theirs[1])
    assert torch.equal(torch.random.get_rng_state(), torchs)


def test_does_not_need_torch() -> None:
    code = "import sys, unrolled.check; assert 'torch' not in sys.modules"
    folder = str(Path(check.__file__).parents[2])
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": folder}
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("T", [1, 2, 7])
def test_the_reference_has_three_witnesses(seed: int, T: int) -> None:
    problem = problem_of(seed, T, with_h0=True)
    outputs, states, right = solution(problem)
    ours, kept, _ = run_forward(Habits(), problem)
    terms = run_backward(Habits(), problem)
    assert relative_error(ours, outputs) < 1e-14
    assert relative_error(kept, states) < 1e-14
    assert relative_error(terms.before.T @ terms.d_sums, right["W_hh"]) < 1e-13
    for name in NAMES:

        def loss(weight: np.ndarray, name: str = name) -> float:
            twin = type(problem)(
                problem.weights | {name: weight}, problem.inputs, problem.h0, problem.d_outputs
            )
            return float(np.sum(run_forward(Habits(), twin)[0] * problem.d_outputs))

        assert relative_error(finite_differences(loss, problem.weights[name]), right[name]) < 1e-7


def test_every_mistake_has_a_text_without_long_words() -> None:
    assert {*IDS.values(), *TAGS.values()} <= CAUSES.keys()
    for cause in CAUSES.values():
        assert all(len(word) <= 36 for word in textwrap.dedent(cause).split())


@pytest.mark.parametrize("name", ["recurrence dropped", "averaged", "W_hh transposed"])
def test_lines_fit_a_phone(name: str) -> None:
    assert max(map(len, str(check.bptt(reader(*TWELVE[name][0]))).splitlines())) <= 43
