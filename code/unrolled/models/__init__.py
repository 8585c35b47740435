"""The PyTorch models of the chapters, each in a module of its own that loads when it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unrolled.models.char import CharRNN
    from unrolled.models.seq2seq import Seq2Seq
    from unrolled.models.sequence import SequenceClassifier
    from unrolled.models.text import TextClassifier

__all__ = ["CharRNN", "Seq2Seq", "SequenceClassifier", "TextClassifier"]

_MODULES = {
    "CharRNN": "char",
    "Seq2Seq": "seq2seq",
    "SequenceClassifier": "sequence",
    "TextClassifier": "text",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
