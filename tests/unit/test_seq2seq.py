"""The encoder and decoder: shapes, what is fed back, gradients, refusals; and the baselines."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from unrolled.data.seasonal import SEASON, seasonal_parts, seasonal_series, windows
from unrolled.drawing_seq2seq import encoder_decoder
from unrolled.forecast import (
    LinearForecast,
    naive,
    over_all_steps,
    rmse_by_step,
    seasonal_naive,
)
from unrolled.models.seq2seq import Seq2Seq

CELLS = ("rnn", "gru", "lstm")
FEEDBACKS = ("prediction", "state")


@pytest.fixture(autouse=True)
def _seeded() -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("feedback", FEEDBACKS)
@pytest.mark.parametrize(("past", "steps"), [(1, 1), (5, 1), (1, 4), (30, 10)])
def test_shapes(cell: str, feedback: str, past: int, steps: int) -> None:
    model = Seq2Seq(3, 4, 2, cell=cell, feedback=feedback)
    assert model(torch.randn(6, past, 3), steps).shape == (6, steps, 2)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("feedback", FEEDBACKS)
def test_asking_for_more_steps_leaves_the_first_as_they_are(cell: str, feedback: str) -> None:
    model, past = Seq2Seq(1, 4, 1, cell=cell, feedback=feedback), torch.randn(2, 5, 1)
    torch.testing.assert_close(model(past, 3), model(past, 7)[:, :3])


@pytest.mark.parametrize("cell", CELLS)
def test_by_hand(cell: str) -> None:
    """Step by step with PyTorch's own cells: fed by itself, and fed the targets."""
    model = Seq2Seq(1, 4, 1, cell=cell)
    past, targets = torch.randn(2, 5, 1), torch.randn(2, 3, 1)
    for told in (False, True):
        _, last = model.encoder(past)
        state = (last[0][0], last[1][0]) if cell == "lstm" else last[0]
        fed, outputs = past[:, -1], []
        for t in range(3):
            state = model.decoder(fed, state)
            outputs.append(model.readout(state[0] if cell == "lstm" else state))
            fed = targets[:, t] if told else outputs[-1]
        found = model(past, 3, targets=targets, forcing=float(told))
        torch.testing.assert_close(found, torch.stack(outputs, dim=1))


def test_the_last_target_is_never_read() -> None:
    """Step n reads target n - 1: shifted by one, so that nothing is given away."""
    model, past, targets = Seq2Seq(1, 4, 1), torch.randn(2, 5, 1), torch.randn(2, 3, 1)
    before = model(past, 3, targets=targets, forcing=1.0)
    for n in range(3):
        other = targets.clone()
        other[:, n] += 1
        after = model(past, 3, targets=other, forcing=1.0)
        torch.testing.assert_close(before[:, : n + 1], after[:, : n + 1])
        assert n == 2 or (before[:, n + 1] != after[:, n + 1]).all()


def test_forcing_by_half_mixes_the_two() -> None:
    model, past, targets = Seq2Seq(1, 4, 1), torch.randn(400, 5, 1), torch.randn(400, 2, 1)
    alone, told, half = (model(past, 2, targets=targets, forcing=p)[:, 1] for p in (0.0, 1.0, 0.5))
    from_told = (half == told).float().mean()
    assert ((half == told) | (half == alone)).all()
    assert 0.4 < from_told < 0.6


def test_targets_alone_change_nothing() -> None:
    model, past = Seq2Seq(1, 4, 1), torch.randn(2, 5, 1)
    torch.testing.assert_close(model(past, 3), model(past, 3, targets=torch.randn(2, 3, 1)))


