"""What of its training text a generated text gets right, counted."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from unrolled import validate_kinds

PARTNER = {")": "(", "]": "[", "}": "{"}
NEAR = 200


@dataclass(frozen=True)
class TextStatistics:
    """Shares between 0 and 1; 0 where there is nothing to count."""

    brackets: float
    """Brackets whose partner, of the right kind and properly nested, is within 200 characters."""
    fours: float
    """Lines indented by more than four spaces whose indentation is a multiple of four."""
    deeper: float
    """Lines after one that ends in a colon which are indented by four more than it."""
    deeper_elsewhere: float
    """The same after lines that end otherwise: how often it happens for no such reason."""
    words: float
    """Words of two letters and more that occur in the training text."""
    keywords: float
    """Words of two letters and more that are keywords of Python."""


def text_statistics(text: str, known_words: frozenset[str]) -> TextStatistics:
    """Return the statistics of a text; `known_words` are those of the training text.

    Raises:
        TypeError: Not a text, or not a set.
    """
    validate_kinds.instance("known_words", known_words, AbstractSet)
    found = words(text)
    return TextStatistics(
        matched_brackets(text),
        counted_indentation(text),
        *deeper_lines(text),
        _share(word in known_words for word in found),
        _share(keyword.iskeyword(word) for word in found),
    )


def words(text: str) -> list[str]:
    """Return the runs of two and more letters, in order."""
    return re.findall(r"[A-Za-z]{2,}", validate_kinds.text("text", text))


def matched_brackets(text: str) -> float:
    """Return the share of brackets that have a partner near enough, by a stack."""
    waiting: list[tuple[str, int]] = []
    total = matched = 0
    for place, character in enumerate(validate_kinds.text("text", text)):
        if character in "([{":
            waiting.append((character, place))
            total += 1
        elif character in PARTNER:
            total += 1
            waiting = [(opened, at) for opened, at in waiting if place - at <= NEAR]
            if waiting and waiting[-1][0] == PARTNER[character]:
                waiting.pop()
                matched += 2
    return matched / max(1, total)


def counted_indentation(text: str) -> float:
    """Return how often an indentation of more than four spaces is a multiple of four."""
    depths = [_depth(line) for line in _lines(text)]
    return _share(depth % 4 == 0 for depth in depths if depth > 4)


def deeper_lines(text: str) -> tuple[float, float]:
    """Return how often a line is indented by four more, after a colon and after other lines."""
    pairs = list(pairwise(_lines(text)))

    def share(colon: bool) -> float:
        chosen = (pair for pair in pairs if pair[0].endswith(":") == colon)
        return _share(_depth(line) == _depth(before) + 4 for before, line in chosen)

    return share(True), share(False)


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / max(1, len(counted))


def _lines(text: str) -> list[str]:
    lines = validate_kinds.text("text", text).splitlines()
    return [line.rstrip() for line in lines if line.strip()]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
