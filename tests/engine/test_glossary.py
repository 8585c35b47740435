"""A page says what a term means where it first names it; the words are the glossary's own."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import Abort

from tests.engine.conftest import Site, block

GLOSSARY = """# Glossary

One sentence each.

Cell state
:   $c_t$, *the* second state of an [LSTM](index.md); see [[page:index]].

Gated recurrent unit (GRU)
:   A cell with an update gate; see [Title](index.md#title).

Attention
:   A weighted mean.
:   Also a layer.
"""


@pytest.fixture
def explained(site: Site) -> Site:
    site.write("docs/glossary.md", GLOSSARY)
    site.page("\nA [[term:cell-state]], a [[term:gru|GRU]], no [[term:cell-state|cell states]].\n")
    return site


def test_the_first_use_is_explained_and_leads_to_the_glossary(explained: Site) -> None:
    soup = BeautifulSoup(explained.build(), "html.parser")
    state, gru = soup.select("a.unrolled-term")
    assert (state.get_text(), state["href"]) == ("cell state", "glossary/#cell-state")
    assert (gru.get_text(), gru["href"]) == ("GRU", "glossary/#gated-recurrent-unit")
    for term in (state, gru):
        beside = term.find_next_sibling()
        assert beside["id"] == term["aria-describedby"]
        assert beside["role"] == "tooltip"
        assert not beside.select("a")
    assert state.find_next_sibling().em.get_text() == "the"
    assert state.find_next_sibling().math is not None
    assert state.find_next_sibling().get_text().endswith(", the second state of an LSTM.")
    assert gru.find_next_sibling().get_text() == "A cell with an update gate."
    assert "no cell states." in soup.get_text()


def test_the_glossary_itself_keeps_its_pointers(explained: Site) -> None:
    explained.build()
    soup = BeautifulSoup(explained.html("glossary/index.html"), "html.parser")
    terms = {term["id"]: term.get_text() for term in soup.select("dt")}
    assert terms == {
        "cell-state": "Cell state",
        "gated-recurrent-unit": "Gated recurrent unit (GRU)",
        "attention": "Attention",
    }
    assert soup.select_one("#cell-state + dd a[href='..#title'], #cell-state + dd a[href='../']")
    assert not soup.select(".unrolled-definition")


def test_a_definition_that_changes_shows_on_all_pages(explained: Site) -> None:
    explained.build()
    explained.write("docs/glossary.md", GLOSSARY.replace("an update gate", "two gates"))
    assert "A cell with two gates." in explained.build()


def test_every_sense_is_given(explained: Site) -> None:
    explained.page("\n[[term:attention]]\n")
    soup = BeautifulSoup(explained.build(), "html.parser")
    assert soup.select_one("#term-attention").get_text() == "A weighted mean. Also a layer."


def test_blocks_and_code_are_left_alone(explained: Site) -> None:
    explained.page(block("print('[[term:gru]]', 'GRU')") + "\nSay `[[term:gru]]`.\n")
    soup = BeautifulSoup(explained.build(), "html.parser")
    assert not soup.select(".unrolled-term, .unrolled-definition")
    assert "[[term:gru]] GRU" in soup.get_text()


def test_an_unknown_term_stops_the_build(explained: Site, caplog: pytest.LogCaptureFixture) -> None:
    explained.page("\nFirst.\nA [[term:cell-sate|cell]].\n")
    with pytest.raises(Abort):
        explained.build()
    expected = (
        "docs/index.md:5: [[term:cell-sate|cell]]: there is no term 'cell-sate' in glossary.md; "
        "close to it: 'cell-state'"
    )
    assert expected in caplog.text
