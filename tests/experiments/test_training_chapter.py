"""The tasks of the chapter on training, and signs and shapes of what its experiments find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from unrolled import experiments
from unrolled.data.agreement import agreement
from unrolled.data.halves import halves
from unrolled.experiments.halves import parts
from unrolled.logistic import logistic_regression, predict
from unrolled.settings import Scale


def test_halves_is_a_weighted_sum() -> None:
    for length in (2, 7, 30):
        inputs, classes = halves(500, length, generator=torch.Generator().manual_seed(0))
        assert inputs.shape == (500, length, 5)
        half = length // 2
        sums = inputs[:, :half].sum((1, 2)) - inputs[:, half:].sum((1, 2))
        assert torch.equal(classes, (sums > 0).long())
    assert 0.4 < classes.float().mean() < 0.6


def test_agreement_says_nothing_to_a_weighted_sum() -> None:
    inputs, classes = agreement(20000, 6, 4, generator=torch.Generator().manual_seed(0))
    assert inputs.shape == (20000, 6, 1)
    assert set(inputs.unique().tolist()) == {-1.0, 1.0}
    assert torch.equal(classes, (inputs[:, 1, 0] * inputs[:, 5, 0] > 0).long())
    correlation = (inputs[:, :, 0] * (2 * classes[:, None] - 1)).mean(0)
    assert (correlation.abs() < 0.03).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: halves(0, 4), "count: got 0"),
        (lambda: halves(3, 1), "length: got 1, expected an integer of at least 2"),
        (lambda: halves(3, 4, features=0), "features: got 0"),
        (lambda: agreement(0, 4, 1), "count: got 0"),
        (lambda: agreement(3, 4, 0), "lag: got 0"),
        (lambda: agreement(3, 4, 4), "lag: got 4, expected one below the length of 4"),
        (lambda: logistic_regression(np.eye(2), np.array([0, 1]), penalty=0.0), "penalty: got 0"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_logistic_regression_is_at_a_minimum() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    classes = (x @ [1.0, -2.0, 0.0] + 0.5 + rng.logistic(size=200) > 0).astype(np.int64)
    found = logistic_regression(x, classes, penalty=2.0)

    weights = torch.tensor(found, requires_grad=True)
    logits = torch.tensor(x) @ weights[:-1] + weights[-1]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.tensor(classes).double(), reduction="sum"
    )
    (loss + weights[:-1].square().sum()).backward()
    assert weights.grad is not None
    assert weights.grad.abs().max() < 1e-5
    np.testing.assert_array_equal(predict(found, x), (logits > 0).numpy())


def test_separable_data_have_finite_weights() -> None:
    x = np.array([[-1.0], [1.0]])
    assert abs(logistic_regression(x, np.array([0, 1]))).max() < 2


def test_parts_are_those_of_the_scale() -> None:
    sizes: dict[Scale, tuple[int, ...]] = {"smoke": (64, 40, 40), "site": (1600, 400, 400)}
    for scale, counts in sizes.items():
        drawn = parts(3, length=6, scale=scale)
        assert [tuple(inputs.shape) for inputs, _ in drawn] == [(n, 6, 5) for n in counts]
    whole = halves(1600, 6, generator=torch.Generator().manual_seed(1_000_003))
    assert torch.equal(drawn[0][0], whole[0])


def test_halves_training() -> None:
    result = experiments.halves_training(seeds=(1, 2), length=4, scale="smoke")
    assert result.losses.shape == result.norms.shape == (2, 8, 1)
    assert result.right.shape == (2, 8, 2, 40)
    np.testing.assert_allclose(result.accuracy, result.right[:, :, 1].mean(axis=2))
    again = experiments.halves_training(seeds=(2,), length=4, scale="smoke")
    np.testing.assert_array_equal(again.losses[0], result.losses[1])


def test_fewer_epochs_are_the_first_ones() -> None:
    two, one = (
        experiments.halves_training(seeds=(1,), length=4, epochs=n, scale="smoke") for n in (2, 1)
    )
    np.testing.assert_array_equal(two.right[:, :1], one.right)


def test_linear_finds_the_halves() -> None:
    result = experiments.halves_linear(seeds=(1, 2), sizes=((4, 2), (30, 5)), scale="site")
    assert (result.linear[:, 0] > 0.97).all()
    assert (result.linear[:, 1] < result.linear[:, 0]).all()
    assert (abs(result.majority - 0.5) < 0.1).all()


def test_choosing_on_noise_is_pure_optimism() -> None:
    """Epochs that are all coins: what is reported is above one half, and what is true is not."""
    training = experiments.halves_training(seeds=(1, 2), length=4, epochs=1, scale="smoke")
    coins = np.random.default_rng(0).integers(0, 2, (2, 50, 2, 400)).astype(bool)
    object.__setattr__(training, "right", coins)
    result = experiments.epoch_choice(seeds=(1, 2), training=training)
    assert (result.reported > 0.53).all()
    assert (abs(result.honest - 0.5) < 0.03).all()
    with pytest.raises(ValueError, match=r"training: got seeds \(1, 2\), expected \(3,\)"):
        experiments.epoch_choice(seeds=(3,), training=training)
    with pytest.raises(ValueError, match="splits: got 0"):
        experiments.epoch_choice(seeds=(1, 2), splits=0, training=training)


def test_agreement_by_lag() -> None:
    result = experiments.agreement_by_lag(seeds=(1,), lags=(1, 3), length=5, scale="smoke")
    assert result.recurrent.shape == result.dense.shape == (1, 2)
    assert (result.majority >= 0.5).all()
    with pytest.raises(ValueError, match="lags: got 5, expected one below"):
        experiments.agreement_by_lag(seeds=(1,), lags=(5,), length=5, scale="smoke")


@pytest.mark.parametrize("scale", ["smoke", "site"])
def test_only_a_whole_checkpoint_goes_on_exactly(scale: Scale) -> None:
    result = experiments.resumed_training(seeds=(1, 2), scale=scale)
    kept = result.forgotten.index("nothing")
    assert (result.difference[:, kept] == 0).all()
    assert (np.delete(result.difference, kept, axis=1) > 1e-4).all()
    with pytest.raises(ValueError, match="forgotten: got 'weights', expected one of"):
        experiments.resumed_training(seeds=(1,), forgotten=("weights",))


def test_random_state_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    experiments.halves_training(seeds=(1,), length=4, epochs=1, scale="smoke")
    experiments.agreement_by_lag(seeds=(1,), lags=(1,), length=4, scale="smoke")
    experiments.resumed_training(seeds=(1,), forgotten=("all of them",))
    assert torch.equal(torch.rand(2), expected)
