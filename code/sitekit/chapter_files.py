"""Write a chapter as a notebook and as a Python file: its prose as cells, its blocks to run."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator

from sitekit.blocks import Block
from sitekit.fences import Fence, find_fences
from sitekit.notebooks import Cell

BOX = re.compile(r'(?:!!!|\?\?\?\+?) \w+(?: "(?P<title>[^"]*)")?')
FENCE = re.compile(r"(`{3,}|~{3,})")
LABEL = re.compile(r"\\label\{([^}]+)\}")
LINK = re.compile(r"\[([^\]]*)\]\((?!\w+:|#)([^)\s]+)\)")


def cells_of(
    markdown: str,
    blocks: tuple[Block, ...],
    *,
    display: Callable[[str], tuple[str, str]],
    number: Callable[[str], str],
    address: Callable[[str], str],
) -> tuple[Cell, ...]:
    """Return the cells of a chapter.

    Args:
        markdown: Of its page, without front matter.
        blocks: Its executed blocks.
        display: Gives source and title for the name of something in the package.
        number: Gives the number of an equation, in brackets, by its label.
        address: Gives where a link leads from anywhere; empty if that is nowhere.
    """
    fences, _ = find_fences(markdown, "")
    by_id = {block.id: block for block in blocks}
    opened = {fence.first: fence for fence in fences}
    lines = markdown.splitlines()
    cells: list[Cell] = []
    prose: list[str] = []

    def flush() -> None:
        text = _boxes("\n".join(prose)).strip("\n")
        prose.clear()
        if text:
            text = LABEL.sub(lambda found: rf"\tag{{{number(found[1]).strip('()')}}}", text)
            text = LINK.sub(lambda found: _link(found, address), text)
            cells.append(Cell(text, 0))

    position = 1
    while position <= len(lines):
        fence = opened.get(position)
        if fence is None:
            prose.append(lines[position - 1])
            position += 1
            continue
        if block := by_id.get(fence.options.get("id", "")):
            flush()
            cells.append(Cell(block.code, 0, id=block.id, block=block))
        else:
            prose += _plain(fence, display)
        position = fence.last + 1
    flush()
    return tuple(cells)


def _plain(fence: Fence, display: Callable[[str], tuple[str, str]]) -> list[str]:
    """Return a fence that is only shown."""
    code, title = fence.code, fence.options.get("title", "")
    if "display" in fence.options:
        code, title = display(fence.options["display"])
    head = [f"`{title}`", ""] if title else []
    body = [*head, f"{fence.mark}{fence.language}", *code.splitlines(), fence.mark]
    return [f"{fence.prefix}{line}".rstrip() for line in body]


def _boxes(text: str) -> str:
    """Return prose with each box as what notebooks know: its title in bold, its text below."""
    return "\n".join(_unboxed(text.splitlines()))


def _unboxed(lines: list[str]) -> Iterator[str]:
    position = 0
    while position < len(lines):
        line = lines[position]
        if opening := FENCE.match(line):  # code stays as it is
            last = position + 1
            while last < len(lines) and lines[last].strip() != opening[1]:
                last += 1
            yield from lines[position : last + 1]
            position = last + 1
            continue
        box = BOX.fullmatch(line.strip()) if not line.startswith(" ") else None
        if line.startswith("    ") and not box:  # the rest of a box that a block stood in
            body, position = _indented(lines, position)
            yield from _unboxed(body)
            continue
        if box is None:
            yield line
            position += 1
            continue
        body, position = _indented(lines, position + 1)
        title = box["title"] or line.split()[1].capitalize()
        yield from [f"**{title}**", "", *_unboxed(body), ""]


def _indented(lines: list[str], first: int) -> tuple[list[str], int]:
    """Return the lines of a box, moved to the left, and the number of the line after it."""
    last = first
    while last < len(lines) and (not lines[last].strip() or lines[last].startswith("    ")):
        last += 1
    return textwrap.dedent("\n".join(lines[first:last])).strip("\n").splitlines(), last


def _link(found: re.Match[str], address: Callable[[str], str]) -> str:
    target = address(found[2])
    return f"[{found[1]}]({target})" if target else found[1]
