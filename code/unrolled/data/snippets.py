"""Lines of Python's own source, labelled: a text task that is on every machine with Python.

The modules are listed by name, so the lines depend on nothing but the version of Python.
"""

from __future__ import annotations

import ast
import io
import re
import sysconfig
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.settings import Scale
from unrolled.settings import scale as chosen_scale

if TYPE_CHECKING:
    from jaxtyping import Shaped

TASKS = {
    "kind": ("assignment", "call", "comment", "docstring"),
    "target": ("name", "attribute", "item", "tuple"),
}
"""What kind of line it is; or, for assignments alone, what is assigned to."""

FILES = {
    "training": "calendar codecs configparser csv difflib functools gettext http/client "
    "json/decoder locale logging/__init__ optparse smtplib socket subprocess trace",
    "choosing": "bisect cProfile imaplib netrc pdb shlex tokenize uuid webbrowser",
    "held-out": "contextlib fileinput ftplib plistlib poplib sched shutil socketserver threading "
    "weakref",
}
"""The files of each part. Rates were tried on the second."""

MODULES: dict[Scale, int | None] = {"smoke": 2, "site": None, "full": None}
"""How many of each part's files are read unless a number is given; all where `None`."""

PAD, UNKNOWN = 0, 1
"""What fills up short lines, and what stands for every word outside the vocabulary."""


class Snippet(NamedTuple):
    """One line, its class (an index into `TASKS[task]`), and the module it comes from."""

    text: str
    label: int
    module: str


class Encoded(NamedTuple):
    """Lines as numbers, padded at the end to a common length."""

    tokens: Shaped[np.ndarray, "N T"]
    lengths: Shaped[np.ndarray, " N"]
    labels: Shaped[np.ndarray, " N"]


def snippets(
    part: str, task: str = "kind", *, limit: int | None = None, scale: Scale | None = None
) -> list[Snippet]:
    """Return the labelled lines of the first `limit` modules of a part.

    By default of all, and of the first two at scale `smoke`.

    Raises:
        TypeError, ValueError: `part`, `task` or `scale` is none of those there are, or
            `limit` is below 1.
        FileNotFoundError: A module is not where this Python keeps its standard library;
            nothing is left out in silence, as all results would then mean something else.
    """
    validate.choice("part", part, tuple(FILES))
    validate.choice("task", task, tuple(TASKS))
    scale = chosen_scale() if scale is None else scale
    validate.choice("scale", scale, tuple(MODULES))
    limit = MODULES[scale] if limit is None else validate.size("limit", limit)
    modules = FILES[part].split()[:limit]
    return [snippet for module in modules for snippet in _module(module, task)]


@cache
def _module(module: str, task: str) -> tuple[Snippet, ...]:
    path = Path(sysconfig.get_path("stdlib"), f"{module}.py")
    if not path.is_file():
        raise FileNotFoundError(
            f"module: no source of {module!r} at {path}, expected a Python whose standard "
            "library is there as .py files"
        )
    return tuple(labelled(path.read_text("utf-8"), task, module=module))


def labelled(source: str, task: str = "kind", *, module: str = "") -> list[Snippet]:
    """Return the lines of a Python source that belong to a class of the task.

    Assignments and calls are statements on one line, as `ast` sees them. Comments are alone on
    their line, as `tokenize` sees them, and lose their `#`; docstrings lose their quotes.
    Indentation goes, and so do lines without a letter.

    Raises:
        SyntaxError: `source` is not Python.
        TypeError, ValueError: Not a text, or there is no such task.
    """
    validate_kinds.text("source", source)
    validate_kinds.text("module", module)
    validate.choice("task", task, tuple(TASKS))
    nodes = list(ast.walk(ast.parse(source)))
    lines = [line.encode() for line in io.StringIO(source)]
    assigned = [n for n in nodes if isinstance(n, ast.Assign)]
    if task == "kind":
        called = [n for n in nodes if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call)]
        statements = _one_line(assigned, lines), _one_line(called, lines)
        classes: Iterable[Iterable[str]] = (*statements, _comments(source), _docstrings(nodes))
    else:
        single = [n for n in assigned if len(n.targets) == 1]
        kinds = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple)
        classes = (
            _one_line([n for n in single if isinstance(n.targets[0], kind)], lines)
            for kind in kinds
        )
    return [
        Snippet(line.strip(), label, module)
        for label, texts in enumerate(classes)
        for line in texts
        if any(map(str.isalpha, line))
    ]


def _one_line(statements: Iterable[ast.stmt], lines: Sequence[bytes]) -> Iterator[str]:
    for node in statements:
        if node.lineno == node.end_lineno:  # columns count bytes
            yield lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()


def _comments(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            yield token.string.lstrip("#")


def _docstrings(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (ast.get_docstring(node) or "").splitlines()


def as_code(text: str) -> str | None:
    """Return the kind of a text that is a line of Python by itself, without a `>>>` before it.

    `None` where it is no Python, or a statement without a class.
    """
    validate_kinds.text("text", text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of prose with a backslash
        try:
            found = labelled(text.removeprefix(">>>").strip())
        except (SyntaxError, ValueError):
            return None
    return TASKS["kind"][found[0].label] if found else None


def words(text: str) -> list[str]:
    """Return the words and the punctuation marks of a line, each mark by itself."""
    return re.findall(r"\w+|[^\w\s]", validate_kinds.text("text", text))


def vocabulary(lines: Iterable[Snippet], size: int = 1000) -> dict[str, int]:
    """Return a number from 2 up for each of the commonest words; 0 and 1 are `PAD`, `UNKNOWN`."""
    validate.size("size", size, least=3)
    lines = _checked("lines", lines)
    counts = Counter(word for line in lines for word in words(line.text))
    common = sorted(counts, key=lambda word: (-counts[word], word))[: size - 2]
    return {word: number for number, word in enumerate(common, start=2)}


def _checked(name: str, lines: Iterable[Snippet]) -> list[Snippet]:
    lines = list(validate_kinds.instance(name, lines, Iterable))
    if not lines:
        raise ValueError(f"{name}: got none, expected at least one snippet")
    return [validate_kinds.instance(name, line, Snippet) for line in lines]


def encode(lines: Sequence[Snippet], vocabulary: dict[str, int], *, length: int = 50) -> Encoded:
    """Return the lines as numbers, padded to `length`; longer ones are cut off there.

    Raises:
        TypeError, ValueError: Not snippets, no vocabulary, `length` below 1, or a line
            without any word.
    """
    validate.size("length", length)
    lines = _checked("lines", lines)
    validate_kinds.instance("vocabulary", vocabulary, dict)
    tokens = np.full((len(lines), length), PAD)
    lengths = np.empty(len(lines), int)
    for row, line in enumerate(lines):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words(line.text)[:length]]
        if not numbers:
            raise ValueError(f"lines: got {line.text!r} without a word, expected one at least")
        tokens[row, : len(numbers)] = numbers
        lengths[row] = len(numbers)
    return Encoded(tokens, lengths, np.array([line.label for line in lines], int))
