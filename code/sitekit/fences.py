"""Find the fences of a Markdown page, as strictly as a compiler.

The renderer (pymdownx.superfences) is lenient: an option with a typo is dropped or the
fence printed raw. Here every such fence is a problem with a line number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sitekit.problems import Problem

FENCE = re.compile(r"(?P<prefix>[> \t]*)(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
LANGUAGE = re.compile(r"[ \t]*(?P<language>[\w#.+-]+)(?=[ \t]|$)")
OPTION = re.compile(r"""[ \t]+(?P<key>[a-zA-Z]\w*)(?:=(?P<quote>["'])(?P<value>.*?)(?P=quote))?(?=[ \t]|$)""")  # fmt: skip  # noqa: E501


@dataclass(frozen=True)
class Fence:
    """A fenced code block; `first` and `last` are the lines of its marks, from 1."""

    first: int
    last: int
    prefix: str
    mark: str
    language: str
    options: dict[str, str]
    code: str


def find_fences(text: str, path: str) -> tuple[list[Fence], list[Problem]]:
    """Return all fences of a page, and what is malformed about them."""
    fences: list[Fence] = []
    problems: list[Problem] = []
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        if opening := FENCE.match(line):
            body, last = _body(lines, opening)
            if last is None:
                problems.append(
                    Problem(path, number, "this fence is not closed, or a line in it sticks out")
                )
                continue
            try:
                language, options = _info(opening["info"])
            except ValueError as error:
                problems.append(Problem(path, number, str(error)))
                continue
            code = "\n".join(body)
            fences.append(
                Fence(number, last, opening["prefix"], opening["mark"], language, options, code)
            )
    return fences, problems


def _body(lines: Iterator[tuple[int, str]], opening: re.Match[str]) -> tuple[list[str], int | None]:
    width = len(opening["prefix"].expandtabs(4))
    body: list[str] = []
    for number, line in lines:
        line = line.expandtabs(4) if opening["prefix"] else line
        lead, rest = line[:width], line[width:]
        if lead.strip("> ") or (len(lead) < width and line.strip()):
            return body, None
        if rest.rstrip() == opening["mark"]:
            return body, number
        body.append(rest)
    return body, None


def _info(info: str) -> tuple[str, dict[str, str]]:
    named = LANGUAGE.match(info)
    if not named:
        raise ValueError(f"a fence needs a language, got {info.strip()!r}")
    return named["language"], options_of(info[named.end() :])


def options_of(info: str) -> dict[str, str]:
    """Return the options `key="value"` of a text that holds nothing else.

    Raises:
        ValueError: It holds something else, or an option twice.
    """
    options: dict[str, str] = {}
    position = 0
    while info[position:].strip():
        option = OPTION.match(info, position)
        if not option:
            raise ValueError(f"cannot read the options at {info[position:].strip()!r}")
        if option["key"] in options:
            raise ValueError(f"option {option['key']!r} is given twice")
        options[option["key"]] = option["key"] if option["value"] is None else option["value"]
        position = option.end()
    return options
