"""Pages on paper: nothing cut off, nothing to press, answers open, light whatever the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser
WIDTH = 658  # A4 without margins of 18 mm, in CSS pixels
PAGES = ("chapters/bptt/", "chapters/vanishing/", "exercises/memory-span/", "claims/", "notation/")
PRESSED = (
    "button, .md-header, .md-sidebar, .md-footer, .md-top, .md-search, .headerlink, "
    ".unrolled-tools, .unrolled-saving, .unrolled-downloads, .unrolled-filter"
)
# Whatever is cut off is wider than its box, or its box is wider than the paper.
TOO_WIDE = """width => [...document.querySelectorAll("article *")].filter((element) => {
  if (element.closest("svg, math") && !element.matches("svg, math")) return false;
  const box = element.getBoundingClientRect();
  if (!box.width || element.matches(".unrolled-aside")) return false;
  const cut = getComputedStyle(element).overflowX !== "visible"
    && element.scrollWidth > element.clientWidth + 1;
  return cut || box.right > width + 1;
}).map((element) => `${element.tagName}.${element.className?.baseVal ?? element.className}: ${
  element.textContent.slice(0, 60)}`)"""


@pytest.fixture(params=PAGES)
def paper(request: pytest.FixtureRequest, address: str, browser: Any) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, color_scheme="dark")
    page.goto(f"{address}/{request.param}")
    page.emulate_media(media="print", color_scheme="dark")
    yield page
    page.close()


def test_nothing_is_cut_off_or_there_to_press(paper: Any) -> None:
    assert paper.evaluate(TOO_WIDE, WIDTH) == []
    shown = paper.evaluate(
        """controls => [...document.querySelectorAll(controls)]
             .filter((each) => each.getClientRects().length).map((each) => each.className)""",
        PRESSED,
    )
    assert shown == []


def test_it_is_light(paper: Any) -> None:
    assert paper.get_attribute("body", "data-md-color-scheme") == "slate"
    ink, ground = paper.evaluate(
        """["color", "backgroundColor"].map(
             (name) => getComputedStyle(document.querySelector("article"))[name])"""
    )
    assert ink == "rgb(38, 41, 45)"
    for drawing in paper.query_selector_all("figure svg"):
        assert (
            drawing.evaluate("svg => getComputedStyle(svg).backgroundColor") == "rgb(253, 253, 251)"
        )
    assert ground == "rgba(0, 0, 0, 0)"


def test_answers_are_open_and_figures_whole(paper: Any) -> None:
    closed = paper.evaluate(
        """[...document.querySelectorAll("details > :not(summary)")]
             .filter((each) => !each.getBoundingClientRect().height
                               && !each.matches(".unrolled-aside, :empty"))
             .map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert closed == []
    kept = paper.evaluate(
        """[...document.querySelectorAll("figure, .unrolled-equation")]
             .map((each) => getComputedStyle(each).breakInside)"""
    )
    assert set(kept) <= {"avoid"}
