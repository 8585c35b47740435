"""Every fence runs or displays package source; every page, claim and experiment is in use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sitekit.blocks import find_blocks
from sitekit.display import source_of
from sitekit.fences import find_fences
from unrolled import experiments
from unrolled.claims import all_claims
from unrolled.results import load

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
PROSE = [*PAGES, *sorted(ROOT.glob("*.md"))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PROSE, ids=name)
def test_no_fence_without_a_language(page: Path) -> None:
    _, problems = find_fences(page.read_text("utf-8"), name(page))
    assert problems == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_python_fence_runs_or_displays(page: Path) -> None:
    text = page.read_text("utf-8")
    fences, _ = find_fences(text, name(page))
    python = [fence for fence in fences if fence.language in {"python", "py", "pycon", "python3"}]
    blocks, problems = find_blocks(text, name(page))
    displays = [fence.options["display"] for fence in python if "display" in fence.options]
    assert problems == []
    assert len(python) == len(blocks) + len(displays)
    for display in displays:
        source_of(display, (ROOT / "code",))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_blocks_fit_a_screen(page: Path) -> None:
    blocks, _ = find_blocks(page.read_text("utf-8"), name(page))
    for block in blocks:
        assert block.code.count("\n") < 24, block.id
        assert max(map(len, block.code.splitlines())) <= 88, block.id


def test_every_page_is_in_the_navigation() -> None:
    config = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    listed = re.findall(r"[\w/-]+\.md", str(config["nav"]))
    pages = {page.relative_to(DOCS).as_posix() for page in PAGES} | {"changelog.md"}
    for notebook in DOCS.glob("solutions/*.py"):
        pages |= {f"solutions/{notebook.stem}.md", f"exercises/{notebook.stem}.md"}
    assert sorted(listed) == sorted(pages)


def test_every_claim_is_cited_by_its_chapter() -> None:
    for claim in all_claims():
        chapter = (DOCS / "chapters" / f"{claim.chapter}.md").read_text("utf-8")
        assert f"[[claim:{claim.id}" in chapter, claim.id


def _reads(page: str, name: str) -> bool:
    """Say whether a page reads a recorded result, by its name or with `f"memory-{name}"`."""
    first, _, rest = name.partition("-")
    return f'recorded("{name}")' in page or (
        f'recorded(f"{first}-{{name}}")' in page and f'"{rest}"' in page
    )


def test_every_recorded_result_is_read() -> None:
    pages = [page.read_text("utf-8") for page in PAGES]
    for path in (ROOT / "code/results").glob("*.json"):
        assert any(_reads(text, path.stem) for text in pages), path.name


def test_every_experiment_is_used() -> None:
    pages = [page.read_text("utf-8") for page in PAGES]
    claims = [path.read_text("utf-8") for path in (ROOT / "code/unrolled/claims").glob("*.py")]
    recorded = {
        load(path).experiment
        for path in (ROOT / "code/results").glob("*.json")
        if any(_reads(text, path.stem) for text in pages)
    }
    for experiment in experiments.__all__:
        used = any(experiment in text for text in [*pages, *claims])
        assert used or experiment in recorded, experiment


@pytest.mark.parametrize("page", PROSE, ids=name)
def test_house_style(page: Path) -> None:
    fences, _ = find_fences(page.read_text("utf-8"), name(page))
    lines = page.read_text("utf-8").splitlines()
    for fence in fences:
        lines[fence.first - 1 : fence.last] = [""] * (fence.last - fence.first + 1)
    prose = re.sub(r"`[^`]*`|\$[^$]*\$|!!!|!\[|<!--", "", "\n".join(lines))
    assert "!" not in prose
    for word in ("simply", "obviously", "Let's", "let's", "exciting", "powerful"):
        assert word not in prose, word
