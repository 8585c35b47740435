"""Minutes, the way through the chapters, and the card: all computed, none twice."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import Abort

from sitekit import card, reading
from sitekit.route import Part, parts_of
from tests.engine.conftest import Site, block

NAV = """\
nav:
  - index.md
  - First steps: [chapters/one.md, chapters/two.md]
  - Exercises: [exercises/adding.md, solutions/adding.md]
  - Other: [claims.md]
  - More: [chapters/three.md]
"""
NOTEBOOK = '# %% [markdown]\n# # Adding\n\n# %% id="sum"\nprint(1 + 1)\n'
FIGURE = """
import matplotlib.pyplot as plt
from unrolled.page import show
fig, ax = plt.subplots()
ax.plot([1, 2], [1, HIGH])
ax.text(1, 1, "a line", color="C0")
show(fig, alt="a rising line")
"""


@pytest.fixture
def book(site: Site) -> Site:
    config = site.root / "mkdocs.yml"
    config.write_text(config.read_text() + NAV)
    site.page("[[route]]\n")
    for name, words in (("one", 200), ("two", 2000), ("three", 10)):
        site.page("word " * words + block("print(1)"), f"chapters/{name}.md")
    site.page("Nothing.", "claims.md")
    site.write("docs/solutions/adding.py", NOTEBOOK)
    return site


def soup(site: Site, name: str) -> BeautifulSoup:
    return BeautifulSoup(site.html(name), "html.parser")


def test_the_map_has_every_chapter_with_the_minutes_that_its_page_says(book: Site) -> None:
    book.build()
    route = soup(book, "index.html").select_one(".unrolled-route")
    names = [part.get_text() for part in route.select(".unrolled-part")]
    assert names == ["First steps 11 min", "Exercises", "More"]
    assert [li["value"] for li in route.select("li[value]")] == ["1", "2", "3"]
    for stop, minutes in zip(route.select("li[value]"), ("1", "10", "1"), strict=True):
        assert stop.span.get_text() == f"{minutes} min"
        page = soup(book, f"{stop.a['href']}index.html")
        assert f"{minutes} min to read" in page.select_one(".unrolled-here").get_text()
    assert "3 chapters · 12 min of reading · 4 blocks of code" in route.get_text()
    assert "[[route]]" not in book.html()


def test_a_page_says_where_it_is_and_how_long_it_ran(book: Site) -> None:
    book.build()
    here = soup(book, "chapters/two/index.html").select_one(".unrolled-here")
    assert here.get_text().startswith("First steps · chapter 2 of 2 · 10 min to read · its code")
    assert here.a["href"] == "../../#the-route"
    assert here.select_one("[data-volatile]").get_text().endswith("\N{NO-BREAK SPACE}s")
    alone = soup(book, "chapters/three/index.html").select_one(".unrolled-here")
    assert alone.get_text().startswith("More · 1 min")
    for name in ("index.html", "claims/index.html", "exercises/adding/index.html"):
        assert not soup(book, name).select(".unrolled-here"), name


def test_minutes_are_kept_with_the_page(book: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    book.build()
    first = soup(book, "index.html").select_one(".unrolled-route")
    monkeypatch.setattr(reading, "_words", lambda text: pytest.fail("counted again"))
    book.build()
    assert soup(book, "index.html").select_one(".unrolled-route") == first


def test_minutes_follow_the_text(book: Site) -> None:
    book.build()
    book.page("word " * 1000 + block("print(1)"), "chapters/one.md")
    book.build()
    assert "First steps 15 min" in soup(book, "index.html").get_text()


def test_code_is_read_more_slowly_than_prose() -> None:
    words = "word " * 800
    assert reading.minutes_of(f"<p>{words}</p>") == pytest.approx(800 / reading.PROSE)
    assert reading.minutes_of(f"<pre><code>{words}</code></pre>") == pytest.approx(
        800 / reading.CODE
    )
    assert reading.minutes_of("<!-- not this --><p>a &amp; b</p>") == 3 / reading.PROSE


@pytest.mark.parametrize(
    ("minutes", "words"), [(0.1, "1 min"), (59.4, "59 min"), (60, "1 h"), (125, "2 h 5 min")]
)
def test_minutes_in_words(minutes: float, words: str) -> None:
    assert reading.in_words(minutes) == words


def test_the_way_ends_where_other_pages_begin() -> None:
    nav = ["index.md", {"A": ["chapters/a.md"]}, {"B": [{"Named": "chapters/b.md"}]},
           {"C": ["claims.md"]}, {"D": ["chapters/d.md"]}]  # fmt: skip
    assert parts_of(nav) == [
        Part("A", ("chapters/a.md",), False),
        Part("B", ("chapters/b.md",), False),
        Part("D", ("chapters/d.md",), True),
    ]
    assert parts_of(None) == []


@pytest.fixture
def carded(site: Site) -> Site:
    config = site.root / "mkdocs.yml"
    text = config.read_text().replace("{claims: ''}", "{claims: '', card: demo}")
    text = text.replace("highlightjs: false", "highlightjs: false, logo: logo.svg")
    config.write_text(text + "site_description: One, two.\nextra_css: [unrolled.css]\n")
    assets = Path(__file__).parents[2] / "docs/assets"
    for name in ("logo.svg", "unrolled.css"):
        site.write(f"docs/{name}", (assets / name).read_text("utf-8"))
    site.page(block(FIGURE.replace("HIGH", "2")))
    return site


def test_the_card_is_drawn_when_what_is_on_it_changed(
    carded: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    carded.build()
    first = carded.bytes()["assets/card.png"]
    assert first.startswith(b"\x89PNG")
    assert struct.unpack(">II", first[16:24]) == (1200, 630)
    draw = card.card
    monkeypatch.setattr(card, "card", lambda *_: pytest.fail("drawn again"))
    carded.build()
    assert carded.bytes()["assets/card.png"] == first
    monkeypatch.setattr(card, "card", draw)
    carded.page(block(FIGURE.replace("HIGH", "2").replace("a line", "another")))
    carded.build()
    other = carded.bytes()["assets/card.png"]
    assert other != first
    carded.page(block(FIGURE.replace("HIGH", "2")))
    (carded.root / ".cache/rendered").rename(carded.root / ".cache/gone")
    carded.build()
    assert carded.bytes()["assets/card.png"] == first, "the same bytes for the same input"


def test_a_card_without_its_figure_stops_the_build(
    carded: Site, caplog: pytest.LogCaptureFixture
) -> None:
    carded.page(block("print(1)"))
    with pytest.raises(Abort):
        carded.build()
    assert "card: index.md has no figure 'demo'; it has none" in caplog.text
