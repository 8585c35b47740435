"""Train a language model by character: truncated BPTT over parallel streams of one text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from unrolled import validate
from unrolled.models.char import CELLS, CharRNN, State, detached
from unrolled.settings import device

if TYPE_CHECKING:
    from jaxtyping import Shaped


@dataclass(frozen=True)
class Settings:
    """All that decides what a training does to a given text."""

    cell: str = "rnn"
    hidden_dim: int = 256
    window: int = 64
    batch_size: int = 32
    steps: int = 4000
    rate: float = 3e-3
    """Adam's at the first step; it falls in a straight line to 0 after the last."""
    max_norm: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        validate.choice("cell", self.cell, tuple(CELLS))
        for name in ("hidden_dim", "window", "batch_size", "steps"):
            validate.size(name, getattr(self, name))
        validate.size("seed", self.seed, least=0)
        for name in ("rate", "max_norm"):
            validate.positive(name, getattr(self, name))

    def with_seed(self, seed: int) -> Settings:
        """Return the same settings with another seed."""
        return replace(self, seed=seed)


class Training:
    """A model, the text it learns from, and how far it has come.

    Args:
        tokens: The training text, (characters,).
        vocab_size: V.
        settings: The same settings and tokens give the same model, bit for bit, on one
            machine with one thread.

    Raises:
        ValueError: The text is too short for so many streams of so long a window.
    """

    def __init__(
        self, tokens: Shaped[np.ndarray, " T"], vocab_size: int, settings: Settings
    ) -> None:
        self.settings = settings
        self.device = device()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            model = CharRNN(vocab_size, settings.hidden_dim, cell=settings.cell)
        self.model = model.to(self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=settings.rate, fused=True)
        self.streams = streams(tokens, settings.batch_size).to(self.device)  # (B, L)
        if self.streams.shape[1] <= settings.window:
            raise ValueError(
                f"tokens: {len(tokens)} characters in {settings.batch_size} streams leave "
                f"{self.streams.shape[1]} each, expected more than the window, {settings.window}"
            )
        self.step = 0  # updates made
        self.place = 0  # where the next window begins, in every stream
        self.state: State | None = None

    def advance(self) -> float:
        """Learn from the next window of every stream; return its loss, in nats a character."""
        window = self.streams[:, self.place : self.place + self.settings.window + 1]
        logits, state = self.model(window[:, :-1], self.state)  # (B, T, V)
        loss = cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())  # (B·T, V), (B·T,)

        self.optimizer.param_groups[0]["lr"] = self.rate()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self.model.parameters(), self.settings.max_norm)
        self.optimizer.step()

        self.step += 1
        self.place += self.settings.window
        self.state = detached(state)  # the numbers go on, the gradient does not
        if self.place + self.settings.window >= self.streams.shape[1]:
            self.place, self.state = 0, None  # the streams are read: from the top, knowing nothing
        return float(loss.detach())

    def rate(self) -> float:
        """Return the learning rate of the next step."""
        return self.settings.rate * (1 - self.step / self.settings.steps)

    def state_dict(self) -> dict[str, Any]:
        """Return all that a later `load_state_dict` needs to go on as if nothing had happened."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "place": self.place,
            "state": self.state,
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from where `state_dict` was called, with the same settings and text."""
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.place, self.state = saved["step"], saved["place"], saved["state"]


def streams(tokens: Shaped[np.ndarray, " T"], count: int) -> torch.Tensor:
    """Cut a text into `count` consecutive pieces of equal length, one a row: (count, L).

    What is left over at the end, fewer than `count` characters, is dropped.
    """
    length = len(tokens) // count
    return torch.from_numpy(tokens[: count * length].reshape(count, length))


@torch.no_grad()
def losses_by_place(model: CharRNN, rows: torch.Tensor) -> torch.Tensor:
    """Return the loss at every place of some texts but the first, each read from no state.

    Args:
        rows: (B, L) tokens; the result is (B, L - 1), in nats.
    """
    model.eval()
    rows = rows.to(next(model.parameters()).device)
    pieces, state = [], None
    for start in range(0, rows.shape[1] - 1, 256):  # bounds the memory, changes no number
        piece = rows[:, start : start + 257]
        logits, state = model(piece[:, :-1], state)
        loss = cross_entropy(logits.flatten(0, 1), piece[:, 1:].flatten(), reduction="none")
        pieces.append(loss.view(len(rows), -1).cpu())
    model.train()
    return torch.cat(pieces, dim=1)


def held_out_loss(model: CharRNN, tokens: Shaped[np.ndarray, " T"], *, rows: int = 16) -> float:
    """Return the mean loss on a text read as a few long rows, in nats per character."""
    rows = max(1, min(rows, len(tokens) // 100))
    return float(losses_by_place(model, streams(tokens, rows)).double().mean())
