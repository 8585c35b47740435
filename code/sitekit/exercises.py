"""The two pages of an exercise, its starter and its solution, both made of the solved notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sitekit.blocks import Block
from sitekit.notebook_files import as_markdown, files_of, links_to
from sitekit.notebooks import Cell, find_cells
from sitekit.problems import Problem

SOLVED = "solutions/"
STARTERS = "exercises/"


@dataclass(frozen=True)
class Exercise:
    """One of the two pages.

    Attributes:
        uri: As if it were a Markdown file.
        twin: The other page.
        text: Of the solved notebook, from which both are made.
        executed: The blocks as they run; none for a starter.
        shown: The blocks as the page shows them.
    """

    uri: str
    twin: str
    path: str
    text: str
    cells: tuple[Cell, ...]
    executed: tuple[Block, ...]
    shown: tuple[Block, ...]

    @property
    def solved(self) -> bool:
        """Whether this is the solution."""
        return self.uri.startswith(SOLVED)

    @property
    def slug(self) -> str:
        """Name of the page, with its folder."""
        return self.uri.removesuffix(".md")

    def markdown(self) -> str:
        """Return the page as Markdown."""
        return as_markdown(self.cells)

    def downloads(
        self, cells: tuple[Cell, ...], repository: str, commit: str
    ) -> Iterator[tuple[str, str]]:
        """Yield the address in the site and the content of each file to take along.

        Args:
            cells: Those of the page, with every name replaced.
        """
        yield from files_of(self.slug, cells, repository, commit)

    def links(self, root: str, twin: str, repository: str) -> str:
        """Return the line of links below the title.

        Args:
            root: The address of the site's root, relative to the page.
            twin: The address of the other page, likewise.
        """
        other = f'<a href="{html.escape(twin)}">{"Exercise" if self.solved else "Solution"}</a>'
        return links_to(self.slug, root, repository, other)


def pages_of(uri: str, path: str, text: str) -> tuple[tuple[Exercise, Exercise], list[Problem]]:
    """Return starter and solution for a solved notebook, and everything wrong with its cells.

    Args:
        uri: Of the notebook, below the documents.
        path: What errors name.
    """
    notebook, problems = find_cells(text, path)
    name = uri.removeprefix(SOLVED).removesuffix(".py")
    starter, solution = f"{STARTERS}{name}.md", f"{SOLVED}{name}.md"
    solved = _retitled(notebook.solved())
    pages = (
        Exercise(starter, solution, path, text, cells := notebook.starter(), (), _shown(cells)),
        Exercise(solution, starter, path, text, solved, notebook.blocks, _shown(solved)),
    )
    return pages, problems


def _shown(cells: tuple[Cell, ...]) -> tuple[Block, ...]:
    return tuple(replace(cell.block, code=cell.text) for cell in cells if cell.block)


def _retitled(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Return the cells of a solution, of which the title says so."""
    if not cells or not cells[0].text.startswith("# "):
        return cells
    title, line, rest = cells[0].text.partition("\n")
    return (replace(cells[0], text=f"{title}, solved{line}{rest}"), *cells[1:])
