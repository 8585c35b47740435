"""What a reader does with the pages, from opening one to running what was copied from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.alone import run_alone
from tests.site.conftest import ROOT

pytestmark = pytest.mark.browser

CHAPTER = "rnn"
INSTALLED = f"import sys; sys.path.insert(0, {str(ROOT / 'code')!r})"
"""Before code that says it needs the package."""


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    """The front page, in a browser that has never been here."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/")
    yield page
    context.close()


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def printed(page: Page, block: str = "") -> str:
    """Return what the page says that its blocks, or one of them, have printed."""
    place = f"[data-block='{block}'] " if block else ""
    texts = page.locator(f"{place}.unrolled-output samp").all_text_contents()
    return words("\n".join(texts))


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_a_reference_leads_to_what_it_names(page: Page, address: str) -> None:
    page.goto(f"{address}/chapters/bptt/")
    links = page.locator("article p a[href*='#fig-'], article p a[href*='#eq-']")
    assert links.count() > 3
    for link in links.all()[:4]:
        name, href = link.inner_text(), link.get_attribute("href") or ""
        link.click()
        target = page.locator(f"[id='{href.rpartition('#')[2]}']")
        expect(target).to_be_in_viewport()
        expect(target).to_contain_text(name)
        page.go_back()


def test_the_scheme_that_was_chosen_stays(page: Page, address: str) -> None:
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    light = body.evaluate("body => getComputedStyle(body).backgroundColor")
    page.get_by_title("Switch to dark").click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    assert body.evaluate("body => getComputedStyle(body).backgroundColor") != light
    page.goto(f"{address}/chapters/{CHAPTER}/")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.get_by_title("Switch to light").click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")


def test_blocks_copied_one_after_the_other_run(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/chapters/{CHAPTER}/")
    while page.locator("details:not([open])").count():
        page.locator("details:not([open]) > summary").first.click()
    blocks = []
    for button in page.locator("[data-copy]").all():
        button.click()
        expect(button).to_have_text("Copied")
        blocks.append(clipboard(page))
    assert len(blocks) > 4
    for block, shown in zip(
        blocks, page.locator("[data-block] .highlight code").all(), strict=False
    ):
        assert words(block) == words(shown.inner_text())
    done = run_alone("\n".join([INSTALLED, *blocks]), tmp_path / "empty", scale="smoke")
    assert done.returncode == 0, done.stderr
    assert words(done.stdout) == printed(page)


def test_a_program_copied_with_the_keyboard_runs(page: Page, address: str, tmp_path: Path) -> None:
    block = "bptt/five-gradients"
    page.goto(f"{address}/chapters/bptt/")
    button = page.locator(f"[data-block='{block}'] [data-program]")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("p[role=status]")).to_have_text("The program is in the clipboard.")
    expect(button).to_have_text("Copied")
    done = run_alone(clipboard(page), tmp_path / "empty", scale="smoke")
    assert words(done.stdout) == printed(page, block)


def test_other_code_is_copied_as_well(page: Page, address: str) -> None:
    page.goto(f"{address}/setup/")
    page.get_by_title("Copy this code").first.click()
    expect(page.locator("p[role=status]")).to_have_text("The code is in the clipboard.")
    code = page.locator(".highlight code").first
    assert clipboard(page).strip() == (code.text_content() or "").strip()


def test_a_chapter_taken_along_runs(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/chapters/{CHAPTER}/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Python file").click()
    assert waiting.value.suggested_filename == f"{CHAPTER}.py"
    text = Path(waiting.value.path()).read_text("utf-8")
    done = run_alone(f"{INSTALLED}\n{text}", tmp_path / "empty", scale="smoke")
    assert done.returncode == 0, done.stderr
    assert words(done.stdout) == printed(page)


def test_keys_alone_are_enough(page: Page) -> None:
    """Past the menu, to a chapter by searching, to a block's program: no mouse."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")
    page.wait_for_timeout(500)  # a jump closes the search, an eighth of a second later
    page.keyboard.press("/")
    page.keyboard.type("backpropagation through time")
    expect(page.locator(".md-search-result__link").first).to_be_visible(timeout=30_000)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/bptt"))
    page.goto(page.url.partition("#")[0].partition("?")[0])
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-copy]')"):
            break
    assert page.evaluate(
        "document.activeElement.matches(':focus-visible')"
        " && getComputedStyle(document.activeElement).outlineStyle"
    ) not in (False, "none")
    page.keyboard.press("Enter")
    expect(page.locator("p[role=status]")).to_have_text("The block is in the clipboard.")
    assert clipboard(page).strip()
