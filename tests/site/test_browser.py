"""The pages in a real browser: nothing overflows, nothing fails, both schemes have contrast."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.site.conftest import Built

SIDEWAYS = """() =>
  [...document.querySelectorAll("article :is(pre, pre > code, .unrolled-equation)")]
  .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""
"""Code, outputs and equations that one would have to scroll to read."""
FIGURES = """() => [...document.querySelectorAll("figure svg")].map(each => {
  const {left, right, height} = each.getBoundingClientRect();
  return [left, right, height];
})"""
LINES = """() => [...document.querySelectorAll("article > p:not([class])")]
  .filter(each => !each.querySelector("math, code, .unrolled-definition")).flatMap(each => {
    const range = document.createRange();
    range.selectNodeContents(each);
    const lines = new Set([...range.getClientRects()].map(box => Math.round(box.bottom / 10))).size;
    return lines > 3 ? [each.textContent.length / (lines - 0.5)] : [];
  })"""
"""Characters in a line of each longer paragraph, the last line being half full."""
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_report_nothing(
    built: Built, address: str, browser: object, width: int, scheme: str
) -> None:
    page = browser.new_page(  # type: ignore[attr-defined]
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    faults: list[str] = []
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    for name in built.pages:
        if name == "404.html":
            continue
        page.goto(f"{address}/{name.removesuffix('index.html')}")
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        assert page.evaluate(SIDEWAYS) == [], name
        for index, (left, right, height) in enumerate(page.evaluate(FIGURES)):
            assert 0 <= left < right <= width, (name, index)
            assert height > 100, (name, index)
        colours = page.evaluate(
            """() => [...document.querySelectorAll('.md-typeset figure svg text')].map(
                 text => getComputedStyle(text).fill)"""
        )
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background not in colours, name
    page.close()
    assert faults == []


def test_the_ledger_can_be_searched(address: str, browser: object) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})  # type: ignore[attr-defined]
    page.goto(f"{address}/claims/")

    def shown() -> list[str]:
        found: list[str] = page.eval_on_selector_all(
            ".unrolled-entry:not([hidden]) h3", "all => all.map(each => each.id)"
        )
        return found

    everything = shown()
    assert page.text_content(".unrolled-filter output") == (
        f"{len(everything)} of {len(everything)} statements"
    )
    page.select_option("select[name=chapter]", "bptt")
    assert shown()
    assert all(id.startswith("bptt-") for id in shown())
    page.uncheck("input[value=holds]")
    fewer = shown()
    assert 0 < len(fewer) < len(everything)
    page.fill("input[name=words]", "no such words")
    assert shown() == []
    page.goto(f"{address}/claims/#{everything[0]}")  # a link shows its claim all the same
    page.wait_for_selector(".unrolled-entry[hidden]", state="detached")
    assert shown() == everything
    page.uncheck("input[value=holds]")
    page.click(".unrolled-filter button")
    page.wait_for_selector(".unrolled-entry[hidden]", state="detached")
    page.close()


def test_a_figure_is_saved_in_both_forms(address: str, browser: object) -> None:
    page = browser.new_page(color_scheme="dark")  # type: ignore[attr-defined]
    page.goto(f"{address}/")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as waiting:
            page.locator(".unrolled-saving button", has_text=kind).first.click()
        saved = Path(waiting.value.path()).read_bytes()
        assert saved.startswith(start)
        assert waiting.value.suggested_filename == f"fig-fates-figure.{kind.lower()}"
        assert b"var(--" not in saved
    page.close()


def test_a_missing_page_leads_to_the_others(address: str, browser: object) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(f"{address}/404.html")
    page.click("article a[href$='chapters/bptt/']")
    page.wait_for_url("**/chapters/bptt/")
    assert "Backpropagation" in page.title()
    page.close()


def test_what_was_read_is_marked_until_it_is_forgotten(address: str, browser: object) -> None:
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    marked = "[...document.querySelectorAll('article ol .unrolled-read')].map(a => a.textContent)"
    page.goto(f"{address}/chapters/rnn/")
    page.goto(f"{address}/")
    assert page.evaluate(marked) == [], "to open a chapter is not to read it"
    page.goto(f"{address}/chapters/rnn/")
    page.keyboard.press("End")
    page.wait_for_selector(".md-nav--primary .unrolled-read", state="attached")
    page.goto(f"{address}/")
    assert page.evaluate(marked) == ["The vanilla RNN (read)"]
    assert "You have read 1 of 15." in page.text_content("[data-progress]")
    page.click("[data-progress] button")
    assert page.evaluate(marked) == []
    context.close()


def test_a_term_is_explained_to_pointer_keyboard_and_finger(address: str, browser: object) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(f"{address}/chapters/vanishing/")
    term, definition = page.locator("a.unrolled-term").first, page.locator("#term-eigenvalue")
    definition.wait_for(state="hidden")
    term.hover()
    definition.wait_for(state="visible")
    page.keyboard.press("Escape")
    definition.wait_for(state="hidden")
    page.mouse.move(0, 0)
    term.focus()
    definition.wait_for(state="visible")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary/#eigenvalue")
    page.close()
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 800})  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{address}/chapters/vanishing/")
    term = page.locator("a.unrolled-term").first
    term.tap()
    definition = page.locator("#term-eigenvalue")
    definition.wait_for(state="visible")
    box = definition.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.url.endswith("/vanishing/")
    term.tap()
    page.wait_for_url("**/glossary/#eigenvalue")
    context.close()


def test_lines_have_a_length_that_can_be_read(address: str, browser: object) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})  # type: ignore[attr-defined]
    page.goto(f"{address}/chapters/vanishing/")
    lengths = page.evaluate(LINES)
    assert len(lengths) > 5
    assert 60 <= statistics.median(lengths) <= 78, lengths
    page.close()


def test_wrapped_lines_are_selected_as_they_were(address: str, browser: object) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})  # type: ignore[attr-defined]
    page.goto(f"{address}/chapters/bptt/")
    code = page.locator("#block-five-gradients .highlight:not(.unrolled-output) code")
    lines = code.locator(".line")
    heights = [lines.nth(index).bounding_box()["height"] for index in range(lines.count())]
    assert max(heights) > 1.5 * min(heights), "none is wrapped: another block will show more"
    selected = code.evaluate(
        "code => { getSelection().selectAllChildren(code); return getSelection().toString(); }"
    )
    assert selected.rstrip() == code.text_content().rstrip()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_shows_what_this_is_in_one_screen(address: str, browser: object, scheme: str) -> None:
    page = browser.new_page(  # type: ignore[attr-defined]
        viewport={"width": 1280, "height": 900}, color_scheme=scheme
    )
    page.goto(f"{address}/")
    for what in ("h1", "figure svg", ".unrolled-home ul", ".unrolled-route"):
        box = page.locator(f"article {what}").first.bounding_box()
        assert 0 < box["y"] < box["y"] + box["height"] <= 900, what
    page.locator("article h1").click()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href')"))
    chapters = page.eval_on_selector_all(
        ".unrolled-route li li a", "all => all.map(each => each.getAttribute('href'))"
    )
    assert set(chapters) <= reached
    page.close()