def test_state_feedback_is_one_matrix() -> None:
    model, past = Seq2Seq(1, 4, 1, feedback="state").double(), torch.randn(2, 5, 1).double()
    decoder, h = model.decoder, model.encode(past)
    assert isinstance(h, torch.Tensor)
    outputs = []
    for _ in range(6):
        both = decoder.weight_hh + decoder.weight_ih
        h = torch.tanh(h @ both.T + decoder.bias_ih + decoder.bias_hh)
        outputs.append(model.readout(h))
    found = model(past, 6)
    torch.testing.assert_close(found, torch.stack(outputs, dim=1), rtol=0, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("feedback", FEEDBACKS)
def test_gradients_reach_everything(cell: str, feedback: str) -> None:
    model, past = Seq2Seq(1, 4, 1, cell=cell, feedback=feedback), torch.randn(2, 5, 1)
    past.requires_grad_()
    model(past, 3)[:, -1].sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
    assert past.grad is not None
    assert (past.grad != 0).all()


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 4, 1), {}, "input_dim: got 0, expected an integer of at least 1"),
        ((1, 0, 1), {}, "hidden_dim: got 0, expected an integer of at least 1"),
        ((1, 4, 0), {}, "output_dim: got 0, expected an integer of at least 1"),
        ((1, 4, 2), {}, "output_dim: got 2, expected at most input_dim, 1"),
        ((1, 4, 1), {"cell": "tanh"}, "cell: got 'tanh', expected one of 'rnn', 'gru', 'lstm'"),
        ((1, 4, 1), {"feedback": "output"}, "feedback: got 'output', expected one of"),
    ],
)
def test_bad_models(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Seq2Seq(*arguments, **options)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("past", "steps", "options", "message"),
    [
        ((5, 1), 3, {}, r"past: got shape \(5, 1\), expected \(B, T, 1\)"),
        ((2, 5, 2), 3, {}, r"past: got shape \(2, 5, 2\), expected \(B, T, 1\)"),
        ((2, 0, 1), 3, {}, r"past: got shape \(2, 0, 1\), expected \(B, T, 1\)"),
        ((2, 5, 1), 0, {}, "steps: got 0, expected an integer of at least 1"),
        ((2, 5, 1), 3, {"forcing": 0.5}, r"targets: got None with forcing 0.5, expected \(2, 3, 1"),
        ((2, 5, 1), 3, {"forcing": 1.5}, "forcing: got 1.5, expected a probability"),
        ((2, 5, 1), 3, {"forcing": float("nan")}, "forcing: got nan, expected a probability"),
        ((2, 5, 1), 3, {"targets": torch.ones(2, 4, 1)}, r"targets: got shape \(2, 4, 1\), exp"),
    ],
)
def test_bad_calls(past: Any, steps: int, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Seq2Seq(1, 4, 1)(torch.ones(past), steps, **options)


@pytest.mark.parametrize("forcing", [True, "half", None])
@pytest.mark.usefixtures("shapes_unchecked")
def test_forcing_is_a_number(forcing: Any) -> None:
    with pytest.raises(TypeError, match="forcing: got"):
        Seq2Seq(1, 4, 1)(torch.ones(2, 5, 1), 3, targets=torch.ones(2, 3, 1), forcing=forcing)


def test_a_deaf_decoder_cannot_be_told() -> None:
    model = Seq2Seq(1, 4, 1, feedback="state")
    with pytest.raises(ValueError, match=r"forcing: got 1\.0, expected 0, because"):
        model(torch.ones(2, 5, 1), 3, targets=torch.ones(2, 3, 1), forcing=1.0)


@pytest.mark.parametrize("feedback", FEEDBACKS)
def test_drawing(feedback: str) -> None:
    fig = encoder_decoder(Seq2Seq(1, 4, 1, feedback=feedback), 3, 2)
    said = [text.get_text() for text in fig.axes[0].texts]
    assert {"$x_{1}$", "$x_{3}$", "$h_{3}$", "$g_{2}$", r"$\hat{y}_{2}$", "encoder, RNN"} <= set(
        said
    )
    assert said.count(r"$\hat{y}_{1}$") == (2 if feedback == "prediction" else 1)
    assert said.count("$g_{1}$") == (1 if feedback == "prediction" else 2)
    fig.canvas.draw()
    plt.close(fig)
    with pytest.raises(ValueError, match="past: got 0"):
        encoder_decoder(Seq2Seq(1, 4, 1), 0, 2)


def test_naive_forecasts() -> None:
    past = np.array([[1.0, 2, 3, 4, 5], [6, 7, 8, 9, 0]])[..., None]
    np.testing.assert_array_equal(naive(past, 2)[..., 0], [[5, 5], [0, 0]])
    np.testing.assert_array_equal(
        seasonal_naive(past, 7, 3)[..., 0], [[3, 4, 5, 3, 4, 5, 3], [8, 9, 0, 8, 9, 0, 8]]
    )
    with pytest.raises(ValueError, match="past: got 5 steps, expected at least 6, a season"):
        seasonal_naive(past, 2, 6)


def test_linear_forecast_finds_a_linear_rule() -> None:
    past = np.random.default_rng(0).normal(size=(50, 4, 1))
    future = np.stack([2 * past[:, 0] - past[:, 3] + 1, past[:, 2]], axis=1)
    linear = LinearForecast(past, future)
    np.testing.assert_allclose(linear(past), future, atol=1e-12)
    expected = [[2, 0], [0, 0], [0, 1], [-1, 0], [1, 0]]
    np.testing.assert_allclose(linear.weights, expected, atol=1e-12)


def test_errors_by_hand() -> None:
    truth = np.zeros((2, 2, 1))
    forecast = np.array([[3.0, 0], [4, 2]])[..., None]
    by_step = rmse_by_step(forecast, truth, unit=0.5)
    np.testing.assert_allclose(by_step, [2 * 12.5**0.5, 2 * 2**0.5])
    np.testing.assert_allclose(over_all_steps(by_step), 2 * (29 / 4) ** 0.5)


@pytest.mark.usefixtures("shapes_unchecked")
def test_errors_need_the_same_shape() -> None:
    with pytest.raises(ValueError, match=r"forecast: got shape \(2, 1, 1\), expected \(2, 2, 1\)"):
        rmse_by_step(np.zeros((2, 1, 1)), np.zeros((2, 2, 1)), unit=1.0)
    with pytest.raises(ValueError, match=r"unit: got 0\.0, expected a positive"):
        rmse_by_step(np.zeros((2, 2, 1)), np.zeros((2, 2, 1)), unit=0.0)


def test_windows_by_hand() -> None:
    past, future = windows(np.arange(12.0).reshape(2, 6), past=2, ahead=1, every=2)
    np.testing.assert_array_equal(past[..., 0], [[0, 1], [2, 3], [6, 7], [8, 9]])
    np.testing.assert_array_equal(future[..., 0], [[2], [4], [8], [10]])
    with pytest.raises(ValueError, match="series: got 6 steps, expected at least 7"):
        windows(np.zeros((2, 6)), past=5, ahead=2)


def test_series() -> None:
    """The first ones do not depend on the count, and the season is there."""
    series = seasonal_series(40, 240, seed=3)
    np.testing.assert_array_equal(series[:5], seasonal_series(5, 240, seed=3))
    assert (seasonal_series(5, 240, seed=4) != series[:5]).all()
    power = np.abs(np.fft.rfft(series, axis=1)).mean(axis=0)
    season = 240 // SEASON
    assert power[season] > 3 * max(power[season - 2], power[season + 2])


def test_no_series_is_in_two_parts() -> None:
    parts = seasonal_parts(5)
    values = [set(part.future.ravel()) for part in parts[:3]]
    assert len(set.union(*values)) == sum(map(len, values))
    np.testing.assert_array_equal(parts.test.past, seasonal_parts(6).test.past)
    assert parts.train.past.shape == (200 * 41, 30, 1)
    assert parts.test.future.shape == (200 * 5, 10, 1)
    everything = np.unique(np.concatenate([parts.train.past, parts.train.future], axis=1))
    np.testing.assert_allclose(parts.deviation, everything.std(), rtol=1e-12)
