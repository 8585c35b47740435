"""Signs and shapes of what the experiments of the chapter on depth find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from unrolled import experiments, nextchar
from unrolled.denormals import flushed
from unrolled.experiments import denormals
from unrolled.experiments.peeking import known_runs
from unrolled.experiments.recall import summary
from unrolled.stacked import final_states


@torch.no_grad()
def test_three_ways_to_read() -> None:
    rnn = nn.RNN(1, 4, bidirectional=True, batch_first=True)
    output, h_n = rnn(torch.randn(6, 9, 1))
    assert torch.equal(summary(output, h_n, "final"), final_states(h_n))
    assert torch.equal(summary(output, h_n, "last step")[:, :4], h_n[0])
    first = summary(output, h_n, "view")[0]
    assert torch.equal(first, torch.cat([h_n[0, 0], h_n[0, 1]]))  # of two sequences


def test_with_one_direction_all_readings_agree() -> None:
    accuracy = experiments.recall_at(seeds=(0, 1), directions=1, scale="smoke").accuracy
    np.testing.assert_array_equal(accuracy, accuracy[:, :1].repeat(3, axis=1))


def test_a_sequence_of_one_is_solved() -> None:
    """Then the training stops early, and the last step is as good as the final states."""
    result = experiments.recall_at(seeds=(0,), length=1, scale="site")
    assert result.batches[0] < 140
    assert result.accuracy[0, 0] > 0.95
    assert result.accuracy[0, 0] == result.accuracy[0, 1]
    assert result.majority[0] < 0.6


@pytest.mark.parametrize("before", [False, True])
def test_flushing_ends_as_it_began(before: bool) -> None:
    assert torch.set_flush_denormal(before)
    try:
        with flushed():
            assert denormals.flushes_denormals()
        assert denormals.flushes_denormals() == before
    finally:
        torch.set_flush_denormal(False)


def test_the_text_is_split_in_order() -> None:
    text = nextchar.source_text()
    assert len(text.train) > 8 * len(text.held_out)
    said = "".join((text.alphabet + "?")[n] for n in text.train[:2000].tolist())
    assert "command-line parsing library" in said
    assert text.vocabulary == len(text.alphabet) + 1 == len(set(text.alphabet)) + 1
    assert text.train.max() < len(text.alphabet)


def test_noise_is_even_and_held_out_noise_is_other_noise() -> None:
    text = nextchar.noise_text(0)
    shares = torch.bincount(text.train) / len(text.train)
    assert len(shares) == len(text.alphabet)
    assert (abs(shares * len(shares) - 1) < 0.2).all()
    assert not torch.equal(text.train[: len(text.held_out)], text.held_out)
    assert torch.equal(text.train, nextchar.noise_text(0).train)
    assert not torch.equal(text.train, nextchar.noise_text(1).train)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("directions", [1, 2])
def test_fitting_width(layers: int, directions: int) -> None:
    def size(width: int) -> int:
        return nextchar.parameters(nextchar.NextCharacter(66, width, layers, directions))

    width = nextchar.fitting_width(66, layers, directions, 12_000)
    assert all(abs(size(width) - 12_000) <= abs(size(w) - 12_000) for w in (width - 1, width + 1))


def test_what_a_guess_depends_on() -> None:
    """One direction knows the past, two directions know what is to be guessed as well."""
    for directions in (1, 2):
        torch.manual_seed(0)
        model = nextchar.NextCharacter(10, 8, 1, directions)
        text = torch.randint(10, (1, 12))
        other = text.clone()
        other[0, 6] = (text[0, 6] + 1) % 10
        changed = (model(text) != model(other)).any(dim=2)[0]
        assert changed[6:].any()
        assert changed[5].item() == (directions == 2)


def test_losses_compare_with_the_next_character() -> None:
    class Copies(nn.Module):
        def forward(self, characters: torch.Tensor) -> torch.Tensor:
            return 50.0 * torch.nn.functional.one_hot(characters, 10).float()

    same = torch.full((3, nextchar.WINDOW + 1), 7)
    assert (nextchar.losses(Copies(), same) < 1e-6).all()
    same[:, -1] = 6
    loss = nextchar.losses(Copies(), same)
    assert loss.shape == (3, nextchar.WINDOW)
    assert (loss[:, -1] > 40).all()
    assert (loss[:, :-1] < 1e-6).all()


def test_writing_continues_the_prompt() -> None:
    class CountsUp(nn.Module):
        def forward(self, characters: torch.Tensor) -> torch.Tensor:
            return 50.0 * torch.nn.functional.one_hot((characters + 1) % 10, 10).float()

    assert nextchar.write(CountsUp(), torch.tensor([3, 4]), 8).tolist() == [5, 6, 7, 8, 9, 0, 1, 2]


def test_known_runs() -> None:
    text = torch.tensor([1, 2, 3, 4, 5])
    assert known_runs(torch.tensor([1, 2, 3, 4, 5]), text) == 1
    assert known_runs(torch.tensor([9, 1, 2, 3, 4]), text) == 0.5
    assert known_runs(torch.tensor([4, 3, 2, 1]), text) == 0


def test_readers() -> None:
    options: dict[str, Any] = {"seeds": (0, 1), "scale": "smoke"}
    result = experiments.next_character_loss(**options, layers=2, directions=2)
    assert result.loss.shape == (2, nextchar.WINDOW)
    assert abs(result.parameters - 12_000) < 500
    assert all(len(written) == 20 for written in result.written)
    wide = experiments.next_character_loss(**options, hidden_dim=50)
    assert wide.hidden_dim == 50
    noise = experiments.next_character_loss(**options, text="noise")
    assert noise.known.max() < 0.1


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("recall_at", {"place": "end"}, "place: got 'end', expected one of 'first'"),
        ("recall_at", {"reading": "both"}, "reading: got 'both', expected one of 'final'"),
        ("recall_at", {"directions": 3}, "directions: got 3, expected 1 or 2"),
        ("recall_at", {"length": 0}, "length: got 0, expected an integer"),
        ("next_character_loss", {"text": "poem"}, "text: got 'poem', expected one of 'source'"),
        ("next_character_loss", {"layers": 0}, "layers: got 0, expected an integer"),
        ("next_character_loss", {"directions": 0}, "directions: got 0, expected 1 or 2"),
        ("next_character_loss", {"budget": 0}, "budget: got 0, expected an integer"),
        ("next_character_loss", {"hidden_dim": -1}, "hidden_dim: got -1, expected an integer"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_arguments_are_named(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(experiments, name)(seeds=(0,), **options)
