"""Render the cells of a notebook with mkdocs-jupyter, in the look of every other page.

mkdocs-jupyter is not among the plugins of `mkdocs.yml`: its import alone takes about as long as
a whole build in which nothing changed. It is called here, when a notebook has to be rendered.
"""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitekit.notebook_files import notebook
from sitekit.notebooks import Cell
from sitekit.rendered import Branch

TEMPLATES = Path(__file__).parent / "templates"
PARTS = re.compile(r"(<(?P<tag>pre|code|svg|samp)\b.*?</(?P=tag)>|<[^>]*>)", re.S)
MATH = re.compile(r"(?<![\\$])\$\$(?P<block>[^\0$]+)\$\$|(?<![\\$])\$(?P<inline>[^\0$]+)\$(?!\$)")
ANCHOR = re.compile(r'<a class="anchor-link" href="(#[^"]*)">[^<]*</a>')
HEADING = re.compile(r'<h(?P<level>[1-6]) id="(?P<id>[^"]*)">(?P<title>.*?)</h(?P=level)>', re.S)
LINK = re.compile(r'(?<=<a )(?P<before>[^>]*?)href="(?P<href>[^"]*)"')
PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.S)
DISPLAYED = re.compile(r'(<div class="arithmatex">.*?</div>)', re.S)
PLACE = re.compile(r"<!--cell (\d+)-->")
TITLE = "Link to this section"


@dataclass
class Html:
    """A rendered notebook."""

    content: str
    toc: list[Branch] = field(default_factory=list)
    title: str | None = None


def notebook_html(cells: Iterable[tuple[Cell, str]], resolve: Callable[[str], str]) -> Html:
    """Return a page for these cells.

    Args:
        cells: Each with what stands for it, if it is code: the HTML of its block.
        resolve: Gives the address for what a link says.
    """
    cells = list(cells)
    content = _converted([_cell(number, cell) for number, (cell, _) in enumerate(cells)])

    def resolved(found: re.Match[str]) -> str:
        return f'{found["before"]}href="{html.escape(resolve(html.unescape(found["href"])))}"'

    content = LINK.sub(resolved, content).replace("<details>", '<details class="hint">')
    content = _with_formulas(content)
    toc = _contents(content)
    content = ANCHOR.sub(rf'<a class="headerlink" href="\1" title="{TITLE}">#</a>', content)
    content = PLACE.sub(lambda found: cells[int(found[1])][1], content)
    return Html(content, toc, toc[0][0] if toc else None)


def _converted(cells: list[dict[str, Any]]) -> str:
    from mkdocs_jupyter import config, convert  # type: ignore[import-untyped]

    given = config.settings.templates_dir
    config.settings.templates_dir = str(TEMPLATES)
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "notebook.ipynb")
            file.write_text(json.dumps(notebook(cells)), "utf-8")
            content: str = convert.nb2html(str(file), allow_errors=False, no_prompt=True)
    finally:
        config.settings.templates_dir = given
    return content.rpartition("<style>")[0]  # it appends one of 300 kB


def _cell(number: int, cell: Cell) -> dict[str, Any]:
    id = f"cell-{number}"
    if not cell.id:
        return {"cell_type": "markdown", "id": id, "metadata": {}, "source": cell.text}
    given: dict[str, Any] = {"metadata": {"cell": number}, "source": "", "outputs": []}
    given["execution_count"] = None
    return {"cell_type": "code", "id": id, **given}


def _with_formulas(content: str) -> str:
    """Mark the formulas, which nbconvert leaves as they are, as arithmatex would have done."""
    pieces = PARTS.split(content)
    # Text, then a tag or an element that stays as it is, then the name of that element.
    texts, kept = pieces[::3], pieces[1::3]
    marks = [f"\0{number}\0" for number in range(len(kept))]
    joined = "".join(part for pair in zip(texts, [*marks, ""], strict=True) for part in pair)
    joined = MATH.sub(_formula, joined)
    content = re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], joined)
    return PARAGRAPH.sub(_without_divisions, content)


def _formula(found: re.Match[str]) -> str:
    if found["block"] is not None:
        return f'<div class="arithmatex">\\[{found["block"]}\\]</div>'
    return f'<span class="arithmatex">\\({found["inline"]}\\)</span>'


def _without_divisions(paragraph: re.Match[str]) -> str:
    """Let a displayed formula stand between paragraphs, since none can stand in one."""
    text, *others = DISPLAYED.split(paragraph[1])
    if not others:
        return paragraph[0]
    parts = [text, *others]
    return "\n".join(
        part if DISPLAYED.match(part) else f"<p>{part.strip()}</p>"
        for part in parts
        if part.strip()
    )


def _contents(content: str) -> list[Branch]:
    """Return the headings as a tree."""
    top: list[Branch] = []
    open_: list[Branch] = []
    for found in HEADING.finditer(content):
        level = int(found["level"])
        title = html.unescape(re.sub(r"<[^>]*>", "", ANCHOR.sub("", found["title"]))).strip()
        while open_ and open_[-1][2] >= level:
            open_.pop()
        branch: Branch = (title, found["id"], level, [])
        (open_[-1][3] if open_ else top).append(branch)
        open_.append(branch)
    return top
