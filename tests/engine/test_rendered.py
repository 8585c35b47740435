"""Pages that need not be rendered again are as they were, and nothing else is taken for them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from mkdocs.exceptions import Abort
from mkdocs.structure.pages import Page

from tests.engine.conftest import Site, block

TEXT = (
    "Some $x^2$, a [link](other.md#there), [[number]] and [[page:other]].\n\n"
    "## Part\n\n### Below\n\n"
    + block("from unrolled.page import value\nvalue('number', 3)\nprint(3)")
    + '\n```python display="demo.shown:one"\n```\n'
)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Return what was rendered since it was asked last."""
    names: list[str] = []
    own = Page.render

    def render(page: Page, *arguments: object) -> None:
        names.append(page.file.src_uri)
        own(page, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Page, "render", render)

    def asked() -> list[str]:
        seen = sorted(names)
        names.clear()
        return seen

    return asked


@pytest.fixture
def two(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    site.write("code/demo/shown.py", "def one() -> int:\n    return 1\n")
    site.page(TEXT)
    site.page("## There\n\nText.", "other.md")
    return site


def all_files(site: Site) -> dict[str, bytes]:
    return {name: content for name, content in site.bytes().items() if name != "build.json"}


def test_a_second_build_renders_nothing_and_gives_the_same(
    two: Site, rendered: Callable[[], list[str]]
) -> None:
    two.build()
    first = all_files(two)
    assert rendered() == ["index.md", "other.md"]
    two.build()
    assert rendered() == []
    assert all_files(two) == first
    shutil.rmtree(two.root / ".cache" / "rendered")
    two.build()
    assert rendered() == ["index.md", "other.md"]
    assert all_files(two) == first


@pytest.mark.parametrize(
    ("name", "old", "new", "again"),
    [
        ("docs/index.md", "Some", "Any", ["index.md"]),
        ("docs/index.md", "3)\nprint(3)", "4)\nprint(3)", ["index.md"]),
        ("docs/index.md", 'id="demo"', 'id="demo" source="below"', ["index.md"]),
        ("docs/other.md", "Text.", "Other text.", ["other.md"]),
        ("docs/other.md", "# Title", "# Another", ["index.md", "other.md"]),
        ("code/demo/shown.py", "return 1", "return 2", ["index.md"]),
        ("mkdocs.yml", "pymdownx.details", "pymdownx.tilde", ["index.md", "other.md"]),
    ],
)
def test_what_changed_is_rendered_again(
    two: Site,
    rendered: Callable[[], list[str]],
    name: str,
    old: str,
    new: str,
    again: list[str],
) -> None:
    two.build()
    rendered()
    path: Path = two.root / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    two.build()
    assert rendered() == again
    fresh = all_files(two)
    shutil.rmtree(two.root / ".cache" / "rendered")
    two.build()
    assert all_files(two) == fresh


@pytest.mark.parametrize("quiet", [False, True])
def test_a_page_with_a_warning_warns_every_time(two: Site, quiet: bool) -> None:
    import logging

    two.page(TEXT + "\n\n[broken](nowhere.md)\n")
    logger = logging.getLogger("mkdocs")
    level = logger.level
    logger.setLevel(logging.ERROR if quiet else logging.INFO)
    try:
        two.build(strict=False)
        assert logger.level == (logging.ERROR if quiet else logging.INFO)
    finally:
        logger.setLevel(level)
    for _ in range(2):
        with pytest.raises(Abort):
            two.build()


def test_a_link_into_a_page_that_lost_its_anchor_warns(two: Site) -> None:
    two.build()
    two.page("## Elsewhere\n\nText.", "other.md")
    with pytest.raises(Abort):
        two.build()


def test_a_damaged_entry_is_rendered_anew(two: Site, rendered: Callable[[], list[str]]) -> None:
    two.build()
    first = all_files(two)
    rendered()
    for entry in (two.root / ".cache" / "rendered").rglob("*.json"):
        entry.write_bytes(entry.read_bytes()[:-9])
    two.build()
    assert rendered() == ["index.md", "other.md"]
    assert all_files(two) == first
