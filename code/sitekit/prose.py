"""Markdown syntax for what the build knows: `[[value]]`, `[[claim:…]]`, `[[fig:…]]` and so on."""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

from sitekit.claims import Ledger, number, spread
from sitekit.numbering import Numbering, Target

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
    cited: set[str] = field(default_factory=set)
    """Claims that this page has cited so far."""

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
        }
        if colon and kind in makers:
            return makers[kind](rest)
        return self._value(kind, rest)

    def _value(self, name: str, spec: str) -> etree.Element:
        if name not in self.values:
            raise UnknownName(f"no block of this page names a value {name!r}")
        content, volatile = self.values[name]
        element = etree.Element("span", {"class": "unrolled-value"})
        if volatile:
            element.set("data-volatile", "")
        element.text = _formatted(name, spec, lambda: number(content, spec))
        return element

    def _claim(self, rest: str) -> etree.Element:
        id, _, spec = rest.partition(":")
        entry = next((entry for entry in self.ledger if entry["id"] == id), None)
        if entry is None:
            raise UnknownName(f"there is no claim {id!r}")
        text = _formatted(id, spec, lambda: spread(entry["measured"], spec))
        link = self._link(text, Target("", self.ledger_uri, id), "unrolled-claim")
        if id not in self.cited:
            link.set("id", f"{CITED}{id}")
            self.cited.add(id)
        return link

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
            raise UnknownName(f"there is no [[{kind}:{name}]]")
        return self._link(f"{before}{target.number}{after}", target, "unrolled-reference")

    def _page(self, slug: str) -> etree.Element:
        if slug not in self.numbering.pages:
            raise UnknownName(f"there is no page {slug!r}")
        target = self.numbering.pages[slug]
        return self._link(target.number, target, "unrolled-reference")

    def _link(self, text: str, target: Target, kind: str) -> etree.Element:
        here = posixpath.dirname(self.uri)
        path = "" if target.uri == self.uri else posixpath.relpath(target.uri, here or ".")
        href = f"{path}#{target.anchor}" if target.anchor else path
        element = etree.Element("a", {"href": href or "#", "class": kind})
        element.text = text
        return element


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
