"""Read a solved exercise, a notebook in the `py:percent` format, and derive its starter.

Solved and starter come from one file, so they cannot drift. What only the solution has is marked:
a cell by the option `solution="on"`, lines of a cell by

    # TODO: What the reader has to do.
    # <solution>
    …
    # </solution>

of which the starter keeps the first, and raises `NotImplementedError` in place of the others.
Like the fences of a page, cells are read strictly: whatever is malformed is a problem with a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sitekit.blocks import Block, block_of
from sitekit.fences import options_of
from sitekit.problems import Problem

CELL = re.compile(r"# %%(?P<markdown> \[markdown\])?(?P<options>.*)$")
TODO = re.compile(r"(?P<indent>[ ]*)# TODO: (?P<what>.+)")
BEGIN, END = "# <solution>", "# </solution>"
OPTIONS = {"id", "solution", "expect", "warns", "volatile", "quiet", "timeout"}


@dataclass(frozen=True)
class Cell:
    """One cell; `line` is the file's line of the first line of its text, from 1.

    Attributes:
        id: Of a cell of code; empty for prose.
        text: Prose as Markdown, without the comment marks.
    """

    text: str
    line: int
    id: str = ""
    solution: bool = False
    block: Block | None = None


@dataclass(frozen=True)
class Notebook:
    """The cells of one solved exercise."""

    cells: tuple[Cell, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What is executed, markers and all, so that a traceback has the file's lines."""
        return tuple(cell.block for cell in self.cells if cell.block)

    def solved(self) -> tuple[Cell, ...]:
        """Return the cells as the solution shows them."""
        return tuple(replace(cell, text=_solved(cell)) for cell in self.cells)

    def starter(self) -> tuple[Cell, ...]:
        """Return the cells as the reader gets them."""
        kept = (cell for cell in self.cells if not cell.solution)
        return tuple(replace(cell, text=_starter(cell)) for cell in kept)


def find_cells(text: str, path: str) -> tuple[Notebook, list[Problem]]:
    """Return the notebook of a file, and everything wrong with its cells."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if CELL.match(line)]
    problems: list[Problem] = []
    cells: list[Cell] = []
    if any(line.strip() for line in lines[: heads[0] if heads else None]):
        problems.append(Problem(path, 1, 'what stands before the first "# %%" is in no cell'))
    for first, after in zip(heads, [*heads[1:], len(lines)], strict=True):
        try:
            cell = _cell(lines[first], lines[first + 1 : after], first + 2)
        except _Misplaced as error:
            problems.append(Problem(path, error.line, str(error)))
            continue
        except ValueError as error:
            problems.append(Problem(path, first + 1, str(error)))
            continue
        if cell.id and any(cell.id == other.id for other in cells):
            problems.append(Problem(path, first + 1, f"id {cell.id!r} is used twice", "", cell.id))
            continue
        cells.append(cell)
    if not cells or cells[0].id or not cells[0].text.startswith("# "):
        problems.append(Problem(path, 1, 'a notebook starts with prose that starts "# Title"'))
    return Notebook(tuple(cells)), problems


class _Misplaced(ValueError):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _cell(head: str, body: list[str], line: int) -> Cell:
    found = CELL.match(head)
    assert found
    options = options_of(found["options"])
    solution = options.pop("solution", "off")
    if solution not in {"on", "off"}:
        raise ValueError(f'solution: got {solution!r}, expected "on"')
    while body and not body[-1].strip():
        body.pop()
    if found["markdown"]:
        if options:
            raise ValueError(
                f"unknown option {min(options)!r} on a cell of prose; allowed: solution"
            )
        return Cell(_prose(body, line), line, solution=solution == "on")
    if unknown := sorted(set(options) - OPTIONS):
        raise ValueError(
            f"unknown option {unknown[0]!r} on a cell of code; allowed are "
            f"{', '.join(sorted(OPTIONS))}"
        )
    _check_regions(body, line)
    text = "\n".join(body)
    block = block_of(options, text, line)
    return Cell(text, line, block.id, solution == "on", block)


def _prose(body: list[str], line: int) -> str:
    text = []
    for number, each in enumerate(body, start=line):
        if each.strip() and not each.startswith("#"):
            raise _Misplaced('a line of prose starts with "#"', number)
        text.append(each[1:].removeprefix(" "))
    return "\n".join(text)


def _check_regions(body: list[str], line: int) -> None:
    begun = 0
    for number, each in enumerate(body, start=line):
        if each.strip() == BEGIN:
            if begun:
                raise _Misplaced(f"{BEGIN} inside of another, from line {begun}", number)
            if _todo_above(body, number - line) is None:
                raise _Misplaced(f'{BEGIN} needs a comment "# TODO: …" just above', number)
            begun = number
        elif each.strip() == END:
            if not begun:
                raise _Misplaced(f"{END} without {BEGIN}", number)
            begun = 0
    if begun:
        raise _Misplaced(f"{BEGIN} is not closed by {END}", begun)


def _todo_above(body: list[str], index: int) -> int | None:
    """Return where the comment begins that ends above a line and says what is to do."""
    while index and body[index - 1].lstrip().startswith("#"):
        index -= 1
        if TODO.fullmatch(body[index]):
            return index
    return None


def _solved(cell: Cell) -> str:
    """Return the text without markers and without what they say is to do."""
    if not cell.block:
        return cell.text
    lines: list[str] = []
    body = cell.text.split("\n")
    for number, line in enumerate(body):
        if line.strip() == BEGIN:
            start = _todo_above(body, number)
            assert start is not None
            del lines[len(lines) - (number - start) :]
        elif line.strip() != END:
            lines.append(line)
    return "\n".join(lines)


def _starter(cell: Cell) -> str:
    """Return the text with an error in place of each solution."""
    if not cell.block:
        return cell.text
    lines: list[str] = []
    body = iter(cell.text.split("\n"))
    for line in body:
        if line.strip() != BEGIN:
            lines.append(line)
            continue
        while next(body).strip() != END:
            pass
        start = _todo_above([*lines, line], len(lines))
        assert start is not None
        found = TODO.fullmatch(lines[start])
        assert found
        lines.append(f'{found["indent"]}raise NotImplementedError("TODO")')
    return "\n".join(lines)
