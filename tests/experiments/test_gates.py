"""Signs and shapes of what the experiments of `gates` find, and its drawings."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from unrolled import experiments
from unrolled.drawing_gates import gru_cell, lstm_cell
from unrolled.gru import GRU
from unrolled.lstm import LSTM
from unrolled.parity_gated import cell_gradients


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_highway(cell: str) -> None:
    options: dict[str, Any] = {"seeds": (3, 4), "cell": cell, "lags": 20, "batch": 4}
    result = experiments.gate_highway(**options)
    assert result.total.shape == result.direct.shape == result.share.shape == (2, 3, 21)
    for at_start in (result.total, result.direct, result.share):
        np.testing.assert_allclose(at_start[..., 0], 1)
    assert (np.diff(result.gate) > 0).all()
    assert (np.diff(result.factor(20, "direct")) > 0).all()
    assert (result.share[:, 0, 20] < 0.1).all()
    again = experiments.gate_highway(**options)
    np.testing.assert_array_equal(result.total, again.total)


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_direct_way_alone(kind: type[LSTM | GRU], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no gate reads the state, the direct way is the whole, at every lag."""
    make = kind.__init__

    def deaf(self: Any, *sizes: int, **options: Any) -> None:
        make(self, *sizes, **options)
        self.W_h = np.zeros_like(self.W_h)

    monkeypatch.setattr(kind, "__init__", deaf)
    result = experiments.gate_highway(
        seeds=(0,), cell=kind.__name__.lower(), biases=(0.0,), lags=8, batch=3, hidden_dim=5
    )
    np.testing.assert_allclose(result.share, 1, rtol=1e-12)
    np.testing.assert_allclose(result.total, result.direct, rtol=1e-12)


def test_cell_gradients() -> None:
    """What `backward` says of every c_t, autograd says too, from an LSTM written in PyTorch."""
    model = LSTM(2, 4, seed=1, dtype=np.float64)
    rng = np.random.default_rng(0)
    inputs, d_last = rng.normal(size=(3, 9, 2)), rng.normal(size=(3, 4))
    model.forward(inputs)
    ours = model.backward(d_last)["cells"]
    np.testing.assert_allclose(ours, cell_gradients(model, inputs, d_last), rtol=1e-10)
    cut = cell_gradients(model, inputs, d_last, cut=True)
    np.testing.assert_allclose(cut[:, :-1], cut[:, 1:] * model.gate("f")[:, 1:], rtol=1e-10)
    assert abs(cut - ours).max() > 1e-3


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_witnesses(cell: str) -> None:
    result = experiments.gated_witnesses(seeds=(5,), cell=cell, length=4, hidden_dim=3)
    assert result.outputs[0] < 1e-14
    assert result.autograd[0] < 1e-13
    assert 0 < result.differences[0] < 1e-7


def test_a_wrong_gradient_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = GRU.backward

    def wrong(self: GRU, d_states: Any) -> dict[str, np.ndarray]:
        grads = right(self, d_states)
        return {**grads, "b_n": grads["b_n"] * 1.01}

    monkeypatch.setattr(GRU, "backward", wrong)
    result = experiments.gated_witnesses(seeds=(0,), cell="gru", length=3, hidden_dim=3)
    assert result.autograd[0] > 1e-3
    assert result.differences[0] > 1e-3


def test_drawings_name_every_gate() -> None:
    for draw, letters in ((lstm_cell, "figo"), (gru_cell, "rzn")):
        fig = draw()
        said = {text.get_text() for text in fig.axes[0].texts}
        assert said >= {f"${letter}_t$" for letter in letters} | {"$h_{t-1}$", "$h_t$", "$x_t$"}
        fig.canvas.draw()
        plt.close(fig)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("gate_highway", {"cell": "rnn"}, "cell: got 'rnn', expected one of 'lstm', 'gru'"),
        ("gate_highway", {"lags": 0}, "lags: got 0, expected an integer of at least 1"),
        ("gated_witnesses", {"cell": "LSTM"}, "cell: got 'LSTM', expected one of 'lstm', 'gru'"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_arguments_are_named(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(experiments, name)(seeds=(0,), **options)


def test_factor_of_another_way() -> None:
    result = experiments.gate_highway(seeds=(0,), lags=2, batch=1, hidden_dim=2)
    with pytest.raises(ValueError, match="way: got 'whole', expected one of 'total', 'direct'"):
        result.factor(2, "whole")
