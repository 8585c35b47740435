"""The page that lists every claim, and its counterpart for programs."""

from __future__ import annotations

import json

from sitekit.claims import Ledger, in_words, spread
from sitekit.plain_math import typeset

MARK = "[[ledger]]"
PUBLISHED = (
    "id", "chapter", "statement", "source", "protocol", "measured", "bound", "holds", "seeds",
    "verdict", "remark",
)  # fmt: skip
VERDICTS = {
    "holds": "Holds.",
    "only if": "Holds only if:",
    "does not hold": "Does not hold.",
}
TITLES = {
    "does not hold": "What does not hold",
    "only if": "What holds only under a condition",
    "holds": "What holds",
}
"""The verdicts, in the order in which a sceptic wants them."""


def ledger_json(entries: Ledger) -> str:
    """Return the content of `claims.json`."""
    published = [{key: entry[key] for key in PUBLISHED} for entry in entries]
    return json.dumps(published, indent=1, ensure_ascii=False) + "\n"


def ledger_markdown(entries: Ledger, chapters: list[str], cited: dict[str, str]) -> str:
    """Return the ledger as Markdown: one section a verdict, one entry a claim.

    Args:
        chapters: The slugs of all pages in the order of the navigation.
        cited: By claim, where a page cites it, as a link from the ledger.
    """
    known = {chapter: place for place, chapter in enumerate(chapters)}
    parts = []
    for verdict, title in TITLES.items():
        judged = [entry for entry in entries if entry["verdict"] == verdict]
        if not judged:
            continue
        judged.sort(key=lambda entry: known.get(str(entry["chapter"]), len(known)))
        count = f"{len(judged)} of {len(entries)} statements"
        parts.append(f"## {title} {{#{_kind(verdict)}}}\n\n{count}.")
        parts += [_entry(entry, known, cited.get(str(entry["id"]), "")) for entry in judged]
    return "\n\n".join(parts)


def _entry(entry: dict[str, object], known: dict[str, int], place: str) -> str:
    measured = entry["measured"]
    assert isinstance(measured, (int, float, list))
    seeds = entry["seeds"]
    assert isinstance(seeds, list)
    spread_over = f" over seeds {_listed(seeds)}" if isinstance(measured, list) else ""
    chapter = str(entry["chapter"])
    title = f"[[page:{chapter}]]" if chapter in known else chapter
    rows = {
        "Measured": f"{spread(measured)}{spread_over}",
        "Bound": f"{in_words(str(entry['bound']))}, or the site is not published",
        "Protocol": typeset(str(entry["protocol"])),
        "Commonly made in": entry["source"],
        "Chapter": f"{title}, [where it is used]({place})" if place else title,
        "Name": f"`{entry['id']}`",
    }
    listed = "\n".join(f"{term}\n:   {text}\n" for term, text in rows.items())
    verdict = str(entry["verdict"])
    kind = _kind(verdict)
    return (
        f'<div class="unrolled-entry" data-verdict="{kind}" data-chapter="{chapter}" '
        f'markdown="1">\n\n### {entry["statement"]} {{#{entry["id"]}}}\n\n'
        f'<div class="unrolled-ledger" markdown="1">\n\n'
        f"**{VERDICTS[verdict]}**{{.unrolled-verdict .{kind}}} {entry['remark']}\n\n"
        # A search finds the statement; what all entries repeat would bury it.
        f'<div data-search-exclude markdown="1">\n\n{listed}\n</div>\n\n</div>\n\n</div>'
    )


def _kind(verdict: str) -> str:
    return verdict.replace(" ", "-")


def _listed(seeds: list[int]) -> str:
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))
