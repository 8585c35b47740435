"""References to works and terms, on the built pages."""

from __future__ import annotations

import json

from tests.site.conftest import Built


def test_works_lead_to_where_they_are_cited_and_back(built: Built) -> None:
    works = built.soups["references/index.html"].select("ul.unrolled-works > li[id]")
    assert len(works) > 70
    for work in works:
        places = work.select(".unrolled-cited a")
        assert places, work["id"]
        for place in places:
            page = built.soups[f"{place['href'].removeprefix('../').partition('#')[0]}index.html"]
            cited = page.select_one(f"#cite-{work['id']}")
            links = [cited, *cited.select("a")]
            assert f"../../references/#{work['id']}" in [link.get("href") for link in links]


def test_terms_have_their_definition_beside_them(built: Built) -> None:
    named = 0
    for name, soup in built.soups.items():
        for term in soup.select("a.unrolled-term"):
            named += 1
            definition = term.find_next_sibling()
            assert definition["id"] == term["aria-describedby"], (name, term)
            assert definition["role"] == "tooltip"
            assert len(definition.get_text()) > 10, (name, term)
            assert not definition.select("a, [id]"), (name, term)
            assert term.find_parent(["pre", "code", "figure", "h1", "h2", "h3"]) is None
    assert named > 50


def test_a_search_does_not_find_what_only_a_definition_says(built: Built) -> None:
    found = json.loads(built.read("search/search_index.json"))["docs"]
    words = "A form of gradient descent that keeps a step size"
    assert [entry["location"] for entry in found if words in entry["text"]] == ["glossary/"]
