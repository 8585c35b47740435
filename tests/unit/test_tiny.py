"""The small character network: its text, its size, and the models that only count."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from unrolled.data import tiny_text
from unrolled.data.tiny_text import ALPHABET, decode, encode, lanes
from unrolled.tiny import (
    TinyChar,
    count_losses,
    largest_hidden,
    matrices,
    numbers_in,
    with_matrices,
)


def test_sixty_five_characters() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 65
    assert decode(encode(ALPHABET)) == ALPHABET
    assert decode(encode("Def f(x): ~é")) == "def f(x):   "


def test_texts_are_apart() -> None:
    assert not set(tiny_text.TRAINING) & set(tiny_text.HELD_OUT)
    training, held_out = tiny_text.training_text(), tiny_text.held_out_text()
    assert len(training) > 500_000
    assert len(held_out) > 30_000
    assert training.max() < 65
    assert "def heappush(" in decode(held_out)
    assert "def heappush(" not in decode(training)


def test_lanes() -> None:
    np.testing.assert_array_equal(lanes(np.arange(7), 3), [[0, 1, 2], [3, 4, 5]])
    with pytest.raises(ValueError, match="codes: got 2 characters, expected at least 3"):
        lanes(np.arange(2), 3)
    with pytest.raises(ValueError, match="text: got ''"):
        encode("")


@pytest.mark.parametrize("hidden", [1, 5, 63])
def test_numbers_in(hidden: int) -> None:
    weights = matrices(TinyChar(hidden))
    assert sum(array.size for array in weights.values()) == numbers_in(hidden)


def test_largest_hidden() -> None:
    for hidden in range(1, 40):
        assert largest_hidden(hidden**2, lambda H: H**2) == hidden
        assert largest_hidden(hidden**2 + 1, lambda H: H**2) == hidden
    assert largest_hidden(50_000, lambda H: 4 * numbers_in(H)) == 63
    assert largest_hidden(50_000, numbers_in) == 167
    with pytest.raises(ValueError, match="budget: got 5 bytes, expected at least 10"):
        largest_hidden(5, lambda H: 10 * H)


def test_matrices_there_and_back() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = TinyChar(7)
    codes = torch.arange(65).reshape(5, 13)
    with torch.no_grad():
        again = with_matrices(matrices(model))(codes)
        torch.testing.assert_close(again, model(codes), rtol=0, atol=1e-6)


def test_models_that_count() -> None:
    """A text of one repeated pair: the first character of a pair settles the second."""
    train = np.tile([3, 4], 5000)
    losses = count_losses(train, np.tile([3, 4], (2, 10)))
    assert losses["uniform"] == math.log(65)
    assert losses["single characters"] == pytest.approx(math.log(2), abs=0.02)
    assert losses["pairs"] < 0.02
    assert losses["triples"] < 0.001


def test_counted_probabilities_add_up() -> None:
    rng = np.random.default_rng(0)
    train = rng.integers(65, size=3000)
    for name in ("single characters", "pairs", "triples"):
        every = [count_losses(train, np.array([[5, 6, c]]))[name] for c in range(65)]
        assert np.exp(-np.array(every)).sum() == pytest.approx(1)
