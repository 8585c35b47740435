"""Every work that the site lists is cited, and none is written out by hand."""

from __future__ import annotations

import re
from pathlib import Path

from sitekit.references import FILE, keys_cited, read_works

DOCS = Path(__file__).parents[2] / "docs"
BY_HAND = re.compile(r"^[^`\n]+\((?:1[89]|20)\d\d\)\. ", re.M)


def test_every_work_is_cited() -> None:
    works, problems = read_works((DOCS / FILE).read_text("utf-8"), FILE)
    assert problems == []
    texts = [path.read_text("utf-8") for path in DOCS.rglob("*") if path.suffix in {".md", ".py"}]
    cited = {key for text in texts for key in keys_cited(text)}
    assert sorted(works.keys() - cited) == [], "nobody cites these"


def test_sources_are_named_by_their_keys() -> None:
    for path in (DOCS / "chapters").glob("*.md"):
        _, heading, sources = path.read_text("utf-8").partition("\n## Sources\n")
        assert heading, f"{path.name} has no sources"
        assert not BY_HAND.findall(sources), path.name
        assert keys_cited(sources), path.name
