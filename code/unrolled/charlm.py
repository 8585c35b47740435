"""Train a language model by character: truncated BPTT over parallel streams of one text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from unrolled import validate, validate_kinds, validate_tensor
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
        checked: dict[str, object] = {"cell": validate.choice("cell", self.cell, tuple(CELLS))}
        for name in ("hidden_dim", "window", "batch_size", "steps"):
            checked[name] = validate.size(name, getattr(self, name))
        checked["seed"] = validate_tensor.seed("seed", self.seed)
        for name in ("rate", "max_norm"):
            checked[name] = validate.positive(name, getattr(self, name))
        for name, value in checked.items():  # Python's own numbers, which a checkpoint can hold
            object.__setattr__(self, name, value)

    def with_seed(self, seed: int) -> Settings:
        """Return the same settings with another seed; raises what they do."""
        return replace(self, seed=seed)


class Training:
    """A model, the text it learns from, and how far it has come.

    Args:
        tokens: The training text, (characters,).
        vocab_size: V.
        settings: The same settings and tokens give the same model, bit for bit, on one
            machine with one thread.

    Raises:
        TypeError, ValueError: Not integers below V, or the text is too short for so many streams
            of so long a window.
    """

    def __init__(
        self, tokens: Shaped[np.ndarray, " T"], vocab_size: int, settings: Settings
    ) -> None:
        validate_kinds.instance("settings", settings, Settings)
        self.settings = settings
        vocab_size = validate.size("vocab_size", vocab_size, least=2)
        tokens = validate_kinds.integers("tokens", tokens, vocab_size, ("T",))
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
        """Go on from where `state_dict` was called, with the same settings and text.

        Raises:
            TypeError, ValueError: Not what `state_dict` returned, or with other settings or text;
                this training is of no use afterwards.
        """
        names = ("model", "optimizer", "step", "place", "state")
        validate_kinds.instance("saved", saved, dict)
        if missing := [name for name in names if name not in saved]:
            raise ValueError(f"saved: got {[*saved]}, expected {missing[0]!r} as well")
        step, place = (validate.size("saved", saved[name], least=0) for name in ("step", "place"))
        if place + self.settings.window >= self.streams.shape[1]:
            raise ValueError(f"saved: got place {place}, expected one in {self.streams.shape[1]}")
        try:
            self.model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
        except (RuntimeError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"saved: expected what fits these settings, but {error}") from error
        self.step, self.place, self.state = step, place, saved["state"]


def streams(tokens: Shaped[np.ndarray, " T"], count: int) -> torch.Tensor:
    """Cut a text into `count` consecutive pieces of equal length, one a row: (count, L).

    What is left over at the end, fewer than `count` characters, is dropped.

    Raises:
        TypeError, ValueError: Not integers, or fewer than `count`.
    """
    count = validate.size("count", count)
    tokens = validate_kinds.integers("tokens", tokens, None, ("T",))
    if (length := len(tokens) // count) < 1:
        raise ValueError(f"tokens: got {len(tokens)} characters, expected at least {count}")
    rows = tokens[: count * length].reshape(count, length)
    return torch.from_numpy(np.require(rows, requirements=("C", "W")))


@torch.no_grad()
def losses_by_place(model: CharRNN, rows: torch.Tensor) -> torch.Tensor:
    """Return the loss at every place of some texts but the first, each read from no state.

    Args:
        rows: (B, L) tokens; the result is (B, L - 1), in nats.

    Raises:
        TypeError, ValueError: Not a `CharRNN`, or not integers below V in two columns or more.
    """
    validate_kinds.instance("model", model, CharRNN)
    rows = validate_tensor.tokens("rows", rows, model.vocab_size, ("B", "L"))
    if rows.shape[1] < 2:
        raise ValueError(f"rows: got shape {tuple(rows.shape)}, expected two columns or more")
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
    """Return the mean loss on a text read as a few long rows, in nats per character.

    Raises:
        TypeError, ValueError: Not a `CharRNN`, not a text of two integers below V or more, or no
            row.
    """
    validate_kinds.instance("model", model, CharRNN)
    rows = validate.size("rows", rows)
    tokens = validate_kinds.integers("tokens", tokens, model.vocab_size, ("T",))
    if len(tokens) < 2:
        raise ValueError(f"tokens: got {len(tokens)} characters, expected at least 2")
    rows = max(1, min(rows, len(tokens) // 100))
    return float(losses_by_place(model, streams(tokens, rows)).double().mean())
