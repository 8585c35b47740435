"""Networks in NumPy, and what is done with their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.badinput.call import Call, below, numbers
from tests.badinput.kinds import (
    Array,
    Choice,
    DType,
    Integers,
    Kind,
    Named,
    Number,
    Positive,
    Size,
    Things,
)
from unrolled import VanillaRNN, rnn_simple
from unrolled.cliff import descend, loss_and_slope
from unrolled.clipping import clip_by_norm, clip_by_value, global_norm
from unrolled.gradcheck import finite_differences, gradient_check, relative_error
from unrolled.gru import GRU
from unrolled.initial import INITS, initial_weights
from unrolled.logistic import logistic_regression, predict
from unrolled.lstm import LSTM
from unrolled.nonlinearity import NONLINEARITIES
from unrolled.starts import STARTS, untrained
from unrolled.truncated import truncated_gradients

D, H, OUT, T, B = 3, 4, 2, 5, 2
ANY = (0, 1, 2, 3, 4, 5, 6)
ANY = (0, 1, 2, 3, 4, 5, 6)
SEED = Size(least=0)
ONE_OR_MANY = {"ranks": (2, 3), "single": True}
MODELS: dict[str, Any] = {"VanillaRNN": VanillaRNN, "LSTM": LSTM, "GRU": GRU}


def model(name: str) -> Any:
    sizes = (D, H, OUT) if name == "VanillaRNN" else (D, H)
    return MODELS[name](*sizes, seed=1)


def forward(name: str) -> Any:
    return lambda **given: model(name).forward(**given)


def backward(name: str, *batch: int) -> Any:
    def call(**given: Any) -> dict[str, np.ndarray]:
        made = model(name)
        made.forward(numbers(*batch, T, D))
        return made.backward(**given)

    return call


def params() -> dict[str, np.ndarray]:
    shapes = {"W_xh": (D, H), "W_hh": (H, H), "W_hy": (H, OUT), "b_h": (H,), "b_y": (OUT,)}
    return {name: numbers(*shape) / 4 for name, shape in shapes.items()}


def assigned(name: str, parameter: str) -> Any:
    def call(value: Any) -> np.ndarray:
        made = model(name)
        setattr(made, parameter, value)
        return made.forward(numbers(T, D))

    return call


def gated(name: str, bias: str) -> list[Call]:
    states = {"h0": (H,), "c0": (H,)} if name == "LSTM" else {"h0": (H,)}
    calls = [
        Call(
            f"{name.lower()}.{name}",
            lambda **given: MODELS[name](**given).forward(numbers(T, D)),
            lambda: {"input_dim": D, "hidden_dim": H, bias: 1, "seed": 1, "dtype": np.float32},
            {
                "input_dim": Size(),
                "hidden_dim": Size(),
                bias: Number(),
                "seed": SEED,
                "dtype": DType(),
            },
        ),
        Call(
            f"{name.lower()}.{name}.forward, a sequence",
            forward(name),
            lambda: {"inputs": numbers(T, D)} | {n: numbers(*s) for n, s in states.items()},
            {"inputs": Array(fixed=(1,), **ONE_OR_MANY)}
            | {n: Array(single=True, optional=True) for n in states},
        ),
        Call(
            f"{name.lower()}.{name}.forward, a batch",
            forward(name),
            lambda: {"inputs": numbers(B, T, D)} | {n: numbers(B, *s) for n, s in states.items()},
            {"inputs": Array(fixed=(0, 2), says=("h0",), **ONE_OR_MANY)}
            | {n: Array(single=True, optional=True) for n in states},
        ),
        Call(
            f"{name.lower()}.{name}.gate",
            lambda **given: [made := model(name), made.forward(numbers(T, D)), made.gate(**given)][
                2
            ],
            lambda: {"name": "ir"[name == "GRU"]},
            {"name": Choice(words=tuple("ifgo" if name == "LSTM" else "rzn"))},
        ),
    ]
    calls += [
        Call(
            f"{name.lower()}.{name}.backward, {'a batch' if batch else 'a sequence'}",
            backward(name, *batch),
            lambda batch=batch: {"d_states": numbers(*batch, T, H)},
            {"d_states": Array(ranks=(1 + len(batch), 2 + len(batch)), single=True)},
        )
        for batch in ((), (B,))
    ]
    shapes = {"W_x": (D, H), "W_h": (H, H), "b": (H,)}
    gates = 4 if name == "LSTM" else 3
    for parameter, (*rows, columns) in shapes.items():
        calls.append(
            Call(
                f"{name.lower()}.{name}.{parameter} = …",
                assigned(name, parameter),
                lambda rows=rows, columns=columns: {"value": numbers(*rows, gates * columns)},
                {"value": Array(single=True, says=(parameter,))},
            )
        )
    return calls


CALLS = [
    Call(
        "rnn.VanillaRNN",
        lambda **given: VanillaRNN(**given).forward(numbers(T, D)),
        lambda: {
            "input_dim": D,
            "hidden_dim": H,
            "output_dim": OUT,
            "init": "uniform",
            "scale": 2,
            "seed": 1,
            "nonlinearity": "tanh",
            "dtype": np.float64,
        },
        {
            "input_dim": Size(),
            "hidden_dim": Size(),
            "output_dim": Size(),
            "init": Choice(words=INITS),
            "scale": Positive(optional=True),
            "seed": SEED,
            "nonlinearity": Choice(words=tuple(NONLINEARITIES)),
            "dtype": DType(),
        },
    ),
    Call(
        "rnn.VanillaRNN.forward, a sequence",
        forward("VanillaRNN"),
        lambda: {"inputs": numbers(T, D), "h0": numbers(H)},
        {
            "inputs": Array(fixed=(1,), **ONE_OR_MANY),
            "h0": Array(single=True, optional=True),
        },
    ),
    Call(
        "rnn.VanillaRNN.forward, a batch",
        forward("VanillaRNN"),
        lambda: {"inputs": numbers(B, T, D), "h0": numbers(B, H)},
        {
            "inputs": Array(fixed=(0, 2), says=("h0",), **ONE_OR_MANY),
            "h0": Array(ranks=(1, 2), single=True, optional=True),
        },
    ),
    *(
        Call(
            f"rnn.VanillaRNN.backward, {'a batch' if batch else 'a sequence'}",
            backward("VanillaRNN", *batch),
            lambda batch=batch: {"d_output": numbers(*batch, T, OUT)},
            {"d_output": Array(ranks=(1 + len(batch), 2 + len(batch)), single=True)},
        )
        for batch in ((), (B,))
    ),
    Call(
        "rnn.VanillaRNN.W_hh = …",
        assigned("VanillaRNN", "W_hh"),
        lambda: {"value": numbers(H, H)},
        {"value": Array(single=True, says=("W_hh",))},
    ),
    *gated("LSTM", "forget_bias"),
    *gated("GRU", "update_bias"),
    Call(
        "rnn_simple.forward",
        rnn_simple.forward,
        lambda: {"params": params(), "inputs": numbers(T, D), "h0": numbers(H)},
        {
            "params": Named(names=(*params(),), finite=True, shapes=True, says=("inputs", "h0")),
            "inputs": Array(fixed=(1,)),
            "h0": Array(optional=True),
        },
    ),
    Call(
        "rnn_simple.backward",
        rnn_simple.backward,
        lambda: {
            "params": params(),
            "inputs": numbers(T, D),
            "states": numbers(T, H) / 4,
            "d_outputs": numbers(T, OUT),
            "h0": numbers(H) / 4,
        },
        {
            "params": Named(
                names=(*params(),), finite=True, shapes=True, says=("inputs", "h0", "states")
            ),
            "inputs": Array(says=("states",)),
            "states": Array(),
            "d_outputs": Array(),
            "h0": Array(optional=True),
        },
    ),
    Call(
        "gradcheck.relative_error",
        relative_error,
        lambda: {"a": numbers(T, H), "b": numbers(T, H) + 1},
        {"a": Array(finite=False, says=("b",)), "b": Array(finite=False, says=("a",))},
    ),
    Call(
        "gradcheck.finite_differences",
        finite_differences,
        lambda: {
            "function": lambda array: float(np.sum(array**2)),
            "array": numbers(2, 3),
            "step": 0.5,
        },
        {
            "function": Kind(allows=("function", "class"), says=("function",)),
            "array": Array(ranks=ANY, fixed=(), allows=("rank", "scalar", "True")),
            "step": Positive(),
        },
    ),
    Call(
        "gradcheck.finite_differences, what the function returns",
        lambda returned: finite_differences(lambda _: returned, np.ones(2)),
        lambda: {"returned": 1.5},
        {"returned": Number(says=("function",))},
    ),
    Call(
        "gradcheck.gradient_check",
        gradient_check,
        lambda: {
            "model": VanillaRNN(2, 2, 1),
            "inputs": numbers(2, 2),
            "seed": 1,
            "step": 1e-3,
        },
        {
            "model": Kind(),
            "inputs": Array(ranks=(2, 3), fixed=(1,)),
            "seed": SEED,
            "step": Positive(),
        },
    ),
    Call("clipping.global_norm", global_norm, lambda: {"grads": params()}, {"grads": Named()}),
    Call(
        "clipping.clip_by_norm",
        clip_by_norm,
        lambda: {"grads": params(), "max_norm": 1.5},
        {"grads": Named(), "max_norm": Positive()},
    ),
    Call(
        "clipping.clip_by_value",
        clip_by_value,
        lambda: {"grads": params(), "limit": 0.25},
        {"grads": Named(), "limit": Positive()},
    ),
    Call(
        "truncated.truncated_gradients, a sequence",
        truncated_gradients,
        lambda: {
            "model": model("VanillaRNN"),
            "inputs": numbers(T, D),
            "d_outputs": numbers(T, OUT),
            "window": 2,
        },
        {
            "model": Kind(),
            "inputs": Array(says=("d_outputs",), **ONE_OR_MANY),
            "d_outputs": Array(single=True),
            "window": Size(),
        },
    ),
    Call(
        "truncated.truncated_gradients, a batch",
        truncated_gradients,
        lambda: {
            "model": model("VanillaRNN"),
            "inputs": numbers(B, T, D),
            "d_outputs": numbers(B, T, OUT),
            "window": 2,
        },
        {
            "inputs": Array(says=("d_outputs",), **ONE_OR_MANY),
            "d_outputs": Array(single=True),
        },
    ),
    Call(
        "initial.initial_weights",
        initial_weights,
        lambda: {
            "rng": np.random.default_rng(0),
            "shape": (H, H),
            "init": "orthogonal",
            "scale": 0.5,
        },
        {
            "rng": Things(wrong=[("a seed", 0), ("a module", np.random), ("nothing", None)]),
            "shape": Things(
                wrong=[
                    ("a number", 4),
                    ("three lengths", (4, 4, 4)),
                    ("one length", (4,)),
                    ("a text", "44"),
                    ("no row", (0, 4)),
                    ("a fraction", (4.0, 4)),
                    ("not a square", (4, 3)),
                ]
            ),
            "init": Choice(words=INITS),
            "scale": Positive(),
        },
    ),
    Call(
        "starts.untrained",
        lambda **given: untrained(**given).parameters,
        lambda: {
            "start": "orthogonal",
            "gain": 2,
            "input_dim": D,
            "hidden_dim": H,
            "seed": 1,
            "nonlinearity": "relu",
            "dtype": np.float32,
        },
        {
            "start": Choice(words=STARTS),
            "gain": Positive(),
            "input_dim": Size(),
            "hidden_dim": Size(),
            "seed": SEED,
            "nonlinearity": Choice(words=tuple(NONLINEARITIES)),
            "dtype": DType(),
        },
    ),
    Call(
        "logistic.logistic_regression",
        logistic_regression,
        lambda: {
            "inputs": numbers(8, D),
            "classes": below(2, 8),
            "penalty": 2,
            "tolerance": 1e-3,
        },
        {
            "inputs": Array(fixed=(0,), says=("classes",)),
            "classes": Integers(below=2),
            "penalty": Positive(),
            "tolerance": Positive(),
        },
    ),
    Call(
        "logistic.predict",
        predict,
        lambda: {"weights": numbers(D + 1), "inputs": numbers(8, D)},
        {"weights": Array(says=("inputs",)), "inputs": Array(fixed=(1,))},
    ),
    Call(
        "cliff.loss_and_slope",
        loss_and_slope,
        lambda: {"w": numbers(3), "b": 0.5, "h0": 0.5, "steps": 5, "target": 1},
        {
            "w": Array(
                ranks=ANY,
                fixed=(),
                finite=False,
                allows=("rank", "scalar", "True", "empty", "empty list"),
            ),
            "b": Number(),
            "h0": Number(),
            "steps": Size(),
            "target": Number(),
        },
    ),
    Call(
        "cliff.descend",
        descend,
        lambda: {"w": 2, "rate": 0.5, "steps": 3, "max_slope": 1},
        {
            "w": Number(),
            "rate": Positive(),
            "steps": Size(),
            "max_slope": Positive(allows=("infinity",)),
        },
    ),
]
