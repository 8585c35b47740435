"""The glossary: its terms get addresses, and its definitions go to where pages name the terms."""

from __future__ import annotations

import re
from collections.abc import Iterator

URI = "glossary.md"
ENTRY = re.compile(r"^(?P<term>[^\s:].*)(?=\n:   )", re.M)
DEFINED = re.compile(r'<dt id="(?P<id>[^"]+)">.*?</dt>\s*(?P<senses>(?:<dd>.*?</dd>\s*)+)', re.S)
SENSE = re.compile(r"<dd>\s*(?:<p>)?(.*?)(?:</p>)?\s*</dd>", re.S)
POINTER = re.compile(r"[;,] (?:see|as in) <a\b.*?</a>(?=\.)", re.S)
LINK = re.compile(r"</?a\b[^>]*>")
NAMED = re.compile(
    r'<a class="unrolled-term" href="(?P<href>[^"#]*#(?P<id>[^"]+))">(?P<text>.*?)</a>', re.S
)


def terms_of(markdown: str) -> dict[str, str]:
    """Return the anchor of every term of the glossary, by all ids under which it is known.

    What stands in brackets behind a term, as in "Gated recurrent unit (GRU)", is one of them.
    """
    terms: dict[str, str] = {}
    for entry in ENTRY.finditer(markdown):
        name, _, abbreviation = entry["term"].partition(" (")
        anchor = id_of(name)
        for id in filter(None, (anchor, id_of(abbreviation))):
            terms.setdefault(id, anchor)
    return terms


def id_of(term: str) -> str:
    """Return the id of a term: small letters and digits, with hyphens between the words."""
    return "-".join(re.findall(r"[a-z0-9]+", term.lower()))


def with_anchors(markdown: str) -> str:
    """Return the glossary with an id at every term."""
    return ENTRY.sub(
        lambda entry: f"{entry['term']} {{ #{id_of(entry['term'].partition(' (')[0])} }}", markdown
    )


def definitions_of(html: str) -> dict[str, str]:
    """Return the definition of every term, by its anchor, as HTML in which nothing is a link.

    Pointers to where a term is treated are left out: whoever wants them follows the term.
    """
    return {entry["id"]: " ".join(_senses(entry["senses"])) for entry in DEFINED.finditer(html)}


def _senses(html: str) -> Iterator[str]:
    for sense in SENSE.findall(html):
        yield LINK.sub("", POINTER.sub("", sense)).strip()


def insert_definitions(html: str, definitions: dict[str, str]) -> str:
    """Return a page in which every term it names has its definition beside it."""

    def explained(found: re.Match[str]) -> str:
        definition = definitions.get(found["id"])
        if definition is None:
            return found[0]
        id = f"term-{found['id']}"
        return (
            f'<a class="unrolled-term" href="{found["href"]}" aria-describedby="{id}">'
            f'{found["text"]}</a><span class="unrolled-definition" role="tooltip" id="{id}">'
            f"{definition}</span>"
        )

    return NAMED.sub(explained, html) if "unrolled-term" in html else html
