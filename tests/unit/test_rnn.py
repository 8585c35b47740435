"""VanillaRNN: what must hold for any sizes, weights and inputs."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unrolled
from unrolled import VanillaRNN, rnn_simple

NAMES = ["W_xh", "W_hh", "W_hy", "b_h", "b_y"]
Spec = tuple[tuple[int, ...], str, int]
specs = st.tuples(
    st.tuples(*[st.integers(1, 6)] * 5),
    st.sampled_from(["gaussian", "uniform", "orthogonal", "identity"]),
    st.integers(0, 2**32 - 1),
)


def build(spec: Spec) -> dict[str, Any]:
    """A float64 model with non-zero biases, a batch (B, T, D), an h0 (B, H) and a gradient."""
    (B, T, D, H, outs), init, seed = spec
    rng = np.random.default_rng(seed)
    model = VanillaRNN(D, H, outs, init=init, seed=int(rng.integers(100)), dtype=np.float64)
    model.b_h, model.b_y = rng.normal(size=H), rng.normal(size=outs)
    return {
        "model": model,
        "inputs": rng.normal(size=(B, T, D)),
        "h0": rng.normal(size=(B, H)),
        "d_outputs": rng.normal(size=(B, T, outs)),
        "rng": rng,
    }


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


def all_gradients(model: VanillaRNN, d_output: np.ndarray) -> dict[str, np.ndarray]:
    found = model.backward(d_output)
    return found | {"inputs": model.d_inputs, "h0": model.d_h0, "states": model.d_states}


@given(specs)
def test_batch_equals_one_by_one(spec: Spec) -> None:
    case = build(spec)
    model, inputs, h0, d_outputs = (case[k] for k in ("model", "inputs", "h0", "d_outputs"))
    outputs = model.forward(inputs, h0)
    states, together = model.states, all_gradients(model, d_outputs)
    summed = {name: np.zeros_like(together[name]) for name in NAMES}
    for b in range(len(inputs)):
        close(model.forward(inputs[b], h0[b]), outputs[b])
        close(model.states, states[b])
        alone = all_gradients(model, d_outputs[b])
        for name in ("inputs", "h0", "states"):
            close(alone[name], together[name][b])
        for name in NAMES:
            summed[name] += alone[name]
    for name in NAMES:
        close(summed[name], together[name])


@given(specs)
def test_simple_equals_fast(spec: Spec) -> None:
    case = build(spec)
    model = case["model"]
    inputs, h0, d_outputs = (case[k][0] for k in ("inputs", "h0", "d_outputs"))
    outputs, states = rnn_simple.forward(model.parameters, inputs, h0)
    close(model.forward(inputs, h0), outputs)
    close(model.states, states)
    grads = rnn_simple.backward(model.parameters, inputs, states, d_outputs, h0)
    fast = model.backward(d_outputs)
    assert list(grads) == list(fast) == NAMES
    for name in NAMES:
        close(fast[name], grads[name])


@given(specs)
def test_simple_equals_fast_without_h0(spec: Spec) -> None:
    case = build(spec)
    model, inputs, d_outputs = case["model"], case["inputs"][0], case["d_outputs"][0]
    outputs, states = rnn_simple.forward(model.parameters, inputs)
    close(model.forward(inputs), outputs)
    grads = rnn_simple.backward(model.parameters, inputs, states, d_outputs)
    for name, gradient in model.backward(d_outputs).items():
        close(gradient, grads[name])


@given(specs, st.floats(-3, 3), st.floats(-3, 3))
def test_backward_is_linear(spec: Spec, a: float, b: float) -> None:
    case = build(spec)
    model, first = case["model"], case["d_outputs"]
    second = case["rng"].normal(size=first.shape)
    model.forward(case["inputs"], case["h0"])
    one, two = all_gradients(model, first), all_gradients(model, second)
    mixed = all_gradients(model, a * first + b * second)
    for name in mixed:
        close(mixed[name], a * one[name] + b * two[name])


@given(specs, st.integers(1, 5))
def test_two_parts_with_carried_state_equal_the_whole(spec: Spec, cut: int) -> None:
    case = build(spec)
    model, inputs, h0, d_outputs = (case[k] for k in ("model", "inputs", "h0", "d_outputs"))
    inputs = np.concatenate(
        [inputs, case["rng"].normal(size=(len(inputs), cut, inputs.shape[2]))], 1
    )
    d_outputs = np.concatenate([d_outputs] + [d_outputs[:, :1]] * cut, axis=1)
    outputs = model.forward(inputs, h0)
    whole = all_gradients(model, d_outputs)

    first = model.forward(inputs[:, :-cut], h0)
    carried = model.states[:, -1]
    second = model.forward(inputs[:, -cut:], carried)
    close(np.concatenate([first, second], axis=1), outputs)

    # And back: what the second part says about its h0 goes to the last state of the first.
    late = all_gradients(model, d_outputs[:, -cut:])
    model.forward(inputs[:, :-cut], h0)
    early = all_gradients(model, d_outputs[:, :-cut])
    close(late["inputs"], whole["inputs"][:, -cut:])
    close(late["states"], whole["states"][:, -cut:])
    direct = early["states"][:, -1] + late["h0"]
    close(direct, whole["states"][:, -cut - 1])


@given(specs, st.booleans())
def test_last_step_alone_equals_zeros_before_it(spec: Spec, batched: bool) -> None:
    case = build(spec)
    model, inputs, h0, last = case["model"], case["inputs"], case["h0"], case["d_outputs"][:, -1]
    if not batched:
        inputs, h0, last = inputs[0], h0[0], last[0]
    padded = np.zeros_like(model.forward(inputs, h0))
    padded[..., -1, :] = last
    short, full = all_gradients(model, last), all_gradients(model, padded)
    for name in full:
        assert short[name].shape == full[name].shape
        close(short[name], full[name])


@given(specs)
def test_one_h0_for_the_whole_batch(spec: Spec) -> None:
    case = build(spec)
    model, inputs, h0 = case["model"], case["inputs"], case["h0"][0]
    shared = model.forward(inputs, h0)
    gradient = (model.backward(case["d_outputs"]), model.d_h0)[1]
    each = model.forward(inputs, np.tile(h0, (len(inputs), 1)))
    model.backward(case["d_outputs"])
    close(shared, each)
    assert gradient.shape == h0.shape
    close(gradient, model.d_h0.sum(axis=0))


@given(specs)
@settings(max_examples=20)
def test_shapes_and_dtypes(spec: Spec) -> None:
    case = build(spec)
    for dtype in (np.float32, np.float64):
        wide = case["model"]
        model = VanillaRNN(wide.input_dim, wide.hidden_dim, wide.output_dim, dtype=dtype)
        B, T, D = case["inputs"].shape
        H, outs = wide.hidden_dim, wide.output_dim
        for batch in ((), (B,)):
            inputs = case["inputs"].reshape(-1, T, D)[: B if batch else 1].reshape(*batch, T, D)
            outputs = model.forward(inputs)
            grads = all_gradients(model, np.ones((*batch, T, outs)))
            shapes = {"inputs": (*batch, T, D), "h0": (*batch, H), "states": (*batch, T, H)}
            shapes |= {name: getattr(model, name).shape for name in NAMES}
            assert {name: gradient.shape for name, gradient in grads.items()} == shapes
            assert outputs.shape == (*batch, T, outs)
            assert model.states.shape == (*batch, T, H)
            arrays = [outputs, model.states, *grads.values(), *model.parameters.values()]
            assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_float32_and_float64_agree() -> None:
    inputs = np.random.default_rng(1).normal(size=(3, 9, 4))
    narrow, wide = (VanillaRNN(4, 8, 2, seed=5, dtype=d) for d in (np.float32, np.float64))
    np.testing.assert_allclose(narrow.forward(inputs), wide.forward(inputs), atol=1e-5)
    d_output = np.ones((3, 9, 2))
    a, b = narrow.backward(d_output), wide.backward(d_output)
    for name in NAMES:
        np.testing.assert_allclose(a[name], b[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("batch", [(), (3,)])
def test_what_the_caller_holds_never_changes(batch: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    model = VanillaRNN(4, 6, 2, dtype=np.float64)
    outputs = model.forward(rng.normal(size=(*batch, 5, 4)))
    states = model.states
    grads = all_gradients(model, rng.normal(size=outputs.shape))
    held = {"outputs": outputs, "all states": states, **grads}
    before = copy.deepcopy(held)
    for _ in range(3):
        model.backward(model.forward(rng.normal(size=(*batch, 5, 4))))
    for name in held:
        np.testing.assert_array_equal(held[name], before[name], err_msg=name)


def test_caller_may_overwrite_what_it_passed_and_got() -> None:
    rng = np.random.default_rng(1)
    model = VanillaRNN(4, 6, 2, dtype=np.float64)
    inputs, h0, d_output = rng.normal(size=(5, 4)), rng.normal(size=6), rng.normal(size=(5, 2))
    outputs = model.forward(inputs, h0)
    right = model.backward(d_output)
    model.forward(inputs, h0)[:] = np.inf
    inputs[:], h0[:] = np.nan, np.nan
    wrong = model.backward(d_output)
    assert np.isfinite(outputs).all()
    for name in NAMES:
        np.testing.assert_array_equal(wrong[name], right[name])
    with pytest.raises(ValueError, match="read-only"):
        model.states[:] = 0


def test_inputs_are_left_alone() -> None:
    model = VanillaRNN(4, 6, 2, dtype=np.float64)
    inputs, h0, d_output = np.ones((1, 5, 4)), np.ones((1, 6)), np.ones((1, 5, 2))
    for given_ in (inputs, h0, d_output):
        given_.flags.writeable = False
    model.forward(inputs, h0)
    model.backward(d_output)


def test_accepts_lists_integers_and_any_memory_layout() -> None:
    model = VanillaRNN(2, 3, 1, dtype=np.float64)
    plain = model.forward(np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.testing.assert_array_equal(model.forward([[1, 2], [3, 4]]), plain)
    np.testing.assert_array_equal(model.forward(np.array([[1, 3], [2, 4]], np.int8).T), plain)
    batch = np.arange(24.0).reshape(3, 4, 2)
    one = model.forward(batch)
    np.testing.assert_array_equal(model.forward(np.asfortranarray(batch)), one)
    np.testing.assert_array_equal(model.forward(batch[::-1])[::-1], one)


def test_same_seed_same_weights() -> None:
    for init in ("gaussian", "uniform", "orthogonal", "identity"):
        a, b, other = (VanillaRNN(3, 5, 2, init=init, seed=s).parameters for s in (1, 1, 2))
        assert all((a[name] == b[name]).all() for name in NAMES)
        assert not (a["W_xh"] == other["W_xh"]).all()
        assert not a["b_h"].any()
        assert not a["b_y"].any()


@pytest.mark.parametrize("scale", [None, 0.2])
def test_initialisations(scale: float | None) -> None:
    H = 400

    def build(init: str) -> VanillaRNN:
        return VanillaRNN(H, H, H, init=init, scale=scale, dtype=np.float64)

    usual = scale or H**-0.5
    gaussian = build("gaussian")
    for weights in (gaussian.W_xh, gaussian.W_hh, gaussian.W_hy):
        assert weights.std() == pytest.approx(usual, rel=0.02)
        assert np.abs(weights).max() > 3 * usual
    uniform = build("uniform")
    for weights in (uniform.W_xh, uniform.W_hh, uniform.W_hy):
        assert np.abs(weights).max() <= usual
        assert weights.std() == pytest.approx(usual / 3**0.5, rel=0.02)
    gain = scale or 1.0
    np.testing.assert_array_equal(build("identity").W_hh, gain * np.eye(H))
    orthogonal = build("orthogonal")
    np.testing.assert_allclose(orthogonal.W_hh @ orthogonal.W_hh.T, gain**2 * np.eye(H), atol=1e-12)
    assert orthogonal.W_hh.trace() == pytest.approx(0, abs=5)
    for model in (orthogonal, build("identity")):
        for weights in (model.W_xh, model.W_hy):
            assert 0.99 * H**-0.5 < np.abs(weights).max() <= H**-0.5


def test_parameters_are_live() -> None:
    model = VanillaRNN(3, 5, 2)
    for parameter in model.parameters.values():
        parameter -= 1
    assert model.W_xh is model.parameters["W_xh"]
    assert (model.b_y == -1).all()


def test_assigned_parameter_takes_the_models_dtype() -> None:
    model = VanillaRNN(3, 5, 2)
    model.W_hh = 0.5 * np.eye(5)
    assert model.W_hh.dtype == np.float32
    model.backward(model.forward(np.ones((4, 3))))


def test_gradient_descent_lowers_the_loss() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(16, 8, 3))
    target = inputs.cumsum(axis=1)[..., :1] / 4
    model = VanillaRNN(3, 16, 1)
    losses = []
    for _ in range(200):
        error = model.forward(inputs) - target
        losses.append(float(np.mean(error**2)))
        for name, gradient in model.backward(2 * error / error.size).items():
            model.parameters[name] -= 0.2 * gradient
    assert losses[-1] < 0.2 * losses[0]


def test_copies_are_independent() -> None:
    model = VanillaRNN(3, 5, 2)
    model.forward(np.ones((4, 3)))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        twin.W_hh += 1
        assert not (twin.W_hh == model.W_hh).any()
        np.testing.assert_array_equal(twin.states, model.states)


def test_public_names() -> None:
    assert unrolled.__all__ == ["VanillaRNN", "__version__"]
    assert unrolled.__version__ == "0.1.0"
