"""Keep a training of a character model on disk, with what it belongs to."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from unrolled import checkpoint, validate, validate_kinds
from unrolled.charlm import Settings, Training
from unrolled.data.corpora import Corpus

KIND = "charlm"


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
    """Return the SHA-256 of a corpus's training text.

    Raises:
        TypeError: Not a `Corpus`.
    """
    validate_kinds.instance("corpus", corpus, Corpus)
    return hashlib.sha256(corpus.train.encode()).hexdigest()


def save(path: Path, training: Training, corpus: Corpus) -> None:
    """Write a checkpoint, whole or not at all.

    Raises:
        CheckpointError: It cannot be written; what was there before still is.
        TypeError: Not a path, a training and a corpus.
    """
    validate_kinds.instance("training", training, Training)
    validate_kinds.instance("corpus", corpus, Corpus)
    content = {
        "settings": asdict(training.settings),
        "alphabet": corpus.alphabet,
        "text": fingerprint(corpus),
        "training": training.state_dict(),
    }
    checkpoint.save(path, KIND, content)


def read(path: Path) -> Checkpoint:
    """Return the checkpoint at `path`.

    Raises:
        ValueError: It is not there, or not a checkpoint of ours.
        TypeError: Not a path.
    """
    try:
        content = checkpoint.load(path, KIND)
    except FileNotFoundError:
        raise ValueError(f"checkpoint: there is no file {path}") from None
    except checkpoint.CheckpointError as error:
        raise ValueError(f"checkpoint: {error}") from error
    try:
        settings = Settings(**content["settings"])
        for name in ("alphabet", "text"):
            validate_kinds.text(name, content[name])
        validate_kinds.instance("training", content["training"], dict)
        validate.size("step", content["training"]["step"], least=0)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"checkpoint: {path} is not one of ours, {error}") from error
    return Checkpoint(settings, content["alphabet"], content["text"], content["training"])
