"""Lines of the standard library: their labels, their split, and how they become numbers."""

from __future__ import annotations

import sysconfig
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from unrolled.data.snippets import (
    FILES,
    PAD,
    TASKS,
    UNKNOWN,
    Snippet,
    as_code,
    encode,
    labelled,
    snippets,
    vocabulary,
    words,
)

pytestmark = pytest.mark.usefixtures("shapes_unchecked")

SOURCE = '''\
"""What the module does.

    >>> nothing = here
"""
import os  # not a line of its own

ä = "# no comment"; f(ä)  # trailing
long = (
    1)
## A comment, x = 1.
# ---
class C:
    \'\'\'A class.\'\'\'
    def f(self):
        "not" "a docstring either" if self else "one"
        self.x = g(y=1)
        self.x += 1
        d[k], e = t
        # Last words.
        return print("no")
'''


def test_kinds() -> None:
    found = [(TASKS["kind"][label], text) for text, label, _ in labelled(SOURCE)]
    assert found == [
        ("assignment", 'ä = "# no comment"'),
        ("assignment", "self.x = g(y=1)"),
        ("assignment", "d[k], e = t"),
        ("call", "f(ä)"),
        ("comment", "A comment, x = 1."),
        ("comment", "Last words."),
        ("docstring", "What the module does."),
        ("docstring", ">>> nothing = here"),
        ("docstring", "A class."),
    ]


def test_targets() -> None:
    source = "a = b\na.b = c\na[b] = c\na, b = c\na = b = c\n[a, b] = c\n*a, b = c\nf(a=b)\n"
    found = [(TASKS["target"][label], text) for text, label, _ in labelled(source, "target")]
    assert found == [
        ("name", "a = b"),
        ("attribute", "a.b = c"),
        ("item", "a[b] = c"),
        ("tuple", "a, b = c"),
        ("tuple", "*a, b = c"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x = f(y)", "assignment"),
        (">>> f(x=y)", "call"),
        ("prose is no code", None),
        ("return x", None),
        (r"print('\d')", "call"),
        ("x = 'open", None),
        ("  indented = 1", "assignment"),
        ("null \0 = 1", None),
    ],
)
def test_as_code(text: str, kind: str | None) -> None:
    assert as_code(text) == kind


def test_no_file_is_in_two_parts() -> None:
    parts = {part: files.split() for part, files in FILES.items()}
    for one, other in combinations(parts.values(), 2):
        assert not set(one) & set(other)
    for files in parts.values():
        assert len(set(files)) == len(files)


@pytest.mark.parametrize("task", TASKS)
def test_parts(task: str) -> None:
    lines = {part: snippets(part, task) for part in FILES}
    known = {line.text for line in lines["training"]}
    for part, found in lines.items():
        assert {line.module for line in found} == set(FILES[part].split())
        assert {line.label for line in found} == {0, 1, 2, 3}
        if part != "training":
            assert np.mean([line.text in known for line in found]) < 0.1
    assert len(lines["training"]) > 2000
    assert len(lines["held-out"]) > 800


def test_order_is_fixed_and_the_limit_takes_the_first() -> None:
    first = FILES["training"].split()[0]
    some = snippets("training", limit=1)
    assert {line.module for line in some} == {first}
    assert some == snippets("training")[: len(some)]


def test_a_smaller_scale_reads_fewer_files() -> None:
    assert snippets("held-out", scale="smoke") == snippets("held-out", limit=2)
    assert {line.module for line in snippets("held-out", limit=3, scale="smoke")} == {
        "contextlib",
        "fileinput",
        "ftplib",
    }


def test_a_missing_module_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from unrolled.data import snippets as module

    module._module.cache_clear()
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="module: no source of 'calendar' at"):
        snippets("training")


def test_words() -> None:
    assert words("self.x += f(_y2, 'ä')") == [
        *("self", ".", "x", "+", "=", "f", "(", "_y2", ",", "'", "ä", "'", ")")
    ]


def test_vocabulary() -> None:
    lines = [Snippet("b b a", 0, ""), Snippet("c a b", 1, "")]
    assert vocabulary(lines, 5) == {"b": 2, "a": 3, "c": 4}
    assert vocabulary(lines, 4) == {"b": 2, "a": 3}  # ties by the alphabet, and cut off


def test_encode() -> None:
    lines = [Snippet("a b z a", 2, ""), Snippet("b", 0, "")]
    encoded = encode(lines, {"a": 2, "b": 3}, length=3)
    np.testing.assert_array_equal(encoded.tokens, [[2, 3, UNKNOWN], [3, PAD, PAD]])
    np.testing.assert_array_equal(encoded.lengths, [3, 1])
    np.testing.assert_array_equal(encoded.labels, [2, 0])


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="part: got 'test', expected one of 'training'"):
        snippets("test")
    with pytest.raises(ValueError, match="task: got 'kinds', expected one of 'kind'"):
        snippets("training", "kinds")
    with pytest.raises(ValueError, match="task: got 'x', expected one of"):
        labelled("", "x")
    with pytest.raises(ValueError, match="size: got 2, expected an integer of at least 3"):
        vocabulary([], 2)
    with pytest.raises(ValueError, match="length: got 0, expected an integer of at least 1"):
        encode([], {}, length=0)
    with pytest.raises(ValueError, match="lines: got ' ' without a word"):
        encode([Snippet(" ", 0, "")], {})
