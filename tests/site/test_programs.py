"""The quick programs of the site run alone, and print what its pages print."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.alone import run_alone
from tests.site.conftest import Built
from tests.site.pages import html_of, pages, slug_of

QUICK = 2.0  # seconds
TORCH = re.compile(r"^\s*(import|from) torch\b", re.M)  # takes as long to import alone


def outputs(built: Built, name: str, id: str) -> str:
    """Return what a page shows that a block printed."""
    element = built.soups[html_of(name)].find(attrs={"data-block": f"{slug_of(name)}/{id}"})
    assert element is not None
    return "\n".join(each.get_text() for each in element.select(".unrolled-output samp"))


def test_every_block_that_ran_has_its_program(built: Built) -> None:
    for name, blocks, executed in pages():
        if name.startswith(("exercises/", "solutions/")) or not executed:
            continue
        soup = built.soups[html_of(name)]
        for block in blocks:
            element = soup.find(attrs={"data-block": f"{slug_of(name)}/{block.id}"})
            assert element is not None
            if element.select(".unrolled-left-out"):
                continue
            link = element.select_one(".unrolled-tools a")
            assert link is not None, f"{name}: {block.id}"
            page = built.folder / html_of(name)
            assert (page.parent / str(link["href"])).resolve().is_file()


def test_most_programs_have_only_what_their_block_depends_on(built: Built) -> None:
    programs = json.loads(built.read("build.json"))["programs"]
    sliced = [each for each in programs.values() if each["kind"] == "slice"]
    assert len(sliced) > 0.9 * len(programs)


def test_quick_programs_run_alone_and_print_what_the_page_prints(
    built: Built, tmp_path: Path
) -> None:
    programs = json.loads(built.read("build.json"))["programs"]
    ran = 0
    for name, blocks, executed in pages():
        for block in blocks if executed else ():
            address = f"{slug_of(name)}/{block.id}"
            if address not in programs:
                continue
            text = built.read(f"programs/{address}.py")
            slow = TORCH.search(text) or programs[address]["seconds"] > QUICK
            if slow or block.volatile or block.expect or block.warns:
                continue
            done = run_alone(text, tmp_path / str(ran), scale="smoke")
            assert done.returncode == 0, f"{address}: {done.stderr}"
            shown = outputs(built, name, block.id)
            assert re.sub(r"\s+", " ", done.stdout).strip() == re.sub(r"\s+", " ", shown).strip()
            ran += 1
    assert ran > 20, "even a slow machine has that many"
