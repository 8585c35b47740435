"""Does a program print and draw what the page shows?"""

from __future__ import annotations

import re
from typing import Any

Event = dict[str, Any]
NUMBER = re.compile(r"[-+−]?\d[\d,]*\.?\d*(e[-+]?\d+)?")


def same(page: list[Event], program: list[Event], *, volatile: bool) -> bool:
    """Say whether two lists of outputs are alike: equal, or of one shape where time is measured."""
    mine, theirs = (list(map(_comparable, outputs)) for outputs in (page, program))
    if volatile:
        mine, theirs = (list(map(_shape, outputs)) for outputs in (mine, theirs))
    return mine == theirs


def _comparable(output: Event) -> tuple[str, str]:
    kind = output["kind"]
    if kind == "figure":
        return kind, f"{output['svg']} {output['caption']}"
    text = output["text"].rstrip()
    if kind == "error":  # in one file, an exception of the package has no module before its name
        text = re.sub(r"^[\w.]*\.(?=\w+(:|$))", "", text)
    return kind, text


def _shape(output: tuple[str, str]) -> tuple[str, str]:
    kind, text = output
    if kind == "figure":
        return kind, ""
    return kind, re.sub(r"[\s·–-]+", " ", NUMBER.sub("0", text))
