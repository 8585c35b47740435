"""The search as a reader uses it: it costs nothing before, and finds prose, names and symbols."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.site.conftest import Built

pytestmark = pytest.mark.browser
RESULTS = ".md-search-result__list > li > a, .md-search-result__more a"
FIRST = 4
WAYS = {
    "click": lambda page: page.click(".md-search__input"),
    "/": lambda page: page.keyboard.press("/"),
    "s": lambda page: page.keyboard.press("s"),
    "f": lambda page: page.keyboard.press("f"),
    "?q=": lambda page: page.goto(f"{page.url}?q=clipping"),
    "?h=": lambda page: page.goto(f"{page.url}?h=gradient"),
}


def opened(browser: Any, address: str) -> tuple[Any, list[str]]:
    """Return a page whose search is ready, and the list of all that it asks for."""
    page = browser.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    with page.expect_worker():  # the theme starts it when the search is set up
        page.goto(address)
    return page, requested


def results(page: Any, words: str) -> list[str]:
    """Type these words into the search of an open page; return where the results lead."""
    page.click(".md-search__input")
    page.keyboard.type(words)
    last = words.split()[-1].split(".")[-1].lower()
    page.wait_for_selector(f".md-search-result__item a[href*='{last}']")
    return [link.get_attribute("href") for link in page.query_selector_all(RESULTS)]


@pytest.mark.parametrize("way", WAYS)
def test_the_index_comes_when_the_reader_turns_to_the_search(
    address: str, browser: Any, way: str
) -> None:
    page, requested = opened(browser, f"{address}/chapters/exploding/")
    page.wait_for_timeout(200)
    assert [url for url in requested if "/search/" in url] == []
    with page.expect_response("**/search/search_index.json") as response:
        WAYS[way](page)
    assert response.value.ok
    if way == "?h=":
        page.wait_for_selector("mark[data-md-highlight]")
    else:
        page.keyboard.type("" if way == "?q=" else "clipping")
        page.wait_for_selector(".md-search-result__item a[href*='h=clipping']")
    page.close()


@pytest.mark.parametrize(
    ("words", "found", "then"),
    [
        ("h_t", "notation/", "the hidden state after step"),
        ("W_hh", "notation/", "weights from the state to the next state"),
        ("delta_t", "chapters/bptt/", "counts every way in which"),
        ("clip_grad_norm_", "chapters/exploding/", "clip_grad_norm_"),
        ("nn.RNN", "chapters/pytorch/", "nn.RNN"),
        ("unrolled.gradcheck", "bptt-from-scratch/", "unrolled.gradcheck"),
        ("vanishing gradients", "chapters/vanishing/", "vanish"),
        ("teacher forcing", "chapters/seq2seq/", "teacher forcing"),
    ],
)
def test_words_names_and_symbols_lead_to_where_they_are_explained(
    address: str, browser: Any, words: str, found: str, then: str
) -> None:
    page, _ = opened(browser, f"{address}/")
    links = results(page, words)[:FIRST]
    place = next((place for place, link in enumerate(links) if f"/{found}" in link), None)
    assert place is not None, links
    page.locator(RESULTS).nth(place).click()
    page.wait_for_url(f"**/{found}**")
    assert then in page.inner_text("article")
    page.close()


def test_the_index_has_no_outputs_no_drawings_and_no_protocols(built: Built) -> None:
    texts: dict[str, str] = {}
    for entry in json.loads(built.read("search/search_index.json"))["docs"]:
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
