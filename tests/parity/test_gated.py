"""LSTM and GRU against PyTorch in float64, and against finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.gradcheck import finite_differences, relative_error
from unrolled.gru import GRU
from unrolled.lstm import LSTM, sigmoid
from unrolled.parity_gated import gated_gradients, gated_to_torch

KINDS = {"lstm": LSTM, "gru": GRU}


@given(
    kind=st.sampled_from(sorted(KINDS)),
    sizes=st.tuples(*[st.integers(1, 6)] * 4),
    batched=st.booleans(),
    started=st.booleans(),
    last_only=st.booleans(),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=120)
def test_every_gradient(
    kind: str, sizes: tuple[int, ...], batched: bool, started: bool, last_only: bool, seed: int
) -> None:
    B, T, D, H = sizes
    rng = np.random.default_rng(seed)
    batch = (B,) if batched else ()
    model = KINDS[kind](D, H, seed=seed, dtype=np.float64)
    inputs = rng.normal(size=(*batch, T, D))
    names = ("h0", "c0") if kind == "lstm" else ("h0",)
    starts: dict[str, Any] = {name: rng.normal(size=(*batch, H)) for name in names * started}
    d_states = rng.normal(size=(*batch, H) if last_only else (*batch, T, H))

    ours = {"outputs": model.forward(inputs, **starts), **model.backward(d_states)}
    theirs = gated_gradients(model, inputs, d_states, **starts)
    assert set(ours) - set(theirs) <= {"cells"}
    for name, expected in theirs.items():
        assert ours[name].shape == expected.shape, name
        np.testing.assert_allclose(ours[name], expected, rtol=1e-10, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_finite_differences(kind: str) -> None:
    """The second witness, for each parameter, the inputs, and the start."""
    model = KINDS[kind](3, 5, seed=1, dtype=np.float64)
    rng = np.random.default_rng(0)
    inputs, weights = rng.normal(size=(2, 6, 3)), rng.normal(size=(2, 6, 5))
    start = {"h0": rng.normal(size=(2, 5))}

    def loss(name: str, array: np.ndarray) -> float:
        if name in model.parameters:
            before = model.parameters[name].copy()
            setattr(model, name, array)
        value = np.sum(
            weights
            * model.forward(
                array if name == "inputs" else inputs,
                **{"h0": array if name == "h0" else start["h0"]},
            )
        )
        if name in model.parameters:
            setattr(model, name, before)
        return float(value)

    model.forward(inputs, **start)
    grads = model.backward(weights)
    points = {**model.parameters, "inputs": inputs, **start}
    for name, point in points.items():
        estimate = finite_differences(lambda a, name=name: loss(name, a), point)  # type: ignore[misc]
        assert relative_error(grads[name], estimate) < 1e-7, name


def test_from_cell_to_cell_only_the_forget_gate() -> None:
    """∂c_t/∂c_{t-1} is f_t, when nothing else listens to the cells between."""
    model = LSTM(2, 4, seed=0, dtype=np.float64)
    model.W_h = np.zeros((4, 16))  # then h feeds nothing back
    model.forward(np.random.default_rng(0).normal(size=(7, 2)))
    grads = model.backward(np.ones(4))
    f = model.gate("f")
    np.testing.assert_allclose(grads["cells"][:-1], grads["cells"][1:] * f[1:], rtol=1e-12)
    np.testing.assert_allclose(grads["c0"], grads["cells"][0] * f[0], rtol=1e-12)


def test_forget_bias_opens_the_gate() -> None:
    inputs = np.random.default_rng(0).normal(size=(50, 3))
    plain, kept = LSTM(3, 16, seed=2), LSTM(3, 16, seed=2, forget_bias=5.0)
    plain.forward(inputs)
    kept.forward(inputs)
    assert 0.3 < plain.gate("f").mean() < 0.7
    assert kept.gate("f").mean() > 0.97
    np.testing.assert_array_equal(plain.W_h, kept.W_h)


OPTION = {"lstm": "forget_bias", "gru": "update_bias"}


@pytest.mark.parametrize("kind", KINDS)
def test_weights_begin_as_in_pytorch(kind: str) -> None:
    """U(±1/√H), and the sum of two such draws where one bias stands for two."""
    H = 64
    model, width = KINDS[kind](30, H, seed=5), H**-0.5
    twice = {"lstm": 4 * H, "gru": 2 * H}[kind]
    single = [model.W_x, model.W_h, *([model.b[twice:], model.b_n] if kind == "gru" else [])]
    for array in single:
        assert 0.9 * width < abs(array).max() <= width * (1 + 1e-6)
        assert array.std() == pytest.approx(width / 3**0.5, rel=0.2)
        assert abs(array.mean()) < 0.2 * width
    both = model.b[:twice]
    assert 1.2 * width < abs(both).max() <= 2 * width
    assert both.std() == pytest.approx(width * (2 / 3) ** 0.5, rel=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_an_option_is_added_to_the_bias_of_one_gate(kind: str) -> None:
    H = 8
    plain, moved = (KINDS[kind](3, H, **{OPTION[kind]: value}) for value in (0.0, 2.0))
    change = np.zeros_like(plain.b)
    change[H : 2 * H] = 2
    np.testing.assert_allclose(moved.b - plain.b, change, atol=1e-6)
    first = KINDS[kind](3, H, seed=0)
    for name, array in KINDS[kind](3, H).parameters.items():
        np.testing.assert_array_equal(array, first.parameters[name])
        np.testing.assert_array_equal(array, plain.parameters[name])


def test_update_bias_keeps_the_state() -> None:
    model = GRU(3, 16, seed=2, update_bias=5.0)
    model.forward(np.random.default_rng(0).normal(size=(50, 3)))
    assert model.gate("z").mean() > 0.97


def test_gates_go_by_their_names() -> None:
    """One step from zero states, in which the biases alone say how far each gate is open."""
    open_by = np.array([-1.0, 0.5, 2.0, 3.0])
    lstm, gru = LSTM(1, 1, dtype=np.float64), GRU(1, 1, dtype=np.float64)
    for model, count in ((lstm, 4), (gru, 3)):
        with pytest.raises(RuntimeError, match=r"^gate: nothing there yet.*of forward\(inputs\) b"):
            model.gate("nonsense")
        model.W_x = np.zeros((1, count))
        model.W_h = np.zeros((1, count))
    with pytest.raises(RuntimeError, match=r"^cells: nothing there yet.*of forward\(inputs\) b"):
        lstm.cells  # noqa: B018
    lstm.b = open_by
    lstm.forward(np.zeros((1, 1)))
    opened = 1 / (1 + np.exp(-open_by))
    for gate, value in {"i": opened[0], "f": opened[1], "g": np.tanh(2.0), "o": opened[3]}.items():
        np.testing.assert_allclose(lstm.gate(gate), [[value]], rtol=1e-12)
    gru.b = open_by[:3]
    gru.b_n = np.zeros(1)
    gru.forward(np.zeros((1, 1)))
    for gate, value in {"r": opened[0], "z": opened[1], "n": np.tanh(2.0)}.items():
        np.testing.assert_allclose(gru.gate(gate), [[value]], rtol=1e-12)
    for model, names in ((lstm, "'i', 'f', 'g', 'o'"), (gru, "'r', 'z', 'n'")):
        with pytest.raises(ValueError, match=f"^name: got 'x', expected one of {names}$"):
            model.gate("x")


@pytest.mark.parametrize(("kind", "ratio"), [("lstm", 4), ("gru", 3)])
def test_parameters_are_a_multiple_of_the_plain_cell(kind: str, ratio: int) -> None:
    model = KINDS[kind](10, 32)
    plain = 10 * 32 + 32 * 32
    assert model.W_x.size + model.W_h.size == ratio * plain
    theirs = sum(p.numel() for p in gated_to_torch(model).parameters())
    assert theirs == ratio * (plain + 2 * 32)


def test_sigmoid_does_not_overflow() -> None:
    np.testing.assert_allclose(sigmoid(np.array([-1e4, 0.0, 1e4])), [0, 0.5, 1])


def test_both_dtypes() -> None:
    inputs = np.random.default_rng(0).normal(size=(2, 9, 3))
    for kind in KINDS.values():
        single, double = (kind(3, 8, seed=1, dtype=t) for t in (np.float32, np.float64))
        assert single.forward(inputs).dtype == np.float32
        np.testing.assert_allclose(single.forward(inputs), double.forward(inputs), atol=1e-5)
        assert single.gate("z" if kind is GRU else "f").dtype == np.float32
        for name, gradient in single.backward(np.ones((2, 9, 8))).items():
            assert gradient.dtype == np.float32, name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"input_dim": 0}, ValueError, "input_dim: got 0, expected an integer of at least 1"),
        ({"hidden_dim": 2.5}, TypeError, "hidden_dim: got 2.5"),
        ({"dtype": "int32"}, TypeError, "dtype: got 'int32'"),
        ({"seed": -1}, ValueError, "seed: got -1"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_arguments(kind: str, options: dict[str, Any], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        KINDS[kind](**{"input_dim": 3, "hidden_dim": 4, **options})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_inputs(kind: str) -> None:
    model = KINDS[kind](3, 4)
    with pytest.raises(RuntimeError, match=r"backward: nothing there yet, expected a call of forw"):
        model.backward(np.ones(4))
    with pytest.raises(ValueError, match=r"got shape \(5, 2\), expected \(T, 3\) or \(B, T, 3\)$"):
        model.forward(np.ones((5, 2)))
    with pytest.raises(ValueError, match="h0: got shape"):
        model.forward(np.ones((5, 3)), h0=np.ones(3))
    model.forward(np.ones((5, 3)))
    with pytest.raises(ValueError, match="d_states: got shape"):
        model.backward(np.ones(3))
    with pytest.raises(ValueError, match="W_h: got shape"):
        model.W_h = np.ones((4, 5))
    with pytest.raises(ValueError, match="name: got 'q'"):
        model.gate("q")
    option = "forget_bias" if kind == "lstm" else "update_bias"
    with pytest.raises(ValueError, match=f"{option}: got nan, expected a finite number"):
        KINDS[kind](3, 4, **{option: float("nan")})
    with pytest.raises(TypeError, match=f"{option}: got 'a', expected a number"):
        KINDS[kind](3, 4, **{option: "a"})
