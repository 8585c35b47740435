"""A page is described by its own first sentences."""

from __future__ import annotations

from sitekit.summary import LENGTH, summary


def test_the_first_sentences_without_marks() -> None:
    page = "<p>Above.</p><h1>Title</h1>\n<p>One <em>line</em> &amp;\nmore. Two?</p><p>Other.</p>"
    assert summary(page) == "One line & more. Two?"


def test_whole_sentences_only() -> None:
    long = "w" * LENGTH
    assert summary(f"<h1>T</h1><p>Short. {long}. End.</p>") == "Short."
    assert summary(f"<h1>T</h1><p>{long}. End.</p>") == f"{long}."


def test_a_page_without_a_paragraph_has_none() -> None:
    assert summary("<h1>Title</h1><ul><li>one</li></ul>") == ""
