"""Signs and shapes of what the experiments of the NumPy chapters find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from unrolled import experiments
from unrolled.experiments import denormals
from unrolled.experiments.biting import BIT, BITTEN, THE, sentences
from unrolled.experiments.positions import LAST, PATTERNS, patterns_in_noise
from unrolled.experiments.sentences import average
from unrolled.experiments.unclipped import train
from unrolled.starts import untrained


def test_sentence_order() -> None:
    result = experiments.sentence_order(seeds=(1, 2))
    assert (result.mean_gap < 1e-6).all()
    assert (result.distinct_means > 1).all()
    assert (result.state_distance > 0.1).all()
    np.testing.assert_array_equal(result.without_recurrence, 0)


def test_average_of_words() -> None:
    vectors = {"a": np.array([1, 2], np.float32), "b": np.array([3, 6], np.float32)}
    np.testing.assert_array_equal(average(vectors, ("a", "b")), [2, 4])
    np.testing.assert_array_equal(vectors["a"], [1, 2])


def test_patterns_stand_where_they_should() -> None:
    torch.manual_seed(0)
    x, second = patterns_in_noise(2000, range(3, 4))
    for label in (False, True):
        mean = x[second == label].mean(0)
        expected = torch.zeros(64)
        expected[3:11] = PATTERNS[int(label)]
        np.testing.assert_allclose(mean, expected, atol=0.1)
    x, _ = patterns_in_noise(2000, range(LAST, LAST + 1))
    assert x.shape == (2000, 64)


def test_who_bit_whom_needs_the_order() -> None:
    """Neither the bag of a sentence nor its last word says more than a coin."""
    tokens, tame_bit = sentences(3)
    assert tokens.shape == (36, 5)
    assert len({tuple(sentence) for sentence in tokens.tolist()}) == 36
    bags = [str(sorted(sentence)) for sentence in tokens.tolist()]
    for clue in (bags, tokens[:, -1].tolist(), tokens[:, 1].tolist(), tokens[:, 2].tolist()):
        for one in set(clue):
            assert tame_bit[[other == one for other in clue]].float().mean() == 0.5


def test_who_bit_whom_labels() -> None:
    tokens, tame_bit = sentences(1)  # 3 is tame, 4 is wild
    said = dict(zip(map(tuple, tokens.tolist()), tame_bit.tolist(), strict=True))
    assert said == {
        (THE, 3, BIT, THE, 4): True,
        (THE, 4, BIT, THE, 3): False,
        (THE, 3, BITTEN, THE, 4): False,
        (THE, 4, BITTEN, THE, 3): True,
    }


def test_saturation_falls_with_the_drive() -> None:
    result = experiments.saturation_by_drive(seeds=(0, 1), drives=(0.01, 1.0, 10.0))
    assert (np.diff(result.factor) < 0).all()
    assert (np.diff(result.slope) < 0).all()


def test_slope_is_a_root_mean_square() -> None:
    """One sequence of one unit, whose slopes can be computed by hand."""
    result = experiments.gradient_by_lag(
        seeds=(2,), start="gaussian", gain=2.0, drive=1.5, lags=6, batch=1, hidden_dim=1
    )
    model = untrained("gaussian", gain=2.0, hidden_dim=1, seed=2)
    rng = np.random.default_rng([2, 1])
    model.W_xh = rng.normal(0, 1.5 / 4**0.5, (4, 1))
    model.forward(rng.normal(size=(1, 7, 4)))
    slopes = 1 - model.states[0, :, 0] ** 2
    assert result.slope[0] == pytest.approx(np.sqrt(np.mean(slopes**2)))
    assert result.slope[0] > np.mean(slopes) + 1e-3
    assert result.stretch[0] == pytest.approx(abs(model.W_hh[0, 0]))


def test_drive_is_the_standard_deviation_of_what_comes_in() -> None:
    """With linear units and no recurrence to speak of, the states are what comes in."""
    rng = np.random.default_rng([2, 1])
    W_xh = rng.normal(0, 3.0 / 4**0.5, (4, 500))
    came_in = rng.normal(size=(2000, 4)) @ W_xh
    assert came_in.std() == pytest.approx(3.0, rel=0.05)
    low, high = (
        experiments.gradient_by_lag(seeds=(0,), start="orthogonal", drive=drive, lags=20).slope[0]
        for drive in (0.01, 3.0)
    )
    assert low > 0.99
    assert high < 0.6


def test_tail_of_the_weights_gradient() -> None:
    result = experiments.weight_gradient_shares(seeds=(0, 1), lengths=(30,))
    np.testing.assert_allclose(result.tail[:, 0], 1, rtol=1e-10)  # all steps together
    np.testing.assert_array_equal(result.tail[:, -1], 0)  # the first step multiplies h_0 = 0
    assert (result.tail[:, 20] < 1e-3).all()


def test_training_notices_an_infinite_output() -> None:
    model = untrained("gaussian", input_dim=1, hidden_dim=4, nonlinearity="relu", dtype=np.float32)
    model.W_hh[:], model.W_xh[:], model.W_hy[:] = 1e20, 1e20, 1e20
    run = train(model, np.random.default_rng(0), 0.1, None, 3, (8, 5, 1))
    assert run.survived == 0
    assert run.largest_norm == run.median_norm == 0


def test_loss_along_weight_slopes() -> None:
    """The reported slope is the slope of the reported loss."""
    result = experiments.loss_along_weight(seeds=(0,), gain=1.0, points=2001, reach=0.1)
    estimate = np.gradient(result.loss[0], np.array(result.shifts))
    np.testing.assert_allclose(result.slope[0, 1:-1], estimate[1:-1], rtol=1e-2, atol=1e-5)


def test_clipping_direction() -> None:
    result = experiments.clipping_direction(seeds=(0, 1), fractions=(1.0, 0.01))
    np.testing.assert_allclose(result.cosine_by_norm, 1, rtol=1e-12)
    np.testing.assert_allclose(result.cosine_by_value[:, 0], 1, rtol=1e-12)
    assert (result.cosine_by_value[:, 1] < 0.95).all()


def test_unclipped_training() -> None:
    result = experiments.unclipped_training(
        seeds=(0, 1), gains=(1.0, 3.0), nonlinearity="relu", scale="smoke"
    )
    assert result.survived.shape == result.accuracy.shape == (2, 2, 2)
    assert (result.survived <= result.batches).all()
    assert (result.survived[:, 1, 0] < result.batches).all()  # large ReLU weights break at once
    assert (result.survived[..., 1] == result.batches).all()
    assert ((result.cut_off >= 0) & (result.cut_off <= 1)).all()
    assert (result.largest_norm[:, 1] > result.largest_norm[:, 0]).all()


def test_both_runs_start_alike() -> None:
    """Until the first gradient exceeds the limit, clipping changes nothing at all."""
    options: dict[str, Any] = {"seeds": (0,), "gains": (1.0,), "scale": "smoke"}
    result = experiments.unclipped_training(**options, max_norm=1e9)
    np.testing.assert_array_equal(result.accuracy[..., 0], result.accuracy[..., 1])
    np.testing.assert_array_equal(result.largest_norm[..., 0], result.largest_norm[..., 1])


def test_denormals_come_before_zeros() -> None:
    result = experiments.denormal_lags(seeds=(0, 1), length=300)
    assert not result.denormal[:, :50].any()
    assert (result.denormal.max(axis=1) > 0.5).all()
    assert (result.zero[:, -1] == 1).all()
    assert (result.denormal.argmax(axis=1) < result.zero.argmax(axis=1)).all()


@pytest.mark.parametrize("before", [False, True])
def test_the_mode_of_the_processor_is_left_as_it_was(before: bool) -> None:
    assert torch.set_flush_denormal(before)
    try:
        assert denormals.flushes_denormals() == before
        experiments.denormal_cost(seeds=(0,), length=20, repeats=1)
        assert denormals.flushes_denormals() == before
    finally:
        torch.set_flush_denormal(False)


def test_flushed_denormals_cannot_be_counted() -> None:
    assert torch.set_flush_denormal(True)
    try:
        with pytest.raises(RuntimeError, match="flushes denormal numbers"):
            experiments.denormal_lags(seeds=(0,), length=20)
    finally:
        torch.set_flush_denormal(False)


def test_a_processor_without_the_mode_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "set_flush_denormal", lambda mode: False)
    with pytest.raises(RuntimeError, match="cannot flush denormal"):
        experiments.denormal_cost(seeds=(0,), length=5, repeats=1)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("gradient_by_lag", {"lags": 0}, "lags: got 0, expected an integer of at least 1"),
        ("gradient_by_lag", {"start": "he"}, "start: got 'he', expected one of 'default'"),
        ("gradient_by_lag", {"gain": -1.0}, "gain: got -1.0, expected a positive"),
        ("gradient_by_lag", {"drive": 0.0}, "drive: got 0.0, expected a positive"),
        ("gradient_by_lag", {"nonlinearity": "elu"}, "nonlinearity: got 'elu', expected one of"),
        ("jacobian_norms", {"length": 0}, "length: got 0, expected an integer"),
        ("weight_gradient_shares", {"lengths": (5, 0)}, "lengths: got 0, expected an integer"),
        ("spectrum", {"powers": 0}, "powers: got 0, expected an integer"),
        ("spectrum", {"spectral_radius": -0.5}, "spectral_radius: got -0.5, expected a positive"),
        ("saturation_by_drive", {"drives": (-1.0,)}, "drives: got -1.0, expected a positive"),
        ("input_influence", {"lags": 0}, "lags: got 0, expected an integer"),
        ("input_influence", {"scales": (0.0,)}, "scales: got 0.0, expected a positive"),
        ("memory_capacity", {"lags": 0}, "lags: got 0, expected an integer"),
        ("memory_capacity", {"start": "he"}, "start: got 'he', expected one of"),
        ("memory_capacity", {"input_scale": 0.0}, "input_scale: got 0.0, expected a positive"),
        ("last_trace", {"lags": 0}, "lags: got 0, expected an integer"),
        ("last_trace", {"histories": 0}, "histories: got 0, expected an integer"),
        ("loss_along_weight", {"points": 1}, "points: got 1, expected an integer of at least 2"),
        ("clipping_direction", {"fractions": (0.0,)}, "fractions: got 0.0, expected a positive"),
        ("unclipped_training", {"max_norm": 0.0}, "max_norm: got 0.0, expected a positive"),
        ("denormal_lags", {"length": 0}, "length: got 0, expected an integer"),
        ("denormal_cost", {"repeats": 0}, "repeats: got 0, expected an integer"),
        ("sentence_order", {"embedding_dim": 0}, "embedding_dim: got 0, expected an integer"),
        ("who_bit_whom", {"animals": 1}, "animals: got 1, expected an integer of at least 2"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_arguments_are_named(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(experiments, name)(seeds=(0,), **options)
