"""Texts to learn from: Python's own library, tiny Shakespeare, or any file."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.abc import InspectLoader
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate_kinds
from unrolled.data.download import fetch
from unrolled.settings import data_dir

if TYPE_CHECKING:
    from jaxtyping import Shaped

# fmt: off
TRAIN_MODULES = (
    "bdb", "bisect", "calendar", "cmd", "configparser", "contextlib", "copy", "csv",
    "dataclasses", "filecmp", "fileinput", "fnmatch", "getpass", "glob", "graphlib", "gzip",
    "linecache", "netrc",
)
# fmt: on
HELD_OUT_MODULES = ("textwrap", "timeit")

SHAKESPEARE_URL = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
)
SHAKESPEARE_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"


@dataclass(frozen=True)
class Corpus:
    """A text in two parts: one to learn from, and one that is only ever tested on."""

    name: str
    train: str
    held_out: str

    @property
    def alphabet(self) -> str:
        """Every character of both parts, sorted: all that training is told of the second."""
        return "".join(sorted({*self.train, *self.held_out}))


def load(name: str) -> Corpus:
    """Return the corpus `"python"` or `"shakespeare"`, or the text file at that path.

    Raises:
        DownloadError: Tiny Shakespeare is not there and cannot be fetched.
        TypeError, ValueError: As `text_file`.
    """
    if isinstance(name, Path):
        return text_file(name)
    if validate_kinds.text("corpus", name) == "python":
        return python_library()
    if name == "shakespeare":
        return shakespeare()
    return text_file(name)


def python_library() -> Corpus:
    """Return the source of a fixed list of modules of this Python's standard library.

    The held-out part is two whole modules. Each version of Python has its own text.

    Raises:
        RuntimeError: This Python came without the sources of its library.
    """
    return Corpus("python", _sources(TRAIN_MODULES), _sources(HELD_OUT_MODULES))


def shakespeare() -> Corpus:
    """Return tiny Shakespeare (1.1 MB), downloaded once into `unrolled.settings.data_dir()`.

    The held-out part is the last tenth.

    Raises:
        DownloadError: It is not there and cannot be fetched.
    """
    path = data_dir() / "tinyshakespeare.txt"
    content = fetch(SHAKESPEARE_URL, path, SHAKESPEARE_SHA256)
    return split("shakespeare", content.decode("utf-8"))


def text_file(path: str | Path) -> Corpus:
    """Return the text of a UTF-8 file; the held-out part is its last tenth.

    Raises:
        TypeError: `path` is neither a text nor a path.
        ValueError: Missing, a folder, unreadable, not UTF-8, empty, or with only one
            character in it; the message says which.
    """
    if not isinstance(path, Path):
        path = Path(validate_kinds.text("corpus", path, least=1))
    if "\0" in str(path):
        raise ValueError(f"corpus: got {str(path)!r}, expected a path, which has no '\\0' in it")
    if path.is_dir():
        raise ValueError(f"corpus: {path} is a folder, expected a text file")
    try:
        # Not read_text: that would turn other line ends into "\n" in silence.
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        known = "'python', 'shakespeare' or the path of a text file"
        raise ValueError(f"corpus: there is no file {path}, expected {known}") from None
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is 0x{error.object[error.start]:02x}"
        raise ValueError(f"corpus: {path} is not UTF-8 text ({where})") from None
    except OSError as error:
        raise ValueError(f"corpus: {path} cannot be read ({error.strerror})") from None
    return split(path.name, text)


def split(name: str, text: str) -> Corpus:
    """Return `text` as a corpus whose held-out part is its last tenth.

    Raises:
        TypeError: Not a text.
        ValueError: Fewer than 20 characters, or the same one over and over.
    """
    validate_kinds.text("name", name)
    if not validate_kinds.text("text", text):
        raise ValueError(f"corpus: {name} is empty")
    if len(set(text)) == 1:
        raise ValueError(f"corpus: {name} has only the character {text[0]!r}, expected a text")
    if len(text) < 20:
        raise ValueError(f"corpus: {name} has {len(text)} characters, expected at least 20")
    cut = len(text) * 9 // 10
    return Corpus(name, text[:cut], text[cut:])


def encode(text: str, alphabet: str) -> Shaped[np.ndarray, " T"]:
    """Return the place of each character in the alphabet, as int64.

    Raises:
        TypeError: Not texts.
        ValueError: A character that is not in the alphabet, or one that is there twice.
    """
    validate_kinds.text("text", text)
    validate_kinds.text("alphabet", alphabet)
    if strange := set(text) - set(alphabet):
        shown = ", ".join(map(repr, sorted(strange)[:5]))
        raise ValueError(f"text: {shown} is not among the {len(alphabet)} characters learned")
    if len(set(alphabet)) < len(alphabet):
        raise ValueError(f"alphabet: got {alphabet!r}, expected each character once")
    place = {character: number for number, character in enumerate(alphabet)}
    return np.fromiter((place[character] for character in text), np.int64, len(text))


def decode(tokens: Shaped[np.ndarray, " T"], alphabet: str) -> str:
    """Return the text that the places in the alphabet spell.

    Raises:
        TypeError, ValueError: Not a text as alphabet, or not integers that are places in it.
    """
    below = len(validate_kinds.text("alphabet", alphabet, least=1))
    tokens = validate_kinds.integers("tokens", tokens, below, ("T",))
    return "".join(alphabet[token] for token in tokens)


def _sources(names: Iterable[str]) -> str:
    return "\n\n".join(map(_source, names))


def _source(name: str) -> str:
    spec = importlib.util.find_spec(name)
    # The loader knows where the source is, be it a file or a member of an archive.
    loader = spec.loader if spec else None
    source = loader.get_source(name) if isinstance(loader, InspectLoader) else None
    if not source:
        raise RuntimeError(f"this Python has no source for its module {name!r}; use a text file")
    return source
