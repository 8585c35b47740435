"""The search as a reader uses it: it costs nothing before, and finds prose, names and symbols."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.site.conftest import Built

pytestmark = pytest.mark.browser
INDEX = "search_index.json"
RESULTS = ".md-search-result__item > .md-search-result__link"


def turned_to(page: Any, words: str) -> list[str]:
    """Type these words into the search of an open page; return where the results lead."""
    page.click("label.md-search__icon[for=__search] >> nth=0")
    page.fill(".md-search__input", words)
    page.keyboard.press("Shift")  # the theme listens to keys
    page.wait_for_selector(RESULTS)
    return [link.get_attribute("href") for link in page.query_selector_all(RESULTS)]


@pytest.mark.parametrize("way", ["click", "/", "s", "f", "?q=clipping", "?h=clipping"])
def test_the_index_comes_when_the_reader_turns_to_the_search(
    address: str, browser: Any, way: str
) -> None:
    page = browser.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{address}/chapters/bptt/", wait_until="networkidle")
    assert not any(INDEX in url for url in requested)
    with page.expect_response(f"**/{INDEX}") as response:
        if way == "click":
            page.click(".md-search__input")
        elif way.startswith("?"):
            page.goto(f"{address}/chapters/exploding/{way}")
        else:
            page.keyboard.press(way)
    assert response.value.ok
    if way == "?h=clipping":
        page.wait_for_selector("mark[data-md-highlight]")
    else:
        page.fill(".md-search__input", "clipping")
        page.keyboard.press("Shift")
        page.wait_for_selector(RESULTS)
    page.close()


@pytest.mark.parametrize(
    ("words", "found", "then"),
    [
        ("h_t", "notation/", "the hidden state after step"),
        ("W_hh", "notation/", "weights from the state to the next state"),
        ("clip_grad_norm_", "chapters/exploding/", "clip_grad_norm_"),
        ("unrolled.gradcheck", "chapters/bptt/", "gradcheck"),
        ("vanishing gradients", "chapters/vanishing/", "vanish"),
        ("forget gate bias", "chapters/gates/", "forget"),
    ],
)
def test_words_names_and_symbols_lead_to_where_they_are_explained(
    address: str, browser: Any, words: str, found: str, then: str
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/")
    links = turned_to(page, words)[:3]
    place = next((place for place, link in enumerate(links) if f"/{found}" in link), None)
    assert place is not None, links
    page.locator(RESULTS).nth(place).click()
    page.wait_for_url(f"**/{found}**")
    assert then in page.inner_text("article")
    page.close()


def test_the_index_has_no_outputs_no_drawings_and_no_protocols(built: Built) -> None:
    texts: dict[str, str] = {}
    for entry in json.loads(built.read(f"search/{INDEX}"))["docs"]:
        place = entry["location"].partition("#")[0]
        texts[place] = texts.get(place, "") + " ".join(entry["text"].split())
    left_out = 0
    for name, soup in built.soups.items():
        text = texts.get(name.removesuffix("index.html"), "")
        for element in soup.select(".unrolled-output samp, figure svg title, .unrolled-tools"):
            said = " ".join(element.get_text().split())
            if len(said) > 40:
                left_out += 1
                assert said not in text, (name, said)
    assert left_out > 100
    assert "or the site is not published" not in texts["claims/"]
    assert "Does not hold." in texts["claims/"]
