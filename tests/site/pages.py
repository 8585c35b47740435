"""What the sources of the site's pages hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sitekit.blocks import Block, find_blocks
from sitekit.exercises import pages_of
from tests.site.conftest import ROOT

DOCS = ROOT / "docs"


def pages() -> Iterator[tuple[str, tuple[Block, ...], bool]]:
    """Yield what each page shows: its name, its blocks, and whether these are executed."""
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).as_posix()
        blocks, problems = find_blocks(page.read_text("utf-8"), name)
        assert problems == []
        yield name, tuple(blocks), True
    for notebook in DOCS.glob("solutions/*.py"):
        name = notebook.relative_to(DOCS).as_posix()
        exercises, problems = pages_of(name, name, notebook.read_text("utf-8"))
        assert problems == []
        for exercise in exercises:
            yield exercise.uri, exercise.shown, exercise.solved


def html_of(name: str) -> str:
    if Path(name).name == "index.md":
        return f"{name.removesuffix('.md')}.html"
    return f"{name.removesuffix('.md')}/index.html"


def slug_of(name: str) -> str:
    return name.removeprefix("chapters/").removesuffix(".md")
