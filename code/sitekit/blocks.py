"""Find the fences of a Markdown page and read their options, strictly.

The renderer (pymdownx.superfences) is lenient: an option with a typo is dropped or the
fence printed raw. Here every such fence is a problem with a line number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sitekit.problems import Problem

EXECUTED = {
    "exec", "id", "source", "title", "hl_lines", "expect", "warns", "volatile", "timeout",
    "quiet", "result",
}  # fmt: skip
DISPLAYED = {"display", "title", "hl_lines"}
HIGHLIGHTED = {"title", "hl_lines", "linenums"}
SOURCES = ("above", "below", "none")
DEFAULT_TIMEOUT = 120.0

FENCE = re.compile(r"(?P<prefix>[> \t]*)(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
LANGUAGE = re.compile(r"[ \t]*(?P<language>[\w#.+-]+)(?=[ \t]|$)")
OPTION = re.compile(r"""[ \t]+(?P<key>[a-zA-Z]\w*)(?:=(?P<quote>["'])(?P<value>.*?)(?P=quote))?(?=[ \t]|$)""")  # fmt: skip  # noqa: E501
IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
EXCEPTION = re.compile(r"[A-Za-z_][\w.]*")
LINES = re.compile(r"\d+(-\d+)?( \d+(-\d+)?)*")
HIDE = "markdown-exec: hide"


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


@dataclass(frozen=True)
class Block:
    """A fence that is executed; `line` is the page's line of the first line of its code."""

    id: str
    code: str
    line: int
    expect: str = ""
    warns: str = ""
    volatile: bool = False
    quiet: bool = False
    timeout: float = DEFAULT_TIMEOUT
    source: str = "above"
    result: str = ""
    shown: dict[str, str] = field(default_factory=dict)

    def identity(self) -> dict[str, object]:
        """Return what can change the block's output, and nothing that cannot."""
        keys = ("id", "code", "expect", "warns", "volatile", "quiet")
        return {key: getattr(self, key) for key in keys}


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


def find_blocks(text: str, path: str) -> tuple[list[Block], list[Problem]]:
    """Return the executed blocks of a page in order, and everything wrong with its fences."""
    fences, problems = find_fences(text, path)
    blocks: list[Block] = []
    for fence in fences:
        try:
            block = _block(fence)
        except ValueError as error:
            problems.append(
                Problem(path, fence.first, str(error), block=fence.options.get("id", ""))
            )
            continue
        if block is None:
            continue
        if any(block.id == other.id for other in blocks):
            problems.append(
                Problem(path, fence.first, f"id {block.id!r} is used twice", "", block.id)
            )
            continue
        blocks.append(block)
    return blocks, problems


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
    options: dict[str, str] = {}
    position = named.end()
    while info[position:].strip():
        option = OPTION.match(info, position)
        if not option:
            raise ValueError(f"cannot read the options at {info[position:].strip()!r}")
        if option["key"] in options:
            raise ValueError(f"option {option['key']!r} is given twice")
        options[option["key"]] = option["key"] if option["value"] is None else option["value"]
        position = option.end()
    return named["language"], options


def _block(fence: Fence) -> Block | None:
    options = fence.options
    python = fence.language in {"python", "py"}
    if not python:
        _only(options, HIGHLIGHTED, f"a {fence.language} fence")
        return None
    if "display" in options:
        _only(options, DISPLAYED, "a display of package source")
        if fence.code.strip():
            raise ValueError("a display of package source has an empty body")
        return None
    if "exec" not in options:
        _only(options, EXECUTED, "a Python fence")
        raise ValueError('a Python fence is either exec="on" or display="module:name"')
    _only(options, EXECUTED, "an executed block")
    if not _switch(options, "exec"):
        raise ValueError('exec: got "off"; a Python fence is executed or a display')
    if not IDENTIFIER.fullmatch(options.get("id", "")):
        raise ValueError(
            f"id: got {options.get('id', '')!r}, expected lower-case words joined by hyphens"
        )
    if not fence.code.strip():
        raise ValueError("the block is empty")
    if HIDE in fence.code:
        raise ValueError("hidden lines are not allowed: readers copy what they see")
    for key in ("expect", "warns"):
        if key in options and not EXCEPTION.fullmatch(options[key]):
            raise ValueError(f"{key}: got {options[key]!r}, expected the name of an exception")
    if "hl_lines" in options and not LINES.fullmatch(options["hl_lines"]):
        raise ValueError(f'hl_lines: got {options["hl_lines"]!r}, expected the like of "2 4-5"')
    return Block(
        id=options["id"],
        code=fence.code.rstrip(),
        line=fence.first + 1,
        expect=options.get("expect", ""),
        warns=options.get("warns", ""),
        volatile=_switch(options, "volatile"),
        quiet=_switch(options, "quiet"),
        timeout=_seconds(options),
        source=_source(options),
        result=options.get("result", ""),
        shown={key: options[key] for key in ("title", "hl_lines") if key in options},
    )


def _only(options: dict[str, str], allowed: set[str], what: str) -> None:
    if unknown := sorted(set(options) - allowed):
        raise ValueError(
            f"unknown option {unknown[0]!r} on {what}; allowed are {', '.join(sorted(allowed))}"
        )


def _switch(options: dict[str, str], key: str) -> bool:
    text = options.get(key, "off")
    if text not in {"on", "off", key}:
        raise ValueError(f'{key}: got {text!r}, expected "on"')
    return text != "off"


def _seconds(options: dict[str, str]) -> float:
    text = options.get("timeout", str(DEFAULT_TIMEOUT))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"timeout: got {text!r}, expected a positive number of seconds")
    return seconds


def _source(options: dict[str, str]) -> str:
    source = options.get("source", "above")
    if source not in SOURCES:
        raise ValueError(f"source: got {source!r}, expected one of {', '.join(SOURCES)}")
    return source
