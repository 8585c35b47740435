"""Text in 65 characters: the source of some modules of Python's standard library.

It is on every machine that runs this package. Releases of Python differ in it, but little.
"""

from __future__ import annotations

import importlib.util
import string
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds

if TYPE_CHECKING:
    from jaxtyping import Shaped

ALPHABET = "\n " + string.ascii_lowercase + string.digits + "_.,()[]{}:=+-*/%<>!'\"#@\\&|;"
"""The 65 characters. Capitals become small letters, whatever else there is becomes a space."""

TRAINING = (
    "argparse",
    "calendar",
    "configparser",
    "difflib",
    "fractions",
    "ftplib",
    "imaplib",
    "ipaddress",
    "mailbox",
    "optparse",
    "pickle",
    "random",
    "smtplib",
    "socket",
    "statistics",
    "subprocess",
    "tarfile",
    "threading",
)
HELD_OUT = ("heapq", "textwrap")
"""Whole modules that no training sees."""

_CODES = {character: code for code, character in enumerate(ALPHABET)}


def encode(text: str) -> Shaped[np.ndarray, " T"]:
    """Return the number of each character in `ALPHABET`, (T,) int64.

    Raises:
        TypeError, ValueError: Not a text, or an empty one.
    """
    validate_kinds.text("text", text, least=1)
    space = _CODES[" "]
    return np.array([_CODES.get(character, space) for character in text.lower()], np.int64)


def decode(codes: Sequence[int] | np.ndarray) -> str:
    """Return the text that `encode` made these numbers of.

    Raises:
        TypeError, ValueError: Not integers from 0 to 64, or none.
    """
    codes = validate_kinds.integers("codes", codes, len(ALPHABET), ("T",))
    return "".join(ALPHABET[int(code)] for code in codes)


@cache
def training_text() -> Shaped[np.ndarray, " T"]:
    """Return the modules of `TRAINING`, one after the other, encoded."""
    return _modules(TRAINING)


@cache
def held_out_text() -> Shaped[np.ndarray, " T"]:
    """Return the modules of `HELD_OUT`, encoded."""
    return _modules(HELD_OUT)


def lanes(codes: np.ndarray, length: int) -> Shaped[np.ndarray, "B T"]:
    """Cut a text into pieces of `length`, which can be read side by side; drop the rest.

    Raises:
        TypeError, ValueError: Not integers, or the text is shorter than one piece.
    """
    length = validate.size("length", length)
    codes = validate_kinds.integers("codes", codes, None, ("T",))
    if len(codes) < length:
        raise ValueError(f"codes: got {len(codes)} characters, expected at least {length}")
    return codes[: len(codes) // length * length].reshape(-1, length)


def _modules(names: Sequence[str]) -> np.ndarray:
    return encode("\n".join(_source(name) for name in names))


def _source(name: str) -> str:
    """The text of a module's file, which need not be imported for that."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise FileNotFoundError(
            f"the source of the standard module {name!r} is not on this machine; "
            "expected an installation of Python with its library as .py files"
        )
    return Path(spec.origin).read_text("utf-8")
