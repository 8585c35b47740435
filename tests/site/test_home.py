"""What the site says of itself: the route, its minutes, the card. None of it was typed."""

from __future__ import annotations

import json
import re
import struct

from tests.site.conftest import ROOT, Built
from tests.site.pages import DOCS


def chapters() -> list[str]:
    """Return the chapters in the order of the navigation."""
    listed = re.findall(r"chapters/[a-z0-9-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8"))
    assert len(listed) == len(list(DOCS.glob("chapters/*.md")))
    return listed


def test_the_map_leads_to_every_chapter_and_exercise(built: Built) -> None:
    route = built.soups["index.html"].select_one("nav.unrolled-route")
    assert route is not None
    stops = route.select("li[value]")
    expected = [name.removesuffix("md")[:-1] + "/" for name in chapters()]
    assert [stop.a["href"] for stop in stops] == expected
    assert [int(stop["value"]) for stop in stops] == list(range(1, len(expected) + 1))
    exercises = {link["href"] for link in route.select("li li:not([value]) a")}
    assert exercises == {f"exercises/{path.stem}/" for path in DOCS.glob("solutions/*.py")}
    claims = json.loads(built.read("claims.json"))
    assert f"{len(expected)} chapters" in route.get_text()
    assert f"{len(claims)} claims, measured" in route.get_text()


def test_every_chapter_says_where_it_is_and_how_long_it_takes(built: Built) -> None:
    route = built.soups["index.html"].select_one("nav.unrolled-route")
    assert route is not None
    for part in route.select(":scope > ol > li"):
        stops = part.select("li[value]")
        for place, stop in enumerate(stops, start=1):
            here = built.soups[f"{stop.a['href']}index.html"].select(".unrolled-here")
            assert len(here) == 1
            said = here[0].get_text()
            name = part.p.find(string=True).strip()
            assert said.startswith(name)
            if len(stops) > 1:
                assert f"{name} · chapter {place} of {len(stops)} ·" in said
            assert f" {stop.span.get_text()} to read" in said
            assert here[0].select_one("[data-volatile]") is not None


def test_no_number_of_the_home_page_was_typed(built: Built) -> None:
    """Of chapters, minutes, claims; the figure's own arithmetic is in the chapter's prose."""
    text = (DOCS / "index.md").read_text("utf-8")
    assert not re.search(r"\d+ (chapters|claims|min|hours|blocks)", text)
    assert "[[route]]" in text


def test_the_card_is_named_only_by_a_site_that_knows_its_address(built: Built) -> None:
    picture = (built.folder / "assets/card.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert len(picture) < 150_000
    for name, soup in built.soups.items():
        properties = {meta["property"] for meta in soup.select("meta[property]")}
        assert {"og:title", "og:description", "og:type"} <= properties, name
        assert "og:image" not in properties, name
