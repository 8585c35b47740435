"""How well does a network guess the next character, and does it guess or read it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import torch

from unrolled import nextchar, validate
from unrolled.asked import asked_scale, asked_seeds
from unrolled.settings import Scale, device

if TYPE_CHECKING:
    from jaxtyping import Float

TEXTS = ("source", "noise")
RUN = 4
"""Characters in the runs that are looked up in the text."""


class Budget(NamedTuple):
    """Batches of training, and characters to write."""

    batches: int
    written: int


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(3, 20),
    "site": Budget(120, 300),
    "full": Budget(3000, 4000),
}


@dataclass(frozen=True, eq=False)
class NextCharacterLoss:
    """What a reader of text knows on the held-out part; a row a seed."""

    seeds: tuple[int, ...]
    batches: int
    hidden_dim: int
    parameters: int
    uniform: float
    """The loss of giving every character of the alphabet the same probability, in nats."""
    loss: Float[np.ndarray, "seeds steps"]
    """In nats per character, by the place in the window."""
    written: Annotated[tuple[str, ...], "seeds"]
    """What it wrote when its own characters were its inputs."""
    known: Float[np.ndarray, "seeds 2"]
    """The share of runs of four characters that occur in the text it was trained on:
    of what it wrote, of the held-out part."""


def next_character_loss(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    text: str = "source",
    layers: int = 1,
    directions: int = 1,
    budget: int = 12_000,
    hidden_dim: int | None = None,
    scale: Scale | None = None,
) -> NextCharacterLoss:
    """Train readers of about `budget` parameters to guess each next character of a window.

    The loss of a batch is the mean over all places of its windows, as is usual. Held-out
    windows follow each other without overlap. Leaves PyTorch's random state as it was.

    Args:
        text: "source" is the source of `argparse`, the same for all seeds; "noise" is drawn
            for each seed, evenly and independently, so that nobody can foretell it.
        layers: How many, with a width that keeps to the budget.
        directions: 1 or 2.
        budget: Parameters, embedding and read-out included.
        hidden_dim: A width to use instead, whatever the budget.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.choice("text", text, TEXTS)
    layers, budget = validate.size("layers", layers), validate.size("budget", budget)
    if validate.size("directions", directions, least=0) not in (1, 2):
        raise ValueError(f"directions: got {directions!r}, expected 1 or 2")
    batches, count = BUDGETS[asked_scale(scale)]
    vocabulary = nextchar.source_text().vocabulary
    if hidden_dim is None:
        width = nextchar.fitting_width(vocabulary, layers, directions, budget)
    else:
        width = validate.size("hidden_dim", hidden_dim)
    asked_seeds(seeds)
    loss, known = np.empty((len(seeds), nextchar.WINDOW)), np.empty((len(seeds), 2))
    written = []
    for row, seed in enumerate(seeds):
        chosen = nextchar.source_text() if text == "source" else nextchar.noise_text(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = nextchar.NextCharacter(vocabulary, width, layers, directions).to(device())
            nextchar.train(model, chosen.train.to(device()), batches)
            loss[row] = _held_out(model, chosen.held_out)
            prompt = chosen.held_out[: nextchar.WINDOW]
            wrote = nextchar.write(model.cpu(), prompt, count)
        known[row] = [known_runs(part, chosen.train) for part in (wrote, chosen.held_out)]
        written.append(_as_text(wrote, chosen.alphabet))
    size = nextchar.parameters(model)
    uniform = math.log(len(chosen.alphabet))
    return NextCharacterLoss(
        tuple(seeds), batches, width, size, uniform, loss, tuple(written), known
    )


@torch.no_grad()
def _held_out(model: torch.nn.Module, characters: torch.Tensor) -> np.ndarray:
    """The mean loss at each place of a window."""
    starts = torch.arange(0, len(characters) - nextchar.WINDOW, nextchar.WINDOW)
    window = nextchar.windows(characters, starts).to(device())
    return nextchar.losses(model, window).double().mean(dim=0).cpu().numpy()


def known_runs(written: torch.Tensor, text: torch.Tensor) -> float:
    """Return the share of the runs of four characters in `written` that occur in `text`."""
    digits = torch.tensor([256**place for place in range(RUN)])  # a run as one number
    there, runs = ((part.unfold(0, RUN, 1) * digits).sum(dim=1) for part in (text, written))
    return float(torch.isin(runs, there).double().mean())


def _as_text(numbers: torch.Tensor, alphabet: str) -> str:
    return "".join((alphabet + "\N{REPLACEMENT CHARACTER}")[n] for n in numbers.tolist())
