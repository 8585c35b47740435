"""The page that lists every claim, and its counterpart for programs."""

from __future__ import annotations

import html
import json
from itertools import groupby

from sitekit.claims import Ledger, spread

MARK = "[[ledger]]"
PUBLISHED = (
    "id", "chapter", "statement", "source", "protocol", "measured", "bound", "holds", "seeds",
    "verdict", "remark",
)  # fmt: skip
VERDICTS = {
    "holds": "holds",
    "only if": "holds only under a condition",
    "does not hold": "does not hold",
}


def ledger_json(entries: Ledger) -> str:
    """Return the content of `claims.json`."""
    published = [{key: entry[key] for key in PUBLISHED} for entry in entries]
    return json.dumps(published, indent=1, ensure_ascii=False) + "\n"


def ledger_markdown(entries: Ledger, chapters: dict[str, str]) -> str:
    """Return the ledger as Markdown: one heading a chapter, one entry a claim.

    Args:
        chapters: The Markdown path of each chapter with claims, by slug.
    """
    parts = []
    for chapter, group in groupby(entries, key=lambda entry: str(entry["chapter"])):
        title = f"[[page:{chapter}]]" if chapter in chapters else chapter
        parts.append(f"## Chapter {chapter} {{#chapter-{chapter}}}\n\nClaims of {title}.")
        parts += [_entry(entry) for entry in group]
    return "\n\n".join(parts)


def _entry(entry: dict[str, object]) -> str:
    measured = entry["measured"]
    assert isinstance(measured, (int, float, list))
    seeds = ", ".join(map(str, entry["seeds"]))  # type: ignore[call-overload]
    spread_over = f"seeds {seeds}" if isinstance(measured, list) else "one number"
    rows = {
        "Commonly made in": entry["source"],
        "Protocol": entry["protocol"],
        "Measured": f"{spread(measured)} ({spread_over})",
        "Bound": f"`{entry['bound']}`",
        "Verdict": f"{VERDICTS[str(entry['verdict'])]}. {entry['remark']}",
    }
    listed = "\n".join(f"{term}\n:   {text}\n" for term, text in rows.items())
    heading = f"### {html.escape(str(entry['id']), quote=False)} {{#{entry['id']}}}"
    return (
        f'{heading}\n\n<div class="unrolled-ledger" markdown="1">\n\n'
        f"{entry['statement']}\n\n{listed}\n</div>"
    )
