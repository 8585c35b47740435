"""Markdown syntax for what the build knows: `[[value]]`, `[[claim:…]]`, `[[fig:…]]` and so on."""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

from sitekit import glossary
from sitekit.claims import Ledger, number, spread
from sitekit.numbering import Numbering, Target
from sitekit.references import FILE, Work

CITED = "claim-"
"""Before a claim's id, the anchor of the place where a page first cites it."""
TOKEN = r"\[\[([^\[\]\n]+)\]\]"


def first_citations(texts: dict[str, str], pages: dict[str, Target]) -> dict[str, str]:
    """Return for each claim a link to where it is first cited, if possible by its own chapter.

    Args:
        texts: The Markdown of each page, by its name.
        pages: By slug.
    """
    found: dict[str, str] = {}
    for slug, target in pages.items():
        for id in set(re.findall(r"\[\[claim:([a-z0-9-]+)", texts[target.uri])):
            if id not in found or id.startswith(f"{slug}-"):
                found[id] = f"{target.uri}#{CITED}{id}"
    return found


class UnknownName(Exception):
    """Prose names something that the build does not know; the message says what."""


@dataclass
class Scope:
    """What the prose of one page can name."""

    uri: str
    slug: str
    values: dict[str, tuple[int | float | str, bool]] = field(default_factory=dict)
    numbering: Numbering = field(default_factory=Numbering)
    ledger: Ledger = field(default_factory=list)
    ledger_uri: str = "claims.md"
    works: dict[str, Work] = field(default_factory=dict)
    works_uri: str = "references.md"
    terms: dict[str, str] = field(default_factory=dict)
    """Anchors in the glossary, by id."""
    named: set[str] = field(default_factory=set)
    """Claims, works and terms that this page has named so far."""

    def element(self, token: str) -> etree.Element:
        """Return what stands for `[[token]]` on the page.

        Raises:
            UnknownName: Nothing has this name, or the format does not fit it.
        """
        kind, colon, rest = token.partition(":")
        makers: dict[str, Callable[[str], etree.Element]] = {
            "claim": self._claim,
            "fig": lambda name: self._numbered("Figure ", "fig", self.numbering.figures, name),
            "eq": lambda name: self._numbered("(", "eq", self.numbering.equations, name, ")"),
            "page": self._page,
            "cite": self._cite,
            "citep": self._cite_in_brackets,
            "source": self._source,
            "term": self._term,
        }
        if colon and kind in makers:
            return makers[kind](rest)
        return self._value(kind, rest)

    def _value(self, name: str, spec: str) -> etree.Element:
        if name not in self.values:
            raise UnknownName(
                f"no block of this page names a value {name!r}{near(name, self.values)}"
            )
        content, volatile = self.values[name]
        element = etree.Element("span", {"class": "unrolled-value"})
        if volatile:
            element.set("data-volatile", "")
            element.set("data-search-exclude", "")  # or the index would vary as well
        element.text = _formatted(name, spec, lambda: number(content, spec))
        return element

    def _claim(self, rest: str) -> etree.Element:
        id, _, spec = rest.partition(":")
        entry = next((entry for entry in self.ledger if entry["id"] == id), None)
        if entry is None:
            known = [str(entry["id"]) for entry in self.ledger]
            raise UnknownName(f"there is no claim {id!r}{near(id, known)}")
        text = _formatted(id, spec, lambda: spread(entry["measured"], spec))
        link = self._link(text, Target("", self.ledger_uri, id), "unrolled-claim")
        if self._first(f"{CITED}{id}"):
            link.set("id", f"{CITED}{id}")
        return link

    def _first(self, anchor: str) -> bool:
        """Say whether this page names something for the first time, and remember that it did."""
        new = anchor not in self.named
        self.named.add(anchor)
        return new

    def _numbered(
        self,
        before: str,
        kind: str,
        known: dict[tuple[str, str], Target],
        name: str,
        after: str = "",
    ) -> etree.Element:
        slug, _, id = name.rpartition("/")
        target = known.get((slug or self.slug, id))
        if target is None:
            own = [id for owner, id in known if owner == self.slug]
            full = [f"{owner}/{id}" for owner, id in known]
            raise UnknownName(f"there is no [[{kind}:{name}]]{near(name, [*own, *full])}")
        return self._link(f"{before}{target.number}{after}", target, "unrolled-reference")

    def _page(self, slug: str) -> etree.Element:
        if slug not in self.numbering.pages:
            raise UnknownName(f"there is no page {slug!r}{near(slug, self.numbering.pages)}")
        target = self.numbering.pages[slug]
        return self._link(target.number, target, "unrolled-reference")

    def _work(self, key: str) -> tuple[Work, etree.Element]:
        """Return a work, and a link to it that names its authors and its year."""
        if key not in self.works:
            raise UnknownName(f"there is no work {key!r} in {FILE}{near(key, self.works)}")
        work = self.works[key]
        text = f"{work.short} ({work.year})"
        link = self._link(text, Target("", self.works_uri, key), "unrolled-reference")
        return work, link

    def _cite(self, key: str) -> etree.Element:
        _, link = self._work(key)
        return self._anchored(link, key)

    def _cite_in_brackets(self, keys: str) -> etree.Element:
        element = etree.Element("span")
        element.text = "("
        for key in map(str.strip, keys.split(",")):
            work, link = self._work(key)
            link.text = f"{work.short} {work.year}"
            link.tail = "; "
            element.append(self._anchored(link, key))
        element[-1].tail = ")"
        return element

    def _source(self, key: str) -> etree.Element:
        """Return the whole entry; Markdown goes on to what is Markdown in it."""
        work, link = self._work(key)
        element = etree.Element("span", {"class": "unrolled-source"})
        element.text = work.source(link.get("href", ""))
        return self._anchored(element, key)

    def _anchored(self, element: etree.Element, key: str) -> etree.Element:
        if self._first(f"cite-{key}"):
            element.set("id", f"cite-{key}")
        return element

    def _term(self, name: str) -> etree.Element:
        """Return a link to the glossary where a page first names a term, later only the words."""
        id, _, words = name.partition("|")
        if id not in self.terms:
            raise UnknownName(f"there is no term {id!r} in {glossary.URI}{near(id, self.terms)}")
        text = words or id.replace("-", " ")
        if self._first(f"term-{self.terms[id]}"):
            return self._link(text, Target("", glossary.URI, self.terms[id]), "unrolled-term")
        element = etree.Element("span")
        element.text = text
        return element

    def _link(self, text: str, target: Target, kind: str) -> etree.Element:
        here = posixpath.dirname(self.uri)
        path = "" if target.uri == self.uri else posixpath.relpath(target.uri, here or ".")
        href = f"{path}#{target.anchor}" if target.anchor else path
        element = etree.Element("a", {"class": kind, "href": href or "#"})
        element.text = text
        return element


def near(name: str, known: Iterable[str]) -> str:
    """Return the known names that look like one that is not known, to put behind a message."""
    from difflib import get_close_matches  # only a fault needs it

    close = get_close_matches(name, list(known))
    return f"; close to it: {', '.join(map(repr, close))}" if close else ""


def _formatted(name: str, spec: str, make: Callable[[], str]) -> str:
    try:
        return make()
    except (ValueError, TypeError) as error:
        raise UnknownName(f"{name!r} cannot be printed as {spec!r}: {error}") from error


class ProseExtension(Extension):
    """Replaces `[[…]]` outside code by what `resolve` makes of it."""

    def __init__(self, resolve: Callable[[str], etree.Element]) -> None:
        super().__init__()
        self.resolve = resolve

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        # After escapes and code (180, 190), before links (170).
        md.inlinePatterns.register(_Names(self.resolve, md), "unrolled", 175)


class _Names(InlineProcessor):
    def __init__(self, resolve: Callable[[str], etree.Element], md: Markdown) -> None:
        super().__init__(TOKEN, md)
        self.resolve = resolve

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: Any
    ) -> tuple[etree.Element, int, int]:
        return self.resolve(m[1].strip()), m.start(0), m.end(0)
