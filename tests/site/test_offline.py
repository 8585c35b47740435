"""The offline copy, opened from a folder: it needs no server, and nothing that it has not got."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.conftest import Built
from tests.site.test_search import results

pytestmark = pytest.mark.browser


@pytest.fixture
def page(unpacked: Built, browser: Any) -> Iterator[Any]:
    """Yield a page on which nothing may fail, and which may ask for nothing beside the folder."""
    page = browser.new_page()
    faults: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    yield page
    page.close()
    assert faults == []
    own = (f"{unpacked.folder.as_uri()}/", "data:", "blob:")
    assert [url for url in requested if not url.startswith(own)] == []
    assert requested


def test_nothing_is_executed_for_it(unpacked: Built) -> None:
    pages = json.loads(unpacked.read("build.json"))["pages"]
    assert {page["cache"] for page in pages.values()} == {"hit"}


def test_every_page_opens_with_all_that_it_needs(unpacked: Built, page: Any) -> None:
    for name in unpacked.pages:
        page.goto((unpacked.folder / name).as_uri())
    page.goto((unpacked.folder / "claims.html").as_uri())
    page.wait_for_selector(".unrolled-filter output:has-text('statements')")


def test_it_is_read_from_page_to_page(unpacked: Built, page: Any) -> None:
    page.goto((unpacked.folder / "index.html").as_uri())
    page.click("article a[href$='chapters/bptt.html'] >> nth=0")
    page.wait_for_url((unpacked.folder / "chapters/bptt.html").as_uri())
    assert page.locator("figure svg").count() > 0
    page.click("article a[href$='unrolling.html'] >> nth=0")
    page.wait_for_url("**/unrolling.html")
    assert "Unrolling" in page.title()
    page.click(".md-header a.md-logo")
    page.wait_for_url((unpacked.folder / "index.html").as_uri())


@pytest.mark.parametrize("start", ["index.html", "chapters/bptt.html"])
def test_its_search_finds_and_leads(unpacked: Built, page: Any, start: str) -> None:
    page.goto((unpacked.folder / start).as_uri())
    assert "notation.html" in results(page, "h_t")[0]
    results(page, "clip_grad_norm_")
    page.click(".md-search-result__item a[href*='exploding.html?h=clip'] >> nth=0")
    page.wait_for_url("**/chapters/exploding.html*")
    page.wait_for_selector("mark[data-md-highlight]", state="attached")


def test_programs_numbers_and_sources_open(unpacked: Built, page: Any) -> None:
    chapter = (unpacked.folder / "chapters/bptt.html").as_uri()
    for link in (
        "[data-block='bptt/five-gradients'] .unrolled-tools a",
        "[data-numbers]",
        ".unrolled-provenance a",
        ".unrolled-downloads a[href$='.py']",
    ):
        page.goto(chapter)
        assert not page.is_visible("[data-program]"), "what would have to be fetched"
        target = page.evaluate("link => document.querySelector(link).href", link)
        assert Path(unquote(urlsplit(target).path)).is_file()
    page.goto(chapter)
    page.click("[data-block='bptt/five-gradients'] .unrolled-tools a")
    page.wait_for_url("**/programs/bptt/five-gradients.py")
    assert (
        page.inner_text("body").strip() == unpacked.read("programs/bptt/five-gradients.py").strip()
    )


def test_what_was_read_is_remembered(unpacked: Built, page: Any) -> None:
    page.goto((unpacked.folder / "chapters/rnn.html").as_uri())
    page.keyboard.press("End")
    page.wait_for_selector(".md-nav--primary .unrolled-read", state="attached")
    page.goto((unpacked.folder / "index.html").as_uri())
    assert "You have read 1 of 15." in page.text_content("[data-progress]")


def test_every_link_in_it_leads_to_a_file(unpacked: Built) -> None:
    beside = Path(sys.executable).parent
    lychee = shutil.which("lychee", path=f"{beside}{os.pathsep}{os.environ['PATH']}")
    assert lychee, "lychee is missing: pip install -r requirements-dev.txt"
    done = subprocess.run(
        [lychee, "--offline", "--include-fragments", "--no-progress", str(unpacked.folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
