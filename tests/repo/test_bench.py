"""The contestants of `make bench` can be made, which itself runs too rarely to tell in time."""

from __future__ import annotations

import shutil
from pathlib import Path

from mkdocs.config import load_config

from tests.bench.site import ROOT, highlight_only


def test_the_site_without_the_engine_is_what_is_left_of_this_one(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    highlight_only(tmp_path)
    ours = (ROOT / "mkdocs.yml").read_text()
    theirs = (tmp_path / "mkdocs.yml").read_text()
    assert {*theirs.splitlines()} < {*ours.splitlines()}
    config = load_config(str(tmp_path / "mkdocs.yml"))
    assert {*config.plugins} == {"material/search", "markdown-exec"}
    assert config.nav == load_config(str(ROOT / "mkdocs.yml")).nav
    chapter = (tmp_path / "docs" / "chapters" / "bptt.md").read_text()
    assert 'exec="on"' not in chapter
    assert "display=" not in chapter
    assert "```python\n" in chapter
