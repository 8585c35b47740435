"""A fault that keeps the site from being published, with the place to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong at `path:line`; `detail` holds a traceback or captured output."""

    path: str
    line: int
    message: str
    detail: str = ""
    block: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        name = f" (block {self.block})" if self.block else ""
        text = f"{place}{name}: {self.message}"
        return f"{text}\n\n{_indent(self.detail)}" if self.detail else text


def report(problems: Iterable[Problem]) -> str:
    """Return all problems as one text, in the order of their places."""
    ordered = sorted(problems, key=lambda problem: (problem.path, problem.line))
    count = f"{len(ordered)} problem{'s' if len(ordered) > 1 else ''}"
    return "\n\n".join([f"{count}: nothing was published", *map(str, ordered)])


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())
