"""The search as a reader uses it: it costs nothing before, and finds prose, names and symbols."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.site.conftest import Built

pytestmark = pytest.mark.browser
RESULTS = ".md-search-result__item a"
FIRST = 6
"""Results that fit on a screen."""
WAYS = {
    "click": lambda page: page.click(".md-search__input"),
    "/": lambda page: page.keyboard.press("/"),
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
    """Type these words into the search of an open page; return where the first results lead."""
    page.click(".md-search__input")
    page.fill(".md-search__input", "")
    page.keyboard.type(words)
    asked = re.sub(r"[ .]", "+", words.lower())
    page.wait_for_selector(f".md-search-result__item a[href*='h={asked}']", state="attached")
    links = page.query_selector_all(RESULTS)
    return [link.get_attribute("href") for link in links if link.is_visible()][:FIRST]


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


def test_prose_names_and_symbols_are_found(address: str, browser: Any) -> None:
    page, _ = opened(browser, f"{address}/")
    for words, place in {
        "h_t": "/notation/",
        "W_hh": "/notation/",
        "delta_t": "/chapters/bptt/",
        "clip_grad_norm_": "/chapters/exploding/",
        "nn.RNN": "/chapters/pytorch/",
        "unrolled.gradcheck": "/reference/gradients/",
        "vanishing gradients": "/chapters/vanishing/",
        "teacher forcing": "/chapters/seq2seq/",
    }.items():
        links = results(page, words)
        assert any(place in link for link in links), (words, links)
    page.close()


def test_a_symbol_leads_to_what_it_means(address: str, browser: Any) -> None:
    page, _ = opened(browser, f"{address}/chapters/gates/")
    first = next(link for link in results(page, "h_t") if "#" in link)
    page.click(f".md-search-result__item a[href='{first}']")
    page.wait_for_url("**/notation/**")
    row = page.locator("tr", has_text="the hidden state after step").first
    assert row.is_visible()
    assert row.locator("math").first.text_content() == "ht"
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
