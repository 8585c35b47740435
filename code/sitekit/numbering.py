"""The numbers of chapters, figures and equations, and where each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sitekit.fences import find_fences
from sitekit.jobs import Page
from sitekit.problems import Problem

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

    def add_pages(
        self, pages: list[Page], texts: dict[str, str], outcomes: dict[str, dict[str, Any]]
    ) -> list[Problem]:
        """Number what the pages hold and return what stands in the way.

        Args:
            pages: In the order of the navigation, which is that of the chapters' numbers.
            texts: The Markdown of each page, by its name.
            outcomes: Of the pages' blocks, by the same names.
        """
        problems = []
        chapter = 0
        for page in pages:
            is_chapter = page.name.startswith("chapters/")
            chapter += is_chapter
            if page.slug in self.pages:
                message = f"the slug {page.slug!r} is taken by {self.pages[page.slug].uri}"
                problems.append(Problem(page.path, 1, message))
            prefix = f"{chapter}." if is_chapter else ""
            text, outcome = texts[page.name], outcomes.get(page.name, {})
            problems += self._add(page, text, prefix, outcome)
        return problems

    def _add(self, page: Page, text: str, prefix: str, outcome: dict[str, Any]) -> list[Problem]:
        problems = []
        uri, slug = page.name, page.slug
        title = HEADING.search(text)
        self.pages[slug] = Target(title[1].strip() if title else slug, uri, "")
        yielded = outcome.get("blocks", {})
        shown = [
            entry["id"]
            for block in page.blocks
            for entry in yielded.get(block.id, {"outputs": []})["outputs"]
            if entry["kind"] == "figure"
        ]
        for count, id in enumerate(shown, start=1):
            self.figures[slug, id] = Target(f"{prefix}{count}", uri, f"fig-{id}")
        for count, label in enumerate(equation_labels(text), start=1):
            if (slug, label) in self.equations:
                problems.append(Problem(page.path, 1, f"the label {label!r} is used twice"))
            self.equations[slug, label] = Target(f"{prefix}{count}", uri, f"eq-{label}")
        return problems


def equation_labels(text: str) -> list[str]:
    """Return the labels of a page's displayed equations, in order."""
    fences, _ = find_fences(text, "")
    lines = text.splitlines()
    for fence in fences:
        lines[fence.first - 1 : fence.last] = [""] * (fence.last - fence.first + 1)
    formulas = DISPLAYED.findall("\n".join(lines))
    return [label for formula in formulas for label in LABEL.findall(formula)]
