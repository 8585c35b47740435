"""What a check says: what is right, what is wrong, by how much, and the likely cause."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

WIDTH = 43  # what fits the width of a phone


@dataclass(frozen=True)
class Diagnosis:
    """Something wrong.

    Attributes:
        id: Short and fixed, such as `recurrence-dropped`; tests and texts refer to it.
        what: What was observed, with its size: "W_hh: relative error 0.87".
        cause: The likely mistake, in words for whoever made it, and what to look at.
    """

    id: str
    what: str
    cause: str


@dataclass(frozen=True)
class Report:
    """The findings of one check.

    Attributes:
        subject: What was checked.
        right: What is as it should be, a line each.
        wrong: What is not, the most telling first.
    """

    subject: str
    right: tuple[str, ...] = ()
    wrong: tuple[Diagnosis, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The ids of what is wrong, the most telling first."""
        return tuple(diagnosis.id for diagnosis in self.wrong)

    def __str__(self) -> str:
        verdict = "passed" if self.passed else f"not yet: {', '.join(self.diagnoses)}"
        lines = _wrapped(f"{self.subject}: {verdict}")
        lines += [line for text in self.right for line in _wrapped(f"right  {text}", 7)]
        for diagnosis in self.wrong:
            lines += ["", *_wrapped(f"wrong  {diagnosis.what}", 7)]
            lines += _wrapped(f"       {diagnosis.cause}", 7)
        return "\n".join(lines)


def _wrapped(text: str, indent: int = 2) -> list[str]:
    """Return the lines of a text, of which those made by the author stay apart."""
    first, *rest = text.split("\n")
    lines = textwrap.wrap(first, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False)
    return lines + [" " * indent + line for line in rest]
