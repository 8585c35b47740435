"""The memory task, and what the experiment on it reports at the smallest scale."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.beginnings import BEGINNINGS, beginning
from unrolled.data.first import FirstNumber
from unrolled.denormals import flushed, flushes_denormals
from unrolled.experiments import sequence_length
from unrolled.experiments.memory import STARTS


def test_labels_tell_of_the_first_number() -> None:
    x, y = next(FirstNumber(5, 1000, 0))
    assert x.shape == (1000, 5, 1)
    assert torch.equal(y, (x[:, 0, 0] > 0).long())
    assert 0.4 < y.double().mean() < 0.6


def test_streams_differ_by_seed_and_length_and_repeat() -> None:
    def first(length: int, seed: int) -> torch.Tensor:
        return next(FirstNumber(length, 4, seed))[0][:, :3]

    assert torch.equal(first(5, 0), first(5, 0))
    assert not torch.equal(first(5, 0), first(5, 1))
    assert not torch.equal(first(5, 0), first(6, 0))


def test_a_stock_is_used_up_before_it_is_used_again() -> None:
    stream = FirstNumber(3, 4, 0, stock=8)
    once = torch.cat([next(stream)[0] for _ in range(2)])
    again = torch.cat([next(stream)[0] for _ in range(2)])
    assert len(torch.unique(once, dim=0)) == 8
    assert torch.equal(torch.unique(once, dim=0), torch.unique(again, dim=0))


@pytest.mark.parametrize("start", BEGINNINGS)
def test_every_beginning_trains(start: str) -> None:
    options = {"seeds": (0, 1), "start": start, "lengths": (4, 6), "hidden_dim": 8}
    result = sequence_length(**options, scale="smoke")  # type: ignore[arg-type]
    again = sequence_length(**options, scale="smoke")  # type: ignore[arg-type]
    for name in ("accuracy", "updates", "factor", "radius"):
        found = getattr(result, name)
        assert found.shape == (2, 2)
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found, getattr(again, name))
    assert (result.factor > 0).all()


def test_the_map_has_every_start() -> None:
    assert tuple(BEGINNINGS) == STARTS


def test_starts_are_what_they_are_called() -> None:
    rnn, _ = beginning("tanh orthogonal", hidden_dim=16)
    W = rnn.get_parameter("weight_hh_l0").detach()
    torch.testing.assert_close(W @ W.T, torch.eye(16), atol=1e-5, rtol=0)
    assert not rnn.get_parameter("bias_ih_l0").any()
    rnn, _ = beginning("relu identity", hidden_dim=16)
    assert torch.equal(rnn.get_parameter("weight_hh_l0").detach(), torch.eye(16))
    rnn, _ = beginning("lstm forget 5", hidden_dim=16)
    both = rnn.get_parameter("bias_ih_l0") + rnn.get_parameter("bias_hh_l0")
    assert (both[16:32] == 5).all()
    assert not (both[:16] == 5).any()


def test_orthogonal_keeps_more_gradient_than_default() -> None:
    options = {"seeds": (0, 1, 2), "lengths": (30,), "steps": 1}
    default = sequence_length(start="tanh", **options).factor  # type: ignore[arg-type]
    orthogonal = sequence_length(start="tanh orthogonal", **options).factor  # type: ignore[arg-type]
    assert (default < 0.75).all()
    assert (orthogonal > 0.9).all()


def test_easy_lengths_stop_early() -> None:
    result = sequence_length(seeds=(0,), lengths=(2,), steps=600)
    assert result.updates[0, 0] < 600
    assert result.accuracy[0, 0] > 0.95


def test_the_mode_of_the_processor_is_restored() -> None:
    with flushed() as can:
        assert flushes_denormals() == can
    assert not flushes_denormals()


@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="name: got 'rnn', expected one of 'tanh'"):
        beginning("rnn")
    with pytest.raises(ValueError, match="stock: got 3, expected 0 or at least one batch of 4"):
        FirstNumber(3, 4, 0, stock=3)
    with pytest.raises(ValueError, match="lengths: got 0"):
        sequence_length(lengths=(0,))
    with pytest.raises(ValueError, match=r"rate: got 0\.0, expected a positive"):
        sequence_length(rate=0.0)
