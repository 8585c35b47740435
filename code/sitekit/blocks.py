"""Read the options of a page's fences: which are executed, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sitekit.fences import Fence, find_fences
from sitekit.problems import Problem

EXECUTED = {
    "exec", "id", "source", "title", "hl_lines", "expect", "warns", "volatile", "timeout",
    "quiet", "result", "needs",
}  # fmt: skip
DISPLAYED = {"display", "title", "hl_lines"}
HIGHLIGHTED = {"title", "hl_lines", "linenums"}
SOURCES = ("above", "below", "none")
DEFAULT_TIMEOUT = 120.0

IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
EXCEPTION = re.compile(r"[A-Za-z_][\w.]*")
DISTRIBUTION = re.compile(r"[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*")
LINES = re.compile(r"\d+(-\d+)?( \d+(-\d+)?)*")
HIDE = "markdown-exec: hide"


@dataclass(frozen=True)
class Block:
    """A fence that is executed; `line` is the page's line of the first line of its code.

    It is left out where the distribution that it `needs` is not installed.
    """

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
    needs: str = ""
    shown: dict[str, str] = field(default_factory=dict)

    def identity(self) -> dict[str, object]:
        """Return what can change the block's output, and nothing that cannot."""
        keys = ("id", "code", "expect", "warns", "volatile", "quiet")
        return {key: getattr(self, key) for key in keys}


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
    return block_of(options, fence.code, fence.first + 1)


def block_of(options: dict[str, str], code: str, line: int) -> Block:
    """Return the block with these options, of which the names were checked.

    Args:
        line: Of the first line of the code in its file, from 1.

    Raises:
        ValueError: An option has a value that it cannot have, or the code is empty.
    """
    if not IDENTIFIER.fullmatch(options.get("id", "")):
        raise ValueError(
            f"id: got {options.get('id', '')!r}, expected lower-case words joined by hyphens"
        )
    if not code.strip():
        raise ValueError("the block is empty")
    if HIDE in code:
        raise ValueError("hidden lines are not allowed: readers copy what they see")
    for key in ("expect", "warns"):
        if key in options and not EXCEPTION.fullmatch(options[key]):
            raise ValueError(f"{key}: got {options[key]!r}, expected the name of an exception")
    if "needs" in options and not DISTRIBUTION.fullmatch(options["needs"]):
        raise ValueError(f"needs: got {options['needs']!r}, expected the name of a distribution")
    if "hl_lines" in options and not LINES.fullmatch(options["hl_lines"]):
        raise ValueError(f'hl_lines: got {options["hl_lines"]!r}, expected the like of "2 4-5"')
    return Block(
        id=options["id"],
        code=code.rstrip(),
        line=line,
        expect=options.get("expect", ""),
        warns=options.get("warns", ""),
        volatile=_switch(options, "volatile"),
        quiet=_switch(options, "quiet"),
        timeout=_seconds(options),
        source=_source(options),
        result=options.get("result", ""),
        needs=options.get("needs", ""),
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
