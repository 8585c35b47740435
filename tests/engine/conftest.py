"""Small throw-away sites, built in this process the way the `mkdocs` command builds them."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

CONFIG = """\
site_name: Demo
theme: {name: mkdocs, highlightjs: false}
plugins:
  - markdown-exec: {languages: [python]}
  - unrolled: {claims: CLAIMS}
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - md_in_html
  - pymdownx.details
  - pymdownx.superfences
  - pymdownx.arithmatex: {generic: true}
validation:
  nav: {omitted_files: warn, not_found: warn}
  links: {not_found: warn, anchors: warn, unrecognized_links: warn}
"""


def block(code: str, id: str = "demo", **options: str) -> str:
    """Return the Markdown of one executed block."""
    words = "".join(f' {key}="{value}"' for key, value in options.items())
    return f'\n```python exec="on" id="{id}"{words}\n{textwrap.dedent(code).strip()}\n```\n'


class Site:
    """A project with one folder of pages and one of code."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.claims("''")
        self.write("code/demo/__init__.py", "")

    def claims(self, package: str) -> None:
        self.write("mkdocs.yml", CONFIG.replace("CLAIMS", package))

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def page(self, text: str, name: str = "index.md") -> Path:
        return self.write(f"docs/{name}", f"# Title\n\n{text}")

    def build(self, *, strict: bool = True) -> str:
        """Build, and return the HTML of the first page."""
        config = load_config(str(self.root / "mkdocs.yml"), strict=strict)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()
        return self.html()

    def html(self, name: str = "index.html") -> str:
        return (self.root / "site" / name).read_text("utf-8")

    def executed(self) -> set[str]:
        """Return the pages that the last build executed rather than looked up."""
        pages = json.loads(self.html("build.json"))["pages"]
        return {name for name, page in pages.items() if page["cache"] == "miss"}

    def bytes(self) -> dict[str, bytes]:
        """Return every published file."""
        folder = self.root / "site"
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name in ("UNROLLED_CACHE", "UNROLLED_JOBS", "UNROLLED_SCALE", "UNROLLED_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    return Site(tmp_path)
