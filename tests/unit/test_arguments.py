"""Every wrong argument is refused with its name, what came and what was expected."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from unrolled import VanillaRNN, rnn_simple
from unrolled.logistic import logistic_regression, predict
from unrolled.scan import scan
from unrolled.truncated import truncated_gradients

pytestmark = pytest.mark.usefixtures("shapes_unchecked")

D, H, OUTS, T, B = 10, 4, 3, 6, 2


def refuses(error: type[Exception], *parts: str) -> Any:
    """Expect exactly this kind of error, with every part in its message."""

    class Check:
        def __enter__(self) -> None:
            self.raises = pytest.raises(error)
            self.info = self.raises.__enter__()

        def __exit__(self, *exception: Any) -> bool | None:
            caught = self.raises.__exit__(*exception)
            assert self.info.type is error
            message = str(self.info.value)
            assert [part for part in parts if part not in message] == [], message
            return caught

    return Check()


@pytest.mark.parametrize("name", ["input_dim", "hidden_dim", "output_dim"])
@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0, ValueError),
        (-3, ValueError),
        (np.int64(0), ValueError),
        (2.0, TypeError),
        (np.float64(2), TypeError),
        (math.nan, TypeError),
        ("8", TypeError),
        (None, TypeError),
        (True, TypeError),
        (np.True_, TypeError),
        ([3], TypeError),
    ],
)
def test_sizes(name: str, value: object, error: type[Exception]) -> None:
    sizes: dict[str, Any] = {"input_dim": 1, "hidden_dim": 1, "output_dim": 1, name: value}
    with refuses(
        error,
        f"{name}: got {value}" if error is ValueError else f"{name}: got {value!r}",
        "expected an integer of at least 1",
    ):
        VanillaRNN(**sizes)


def test_numpy_integers_are_integers() -> None:
    model = VanillaRNN(np.int64(2), np.uint8(3), np.int32(1), seed=np.int64(4))  # type: ignore[arg-type]
    assert type(model.hidden_dim) is int


@pytest.mark.parametrize(
    ("option", "error", "parts"),
    [
        ({"init": "xavier"}, ValueError, ("init: got 'xavier'", "'gaussian', 'uniform'")),
        ({"init": None}, TypeError, ("init: got None", "'orthogonal', 'identity'")),
        ({"init": 3}, TypeError, ("init: got 3", "expected one of")),
        ({"init": ["uniform"]}, TypeError, ("init: got ['uniform']", "expected one of")),
        ({"scale": 0}, ValueError, ("scale: got 0.0", "positive, finite")),
        ({"scale": -0.1}, ValueError, ("scale: got -0.1", "positive, finite")),
        ({"scale": math.nan}, ValueError, ("scale: got nan", "positive, finite")),
        ({"scale": math.inf}, ValueError, ("scale: got inf", "positive, finite")),
        ({"scale": "0.1"}, TypeError, ("scale: got '0.1'", "positive number")),
        ({"scale": True}, TypeError, ("scale: got True", "positive number")),
        ({"scale": 1j}, TypeError, ("scale: got 1j", "positive number")),
        ({"seed": -1}, ValueError, ("seed: got -1", "integer of at least 0")),
        ({"seed": 1.5}, TypeError, ("seed: got 1.5", "integer of at least 0")),
        ({"seed": None}, TypeError, ("seed: got None", "integer of at least 0")),
        ({"dtype": np.float16}, TypeError, ("dtype: got", "float16", "numpy.float32 or numpy")),
        ({"dtype": int}, TypeError, ("dtype: got", "int", "numpy.float32 or numpy.float64")),
        ({"dtype": complex}, TypeError, ("dtype: got", "complex", "numpy.float32")),
        ({"dtype": None}, TypeError, ("dtype: got None", "numpy.float32")),
        ({"dtype": "nonsense"}, TypeError, ("dtype: got 'nonsense'", "numpy.float32")),
        ({"dtype": torch.float32}, TypeError, ("dtype: got torch.float32", "numpy.float32")),
    ],
)
def test_options(option: dict[str, Any], error: type[Exception], parts: tuple[str, ...]) -> None:
    with refuses(error, *parts):
        VanillaRNN(D, H, OUTS, **option)


WRONG_NUMBERS = [
    ("text", TypeError, "got dtype"),
    (None, TypeError, "got dtype object"),
    ([object()], TypeError, "got dtype object"),
    ([[1.0, 2.0], [3.0]], TypeError, "expected an array of numbers"),
    (np.ones((T, D), complex), TypeError, "got dtype complex128"),
    (np.ones((T, D), object), TypeError, "got dtype object"),
    (np.full((T, D), "1"), TypeError, "got dtype <U1"),
    (np.zeros((T, D), "datetime64[s]"), TypeError, "got dtype datetime64[s]"),
    (torch.ones(T, D, requires_grad=True), TypeError, "requires grad"),
]


@pytest.mark.parametrize(("value", "error", "part"), WRONG_NUMBERS)
def test_not_numbers(value: Any, error: type[Exception], part: str) -> None:
    model = VanillaRNN(D, H, OUTS)
    with refuses(error, "inputs: ", part):
        model.forward(value)
    if value is not None:
        with refuses(error, "h0: ", part):
            model.forward(np.ones((T, D)), value)
    model.forward(np.ones((T, D)))
    with refuses(error, "d_output: ", part):
        model.backward(value)
    with refuses(error, "W_hh: ", part):
        model.W_hh = value


@pytest.mark.parametrize(
    "shape", [(), (D,), (T, D + 1), (T, D - 1), (D, T), (B, T, D + 1), (B, D, T), (1, B, T, D)]
)
def test_shape_of_inputs(shape: tuple[int, ...]) -> None:
    with refuses(ValueError, f"inputs: got shape {shape}, expected (T, {D}) or (B, T, {D})"):
        VanillaRNN(D, H, OUTS).forward(np.ones(shape))


@pytest.mark.parametrize("shape", [(0, D), (B, 0, D), (0, T, D), (0, 0, D), (0,)])
def test_nothing_in_it(shape: tuple[int, ...]) -> None:
    with refuses(ValueError, f"inputs: got shape {shape}, which is empty, expected (T, {D}) or"):
        VanillaRNN(D, H, OUTS).forward(np.ones(shape))


@pytest.mark.parametrize(
    ("inputs", "h0", "expected"),
    [
        ((T, D), (H + 1,), "(4,)"),
        ((T, D), (1, H), "(4,)"),
        ((T, D), (), "(4,)"),
        ((B, T, D), (B + 1, H), "(4,) or (2, 4)"),
        ((B, T, D), (1, H), "(4,) or (2, 4)"),
        ((B, T, D), (1, B, H), "(4,) or (2, 4)"),
        ((B, T, D), (H, B), "(4,) or (2, 4)"),
    ],
)
def test_shape_of_h0(inputs: tuple[int, ...], h0: tuple[int, ...], expected: str) -> None:
    with refuses(ValueError, f"h0: got shape {h0}, expected {expected}"):
        VanillaRNN(D, H, OUTS).forward(np.ones(inputs), np.ones(h0))


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        ((T, D), [(), (T,), (T - 1, OUTS), (T, OUTS + 1), (OUTS, T), (1, T, OUTS), (1, OUTS)]),
        ((1, D), [(), (1,), (2, OUTS), (1, 1, OUTS), (OUTS, 1), (0, OUTS)]),
        ((B, T, D), [(OUTS,), (T, OUTS), (B + 1, OUTS), (B, T, 1), (T, B, OUTS), (B, 1, OUTS)]),
        ((1, 1, D), [(OUTS,), (1, 1, 1), (2, OUTS), (1, 2, OUTS), (1, 1, 1, OUTS)]),
    ],
)
def test_shape_of_d_output(inputs: tuple[int, ...], wrong: list[tuple[int, ...]]) -> None:
    model = VanillaRNN(D, H, OUTS)
    outputs = model.forward(np.ones(inputs)).shape
    last = (*outputs[:-2], OUTS)
    expected = f"expected {outputs} or {last}"
    for shape in wrong:
        with refuses(ValueError, f"d_output: got shape {shape}", expected):
            model.backward(np.ones(shape))
    model.backward(np.ones(outputs))
    model.backward(np.ones(last))


@pytest.mark.parametrize("poison", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_not_finite(poison: float, dtype: Any) -> None:
    model = VanillaRNN(D, H, OUTS, dtype=dtype)
    inputs, h0, d_output = np.ones((T, D)), np.ones(H), np.ones((T, OUTS))
    for name, array in {"inputs": inputs, "h0": h0, "d_output": d_output}.items():
        array.flat[-1] = poison
        with refuses(ValueError, f"{name}: got 1 of {array.size} entries NaN or infinite"):
            model.forward(inputs, h0)
            model.backward(d_output)
        array.flat[-1] = 1
    with refuses(ValueError, "b_h: got 1 of 4 entries NaN or infinite"):
        model.b_h = np.array([0, 0, 0, poison])


def test_too_large_for_float32() -> None:
    inputs = np.full((T, D), 1e300)
    VanillaRNN(D, H, OUTS, dtype=np.float64).forward(inputs)
    with refuses(ValueError, "inputs: got 60 of 60 entries NaN or infinite (as float32)"):
        VanillaRNN(D, H, OUTS).forward(inputs)


@pytest.mark.parametrize("shape", [(H, H + 1), (H,), (1, H, H), ()])
def test_shape_of_a_parameter(shape: tuple[int, ...]) -> None:
    with refuses(ValueError, f"W_hh: got shape {shape}, expected (4, 4)"):
        VanillaRNN(D, H, OUTS).W_hh = np.ones(shape)


def test_backward_before_forward() -> None:
    model = VanillaRNN(D, H, OUTS)
    with refuses(RuntimeError, "backward: ", "expected a call of forward(inputs) before"):
        model.backward(np.ones((T, OUTS)))
    with refuses(RuntimeError, "states: ", "expected a call of forward(inputs) before"):
        _ = model.states


@pytest.mark.parametrize("name", ["d_inputs", "d_h0", "d_states"])
def test_gradients_before_backward(name: str) -> None:
    model = VanillaRNN(D, H, OUTS)
    message = (f"{name}: ", "expected a call of backward(d_output) before")
    with refuses(RuntimeError, *message):
        getattr(model, name)
    model.backward(model.forward(np.ones((T, D))))
    getattr(model, name)
    model.forward(np.ones((T, D)))  # a new forward has no gradients yet
    with refuses(RuntimeError, *message):
        getattr(model, name)


def test_a_refused_call_changes_nothing() -> None:
    model = VanillaRNN(D, H, OUTS)
    outputs = model.forward(np.ones((T, D)))
    before = model.backward(outputs)
    with refuses(ValueError, "inputs"):
        model.forward(np.ones((T, D + 1)))
    with refuses(ValueError, "h0"):
        model.forward(np.zeros((T, D)), np.ones(H + 1))
    after = model.backward(outputs)
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])


def simple() -> dict[str, np.ndarray]:
    shapes = {"W_xh": (3, 4), "W_hh": (4, 4), "W_hy": (4, 2), "b_h": (4,), "b_y": (2,)}
    return {name: np.ones(shape) for name, shape in shapes.items()}


def simple_with(**params: np.ndarray) -> object:
    return rnn_simple.forward(simple() | params, np.ones((5, 3)), np.ones(4))


@pytest.mark.parametrize("name", simple())
def test_each_parameter_of_the_simple_network(name: str) -> None:
    rest = {other: array for other, array in simple().items() if other != name}
    with pytest.raises(ValueError, match=rf"^params: got .*'{name}'"):
        rnn_simple.forward(rest, np.ones((5, 3)), np.ones(4))
    with pytest.raises(ValueError, match=rf"^params\['{name}'\]: got shape \(1, 1, 1\), expected"):
        simple_with(**{name: np.ones((1, 1, 1))})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: rnn_simple.forward(
                simple() | {"W_xh": np.ones(3)}, np.ones((5, 3)), np.ones(4)
            ),
            r"params['W_xh']: got shape (3,), expected (D, H)",
        ),
        (
            lambda: rnn_simple.forward(
                simple() | {"W_hy": np.ones(3)}, np.ones((5, 3)), np.ones(4)
            ),
            r"params['W_hy']: got shape (3,), expected (4, O)",
        ),
        (
            lambda: rnn_simple.forward(simple(), np.ones(3), np.ones(4)),
            "inputs: got shape (3,), expected (T, 3)",
        ),
        (
            lambda: truncated_gradients(VanillaRNN(3, 4, 2), np.ones(3), np.ones((5, 2)), 2),
            "inputs: got shape (3,), expected (T, 3) or (B, T, 3)",
        ),
        (
            lambda: logistic_regression(np.ones(3), np.ones(3, int)),
            "inputs: got shape (3,), expected (B, D)",
        ),
        (
            lambda: predict(np.ones((2, 2)), np.ones((2, 2))),
            "weights: got shape (2, 2), expected (weights,)",
        ),
        (
            lambda: scan(torch.ones(1, 2), torch.ones(1, 2)),
            "decay, x: got shapes (1, 2) and (1, 2), expected (B, T, H) for both, "
            "with nothing empty",
        ),
        (
            lambda: scan(torch.ones(1, 2, 3).double(), torch.ones(1, 2, 3)),
            "decay: got dtype torch.float64, expected that of x, torch.float32",
        ),
    ],
)
def test_a_message_says_which_shape_was_expected(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value) == message
