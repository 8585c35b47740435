"""Keep a training on disk: written in one step, checked when it is read again."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from unrolled.charlm import Settings, Training
from unrolled.data.corpora import Corpus

FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """A training as it was, and what it belongs to."""

    settings: Settings
    alphabet: str
    text: str
    """SHA-256 of the training text."""
    training: dict[str, Any]

    @property
    def finished(self) -> bool:
        """Whether all the updates of its settings are made."""
        return bool(self.training["step"] >= self.settings.steps)


def fingerprint(corpus: Corpus) -> str:
    """Return the SHA-256 of a corpus's training text."""
    return hashlib.sha256(corpus.train.encode()).hexdigest()


def save(path: Path, training: Training, corpus: Corpus) -> None:
    """Write a checkpoint beside `path` and rename it: a kill leaves the old one, or the new.

    Raises:
        OSError: The folder cannot be written.
    """
    content = {
        "format": FORMAT,
        "settings": asdict(training.settings),
        "alphabet": corpus.alphabet,
        "text": fingerprint(corpus),
        "training": training.state_dict(),
    }
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(content, file)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> Checkpoint:
    """Return the checkpoint at `path`.

    Raises:
        ValueError: It is not there, or not a checkpoint of ours.
    """
    try:
        # weights_only: tensors and plain values, never code, whatever the file holds.
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content["format"] != FORMAT:
            raise ValueError("another format")
        settings = Settings(**content["settings"])
        return Checkpoint(settings, content["alphabet"], content["text"], content["training"])
    except FileNotFoundError:
        raise ValueError(f"checkpoint: there is no file {path}") from None
    except Exception as error:  # what a damaged file raises depends on where the damage is
        raise ValueError(
            f"checkpoint: {path} is not one of ours ({type(error).__name__})"
        ) from error
