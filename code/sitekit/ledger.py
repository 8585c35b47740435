"""The page that lists every claim, and its counterpart for programs."""

from __future__ import annotations

import json
from itertools import groupby

from sitekit.claims import Ledger, in_words, spread

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


def ledger_json(entries: Ledger) -> str:
    """Return the content of `claims.json`."""
    published = [{key: entry[key] for key in PUBLISHED} for entry in entries]
    return json.dumps(published, indent=1, ensure_ascii=False) + "\n"


def ledger_markdown(entries: Ledger, chapters: list[str]) -> str:
    """Return the ledger as Markdown: one heading a chapter, one entry a claim.

    Args:
        chapters: The slugs of all pages in the order of the navigation.
    """
    parts = []
    known = {chapter: place for place, chapter in enumerate(chapters)}
    ordered = sorted(entries, key=lambda entry: known.get(str(entry["chapter"]), len(known)))
    for chapter, group in groupby(ordered, key=lambda entry: str(entry["chapter"])):
        title = f"[[page:{chapter}]]" if chapter in known else chapter
        parts.append(f"## {title} {{#chapter-{chapter}}}")
        parts += [_entry(entry) for entry in group]
    return "\n\n".join(parts)


def _entry(entry: dict[str, object]) -> str:
    measured = entry["measured"]
    assert isinstance(measured, (int, float, list))
    seeds = entry["seeds"]
    assert isinstance(seeds, list)
    spread_over = f" over seeds {_listed(seeds)}" if isinstance(measured, list) else ""
    rows = {
        "Measured": f"{spread(measured)}{spread_over}",
        "Bound": f"{in_words(str(entry['bound']))}, or the site is not published",
        "Protocol": entry["protocol"],
        "Commonly made in": entry["source"],
        "Name": f"`{entry['id']}`",
    }
    listed = "\n".join(f"{term}\n:   {text}\n" for term, text in rows.items())
    verdict = str(entry["verdict"])
    kind = verdict.replace(" ", "-")
    return (
        f"### {entry['statement']} {{#{entry['id']}}}\n\n"
        f'<div class="unrolled-ledger" markdown="1">\n\n'
        f"**{VERDICTS[verdict]}**{{.unrolled-verdict .{kind}}} {entry['remark']}\n\n"
        f"{listed}\n</div>"
    )


def _listed(seeds: list[int]) -> str:
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))
