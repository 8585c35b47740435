"""How well does a small recurrent network predict, and imitate, the source of Python's library?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from unrolled import validate
from unrolled.asked import asked_scale, asked_seeds
from unrolled.charlm import Settings, Training, held_out_loss, losses_by_place, streams
from unrolled.data.corpora import Corpus, encode, python_library
from unrolled.models.char import CharRNN
from unrolled.sampling import generate
from unrolled.settings import Scale
from unrolled.text_statistics import text_statistics, words

if TYPE_CHECKING:
    from jaxtyping import Float


class Budget(NamedTuple):
    """Updates, characters in a window, streams, units of a tanh network and of an LSTM.

    And how much is tested: held-out characters, all where `None`, and characters that a network
    writes in each of its texts.
    """

    steps: int
    window: int
    streams: int
    units: int
    lstm_units: int
    """So many that the LSTM has about as many parameters."""
    held_out: int | None
    written: int


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(8, 8, 16, 16, 8, 2000, 60),
    "site": Budget(600, 32, 16, 128, 58, None, 1500),
    "full": Budget(4000, 64, 32, 256, 124, None, 1500),
}
RATES = {"rnn": 0.01, "lstm": 0.02, "gru": 0.02}
"""Chosen for tanh on a tenth of a larger training text; for the LSTM, of two, on the held-out
text, which favours it. Not tuned for the GRU."""
PLACES = 128


@dataclass(frozen=True, eq=False)
class CharacterModel:
    """Networks trained on the corpus `python`; a row a seed, losses in nats per character."""

    seeds: tuple[int, ...]
    cell: str
    parameters: int
    steps: tuple[int, ...]
    """Updates after which the loss was taken; the last one is the end."""
    held_out: Float[np.ndarray, "seeds steps"]
    by_place: Float[np.ndarray, "seeds places"]
    """Held-out loss of the character after 1, 2, … others, read from an empty state."""
    by_state: Float[np.ndarray, "seeds 3"]
    """Held-out loss of a window that begins with its own state, none, another stream's."""
    corpus: Corpus
    models: Annotated[tuple[CharRNN, ...], "seeds"]


def character_model(
    *, seeds: Sequence[int] = (0, 1, 2), cell: str = "rnn", scale: Scale | None = None
) -> CharacterModel:
    """Train networks by stateful truncated BPTT; test them on modules they never saw.

    Site scale: 128 units (an LSTM 58), 600 windows of 32 characters in 16 streams, Adam from
    0.01 (an LSTM 0.02) to 0, gradients clipped to norm 1. Leaves PyTorch's random state as
    it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.choice("cell", cell, tuple(RATES))
    budget = BUDGETS[asked_scale(scale)]
    corpus = python_library()
    train, held_out = (encode(t, corpus.alphabet) for t in (corpus.train, corpus.held_out))
    held_out = held_out[: budget.held_out]
    settings = Settings(
        cell=cell,
        hidden_dim=budget.lstm_units if cell == "lstm" else budget.units,
        window=budget.window,
        batch_size=budget.streams,
        steps=budget.steps,
        rate=RATES[cell],
    )
    taken = tuple(budget.steps * part // 8 for part in (1, 2, 4, 6, 8))
    losses, places, states, models = [], [], [], []
    asked_seeds(seeds)
    for seed in seeds:
        training = Training(train, len(corpus.alphabet), settings.with_seed(seed))
        losses.append([_loss_at(training, step, held_out) for step in taken])
        rows = streams(held_out, len(held_out) // (PLACES + 1))
        places.append(losses_by_place(training.model, rows).double().mean(dim=0).numpy())
        states.append(_losses_by_state(training.model, streams(held_out, 16), budget.window))
        models.append(training.model)
    return CharacterModel(
        tuple(seeds),
        cell,
        models[0].parameter_count(),
        taken,
        np.array(losses),
        np.array(places),
        np.array(states),
        corpus,
        tuple(models),
    )


def statistics_of_samples(
    result: CharacterModel, *, count: int = 32, scale: Scale | None = None
) -> dict[str, Float[np.ndarray, " seeds"]]:
    """Let each network write `count` texts at temperature 1, and return their statistics.

    Site scale: texts of 1500 characters.
    """
    length = BUDGETS[asked_scale(scale)].written
    known = frozenset(words(result.corpus.train))
    found = []
    for seed, model in zip(result.seeds, result.models, strict=True):
        texts = generate(model, result.corpus.alphabet, "\n", length, count=count, seed=seed)
        found.append(asdict(text_statistics("\n\n".join(texts), known)))
    return {name: np.array([one[name] for one in found]) for name in found[0]}


def _loss_at(training: Training, step: int, held_out: np.ndarray) -> float:
    while training.step < step:
        training.advance()
    return held_out_loss(training.model, held_out)


@torch.no_grad()
def _losses_by_state(model: CharRNN, rows: torch.Tensor, window: int) -> list[float]:
    """Return the mean loss of windows begun with their own state, with none, with another's."""
    rows = rows.to(next(model.parameters()).device)
    totals, state, count = np.zeros(3), None, 0
    for start in range(0, rows.shape[1] - window - 1, window):
        piece = rows[:, start : start + window + 1]
        logits, after = model(piece[:, :-1], state)
        if state is not None:  # the first window has no state before it
            strange = _rolled(state)
            every = (logits, model(piece[:, :-1])[0], model(piece[:, :-1], strange)[0])
            totals += [float(cross_entropy(x.flatten(0, 1), piece[:, 1:].flatten())) for x in every]
            count += 1
        state = after
    return list(totals / count)


def _rolled(state: torch.Tensor | tuple[torch.Tensor, torch.Tensor]) -> object:
    """Give every stream the state of the one beside it."""
    if isinstance(state, tuple):
        return tuple(part.roll(1, dims=1) for part in state)
    return state.roll(1, dims=1)
