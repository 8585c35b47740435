"""Exact bytes, and the shapes and signs of what the experiments of `today` find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from unrolled import experiments


def test_training_memory_is_exact() -> None:
    result = experiments.training_memory(seeds=(1, 2), lengths=(20, 40), width=8)
    for T, (rnn, fused, built) in zip((20, 40), result.saved[0].T, strict=True):
        assert rnn == 4 * (2 * T * 8 + 8)  # inputs, states, and the state before the first
        assert fused == 4 * (4 * T * 8 + T)
        assert built == 4 * (3 * T * 8 + T * T) + T * T
    np.testing.assert_array_equal(result.saved[0], result.saved[1])
    assert (result.gap < 1e-4).all()


def test_smoke_scale_counts_the_same_bytes() -> None:
    site, smoke = (
        experiments.training_memory(seeds=(1,), lengths=(300,), width=8, scale=scale)
        for scale in ("site", "smoke")
    )
    np.testing.assert_array_equal(site.saved, smoke.saved)
    assert 0 < smoke.gap[0, 0] < 1e-4


def test_streaming_work() -> None:
    result = experiments.streaming_work(seeds=(1,), positions=(1, 10, 100))
    rnn, transformer = result.multiplications[0]
    assert len(set(rnn)) == 1
    np.testing.assert_array_equal(np.diff(transformer), 128 * np.array([9, 90]))
    assert rnn[0] == pytest.approx(transformer[0], rel=0.02)
    np.testing.assert_array_equal(result.kept[0, 1], [512, 5120, 51200])
    assert 0.99 < result.parameters[0] / result.parameters[1] <= 1


def test_streaming_speed() -> None:
    result = experiments.streaming_speed(seeds=(1,), positions=(2, 5), repeats=2)
    assert result.seconds.shape == (1, 2, 2, 2)
    result = experiments.streaming_speed(seeds=(1,), positions=(2,), scale="smoke")
    assert (result.seconds > 0).all()


def test_tiny_models_at_smoke_scale() -> None:
    result = experiments.tiny_models(seeds=(1, 2), hidden_dim=20, bits=(8, 2), scale="smoke")
    assert result.rounded.shape == (2, 2)
    assert result.characters == 4 * 511
    assert [model.rnn.hidden_size for model in result.models] == [20, 20]
    eight, two = abs(result.rounded - result.loss[:, None]).T
    assert (eight < two).all()


def test_scan_agreement() -> None:
    result = experiments.scan_agreement(seeds=(1,), length=33, width=2)
    np.testing.assert_array_equal(result.gap[0, 0], 0)
    assert (result.gap < 1e-12).all()
    assert (result.tanh_gap > 0.1).all()
    loop, scan, thrifty = result.multiplications[0]
    assert (loop, scan) == (33 * 2, 33 * 2 * 2 * 6)
    assert loop < thrifty < scan


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("training_memory", {"lengths": (0,)}, "lengths: got 0, expected an integer"),
        ("training_memory", {"width": 0}, "width: got 0, expected an integer"),
        ("streaming_work", {"positions": (0,)}, "positions: got 0, expected an integer"),
        ("streaming_speed", {"repeats": 0}, "repeats: got 0, expected an integer"),
        ("tiny_models", {"hidden_dim": 0}, "hidden_dim: got 0, expected an integer"),
        ("tiny_models", {"bits": (1,), "scale": "smoke"}, "bits: got 1, expected an integer"),
        ("scan_agreement", {"length": 0}, "length: got 0, expected an integer"),
        ("scan_speed", {"repeats": 0}, "repeats: got 0, expected an integer"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_arguments_are_named(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(experiments, name)(seeds=(0,), **options)
