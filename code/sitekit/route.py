"""The way through the chapters, by parts, as the navigation has it: a map, and "you are here"."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sitekit.reading import RULE, in_words

CHAPTERS = "chapters/"
EXERCISES = "exercises/"
MARK = "[[route]]"
"""Where a page wants the map."""
PLACE = "<!--route-->"
"""What stands there until all pages are rendered, and their minutes known."""
ANCHOR = "the-route"
"""Of the section with the map, on the home page."""


@dataclass(frozen=True)
class Part:
    """One section of the navigation: its title, and the pages of it that are on the route."""

    title: str
    uris: tuple[str, ...]
    beside: bool
    """It is not on the way from the first chapter to the last: exercises, an appendix."""

    @property
    def chapters(self) -> tuple[str, ...]:
        """Those that are chapters; the others are exercises."""
        return tuple(uri for uri in self.uris if uri.startswith(CHAPTERS))


def parts_of(nav: Any) -> list[Part]:
    """Return the sections of the navigation that have chapters or exercises, in order.

    The way ends at the first section after the chapters that has other pages than these.
    """
    parts: list[Part] = []
    beside = False
    for entry in nav or []:
        for title, pages in entry.items() if isinstance(entry, dict) else ():
            listed = [next(iter(page.values())) if isinstance(page, dict) else page
                      for page in pages if isinstance(pages, list)]  # fmt: skip
            uris = [uri for uri in listed if str(uri).startswith((CHAPTERS, EXERCISES))]
            beside = beside or bool(parts and not all(uri.startswith(CHAPTERS) for uri in listed))
            if uris:
                parts.append(Part(title, tuple(uris), beside))
    return parts


def here_html(uri: str, parts: list[Part], home: str, minutes: float, seconds: float | None) -> str:
    """Return the line below a page's title: where it is on the route, and how long it takes.

    Args:
        home: The address of the home page, relative to the page.
        minutes: To read it.
        seconds: Its blocks took when last executed; None where none was.
    """
    said = []
    for part in parts:
        if uri in part.chapters:
            place, of = part.chapters.index(uri) + 1, len(part.chapters)
            link = f'<a href="{home}#{ANCHOR}">{html.escape(part.title)}</a>'
            said += [link, f"chapter {place} of {of}"] if of > 1 else [link]
    said.append(f"{in_words(minutes)} to read")
    if seconds is not None:
        said.append(f"its code ran in <span data-volatile>{seconds:.1f} s</span>")
    items = " · ".join(said)
    return f'<p class="unrolled-here" data-search-exclude>{items}</p>'


def route_html(
    parts: list[Part],
    title: Callable[[str], str],
    address: Callable[[str], str],
    minutes: dict[str, float],
    facts: list[str],
) -> str:
    """Return the map: a rail of parts, each with its chapters and their minutes.

    Args:
        title: Of a page.
        address: Of a page, relative to the one that has the map.
        minutes: That each chapter takes to read.
        facts: About this build, to stand beside the sum of the minutes.
    """
    number = 0
    rows = []
    for part in parts:
        stops = []
        for uri in part.uris:
            link = f'<a href="{html.escape(address(uri))}">{html.escape(title(uri))}</a>'
            if uri in part.chapters:
                number += 1
                stops.append(
                    f'<li value="{number}">{link} <span>{in_words(minutes[uri])}</span></li>'
                )
            else:
                stops.append(f"<li>{link}</li>")
        sums = in_words(sum(max(1, round(minutes[uri])) for uri in part.chapters))
        total = f" <span>{sums}</span>" if len(part.chapters) > 1 else ""
        name = f'<p class="unrolled-part">{html.escape(part.title)}{total}</p>'
        beside = ' class="unrolled-beside"' if part.beside else ""
        rows.append(f"<li{beside}>{name}<ol>{''.join(stops)}</ol></li>")
    whole = sum(max(1, round(minutes[uri])) for part in parts for uri in part.chapters)
    known = " · ".join([f"{number} chapters", f"{in_words(whole)} of reading", *facts])
    return (
        f'<nav class="unrolled-route" aria-label="The route" data-search-exclude>'
        f"<ol>{''.join(rows)}</ol><p>{known}. {RULE}</p></nav>"
    )
