"""The numbers of chapters, figures and equations, and where each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sitekit.blocks import find_fences

DISPLAYED = re.compile(r"\$\$(.+?)\$\$", re.S)
LABEL = re.compile(r"\\label\{([^}]*)\}")
HEADING = re.compile(r"^# +(.+?)(?: *\{.*\})?$", re.M)


@dataclass(frozen=True)
class Target:
    """Something that prose can refer to: `number` as printed, at `uri#anchor`."""

    number: str
    uri: str
    anchor: str


@dataclass
class Numbering:
    """What is numbered, by page slug and id."""

    pages: dict[str, Target] = field(default_factory=dict)
    figures: dict[tuple[str, str], Target] = field(default_factory=dict)
    equations: dict[tuple[str, str], Target] = field(default_factory=dict)
    repeated: list[tuple[str, str]] = field(default_factory=list)

    def add_page(
        self, uri: str, slug: str, text: str, chapter: int | None, outcome: dict[str, Any]
    ) -> None:
        """Number what a page holds; pages must come in the order of the navigation.

        Args:
            chapter: Its number, or None for a page that is no chapter.
            outcome: Of its blocks, as executed.
        """
        title = HEADING.search(text)
        self.pages[slug] = Target(title[1].strip() if title else slug, uri, "")
        prefix = f"{chapter}." if chapter else ""
        shown = [
            entry["id"]
            for block in outcome.get("blocks", {}).values()
            for entry in block["outputs"]
            if entry["kind"] == "figure"
        ]
        for count, id in enumerate(shown, start=1):
            self.figures[slug, id] = Target(f"{prefix}{count}", uri, f"fig-{id}")
        for count, label in enumerate(equation_labels(text), start=1):
            if (slug, label) in self.equations:
                self.repeated.append((slug, label))
            self.equations[slug, label] = Target(f"{prefix}{count}", uri, f"eq-{label}")


def equation_labels(text: str) -> list[str]:
    """Return the labels of a page's displayed equations, in order."""
    fences, _ = find_fences(text, "")
    lines = text.splitlines()
    for fence in fences:
        lines[fence.first - 1 : fence.last] = [""] * (fence.last - fence.first + 1)
    formulas = DISPLAYED.findall("\n".join(lines))
    return [label for formula in formulas for label in LABEL.findall(formula)]
