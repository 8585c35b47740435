"""Forecasting and copying: what the results mean, at smoke scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from unrolled import experiments
from unrolled.experiments.copying import accuracy, fresh_symbols, shift_register, start_orthogonal
from unrolled.forecast import over_all_steps
from unrolled.models.seq2seq import Seq2Seq


def train(**options: Any) -> Any:
    return experiments.forecast_training(**({"seeds": (0, 1), "scale": "smoke"} | options))


def test_shapes_and_looks() -> None:
    result = train(times=2)
    assert result.updates == (2, 4, 6, 8)
    assert result.validation.shape == (2, 4)
    assert result.by_step.shape == result.told_by_step.shape == (2, 10)
    assert result.forecasts.shape == (2, 1000, 10)


def test_the_first_step_is_told_nothing() -> None:
    result = train()
    np.testing.assert_allclose(result.by_step[:, 0], result.told_by_step[:, 0], rtol=1e-6)
    assert (result.by_step[:, 1:] != result.told_by_step[:, 1:]).all()


def test_a_deaf_decoder_is_never_told() -> None:
    result = train(feedback="state")
    np.testing.assert_array_equal(result.by_step, result.told_by_step)


def test_options_change_the_training() -> None:
    plain = train().by_step
    for options in ({"forcing": 1.0}, {"cell": "gru"}, {"rate": 0.02}, {"feedback": "state"}):
        assert (train(**options).by_step != plain).any()


def test_baselines() -> None:
    result = experiments.forecast_baselines(seeds=(0, 1))
    naive, seasonal, linear = map(
        over_all_steps, (result.naive, result.seasonal_naive, result.linear)
    )
    assert naive[0] == naive[1]  # the test is the same for all seeds
    assert (linear > 1).all()
    assert (linear < np.minimum(naive, seasonal)).all()


@pytest.mark.parametrize("length", [1, 2, 7, 8])
def test_the_register_repeats_what_fits(length: int) -> None:
    assert accuracy(shift_register(length, 8), fresh_symbols(0, length)) == 1


def test_the_register_has_an_end() -> None:
    with pytest.raises(ValueError, match="length: got 9, expected at most hidden_dim, 8"):
        shift_register(9, 8)


def test_copying_at_smoke_scale() -> None:
    result = experiments.copy_task(seeds=(0, 1), lengths=(1, 5), times=2, scale="smoke")
    assert result.updates == 8
    assert result.accuracy.shape == result.majority.shape == (2, 2)
    np.testing.assert_array_equal(result.by_hand, 1)
    assert (result.majority > 1 / 8).all()
    assert (result.majority < 0.2).all()


def test_orthogonal_start() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Seq2Seq(8, 6, 8, feedback="state")
        start_orthogonal(model)
    for matrix in (model.encoder.weight_hh_l0, model.decoder.weight_hh):
        torch.testing.assert_close(matrix @ matrix.T, torch.eye(6))
    assert model.decoder.weight_ih.any()
    assert model.readout.bias.any()


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("forecast_training", {"rate": 0.0}, r"rate: got 0\.0, expected a positive"),
        ("forecast_training", {"times": 0}, "times: got 0, expected an integer of at least 1"),
        (
            "forecast_training",
            {"forcing": 2.0},
            r"forcing: got 2\.0, expected a number from 0 to 1",
        ),
        ("forecast_training", {"cell": "elman"}, "cell: got 'elman', expected one of"),
        ("copy_task", {"lengths": (0,)}, "lengths: got 0, expected an integer of at least 1"),
        ("copy_task", {"times": 0}, "times: got 0, expected an integer of at least 1"),
        ("copy_task", {"start": "he"}, "start: got 'he', expected one of"),
        ("copy_task", {"start": "orthogonal", "cell": "gru"}, "start: got 'orthogonal' with cell"),
    ],
)
def test_bad_arguments_are_named(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(experiments, name)(seeds=(0,), scale="smoke", **options)
