"""Write the cells of a page as files that a reader can take along."""

from __future__ import annotations

import html
import json
import posixpath
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlparse

from sitekit.notebooks import Cell
from sitekit.prose import TOKEN

BRANCH = "notebooks"
"""To which the built notebooks are pushed."""
CODE = re.compile(r"(?P<code>^```.*?^```$|`[^`\n]+`)|" + TOKEN, re.M | re.S)
INSTALL = """\
# Get what this notebook needs, where it is missing: the package, with its recorded results.
import importlib.util
import os
import subprocess
import sys

if importlib.util.find_spec("unrolled") is None:
    clone = os.path.abspath("unrolled-clone")
    subprocess.run(["git", "clone", "--quiet", "{repository}", clone], check=True)
    subprocess.run(["git", "-C", clone, "checkout", "--quiet", "{commit}"], check=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-e", clone], check=True)
    sys.path.insert(0, os.path.join(clone, "code"))"""
CLONE = """\
# This notebook needs the package `unrolled`: in a clone of it, `python -m pip install -e .`
import unrolled  # noqa: F401"""


def with_names(text: str, make: Callable[[str], str]) -> str:
    """Return prose with every `[[name]]` outside of code replaced by what `make` returns."""
    return CODE.sub(lambda found: found["code"] or make(found[2].strip()), text)


def installing(repository: str, commit: str) -> Cell:
    """Return the first cell of a notebook that is taken along.

    Args:
        repository: Its address; empty if the build knows none, as on the machine of an author.
        commit: Of the build.
    """
    plain = commit.removesuffix("-dirty")
    text = INSTALL.format(repository=repository, commit=plain) if repository else CLONE
    return Cell(text, 0, id="install")


def files_of(
    slug: str, cells: tuple[Cell, ...], repository: str, commit: str
) -> Iterator[tuple[str, str]]:
    """Yield the address in the site and the content of each file to take along.

    Args:
        slug: Of the page.
        cells: Those of the page, with every name replaced.
        repository, commit: What the first cell of code installs.
    """
    first = next((number for number, cell in enumerate(cells) if cell.id), len(cells))
    whole = (*cells[:first], installing(repository, commit), *cells[first:])
    yield f"downloads/{slug}.ipynb", as_ipynb(whole)
    yield f"downloads/{slug}.py", as_script(whole)


def links_to(slug: str, root: str, repository: str, *more: str) -> str:
    """Return the line of links below the title of a page that can be taken along.

    Args:
        root: The address of the site's root, relative to the page.
        more: Further links.
    """
    file = html.escape(posixpath.join(root, "downloads", slug))
    colab = colab_address(repository, slug)
    links = [
        f'<a href="{file}.ipynb" download>Notebook</a>',
        f'<a href="{file}.py" download>Python file</a>',
        *([f'<a href="{html.escape(colab)}">Open in Colab</a>'] if colab else []),
        *more,
    ]
    return f'<p class="unrolled-downloads" data-search-exclude>{" ".join(links)}</p>'


def colab_address(repository: str, slug: str) -> str:
    """Return where Colab opens the published notebook; empty if GitHub does not have it."""
    address = urlparse(repository)
    if address.hostname != "github.com":
        return ""
    path = f"{address.path.strip('/')}/blob/{BRANCH}/{slug}.ipynb"
    return f"https://colab.research.google.com/github/{path}"


def as_ipynb(cells: Iterable[Cell]) -> str:
    """Return the text of a Jupyter notebook, format 4.5, without outputs."""
    return json.dumps(notebook([_cell(number, cell) for number, cell in enumerate(cells)])) + "\n"


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a notebook as plain data."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, cell: Cell) -> dict[str, Any]:
    source = cell.text.splitlines(keepends=True)
    if not cell.id:
        prose = {"cell_type": "markdown", "id": f"prose-{number}", "metadata": {}}
        return {**prose, "source": source}
    raises = bool(cell.block and cell.block.expect)
    metadata = {"tags": ["raises-exception"]} if raises else {}
    code = {"cell_type": "code", "id": cell.id, "metadata": metadata, "source": source}
    return {**code, "execution_count": None, "outputs": []}


def as_script(cells: Iterable[Cell]) -> str:
    """Return the text of a Python file in the `py:percent` format."""
    return "\n\n".join(_code(cell) if cell.id else _comment(cell) for cell in cells) + "\n"


def _code(cell: Cell) -> str:
    text = cell.text
    if cell.block and (expected := cell.block.expect):  # a script would end there
        tried = textwrap.indent(text, "    ")
        shown = 'print(f"{type(error).__name__}: {error}")'
        text = f"try:\n{tried}\nexcept {expected} as error:\n    {shown}"
    return f"# %%\n{text}"


def _comment(cell: Cell) -> str:
    lines = [f"# {line}".rstrip() for line in cell.text.split("\n")]
    return "\n".join(["# %% [markdown]", *lines])


def as_markdown(cells: Iterable[Cell]) -> str:
    """Return the text of a Markdown page that says the same."""
    return "\n\n".join(f"```python\n{cell.text}\n```" if cell.id else cell.text for cell in cells)
