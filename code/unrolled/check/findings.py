"""What the check of a study gathers, and the arithmetic that these checks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unrolled.check.report import Diagnosis, Report


@dataclass
class Findings:
    """What a check has found so far."""

    right: list[str] = field(default_factory=list)
    wrong: list[Diagnosis] = field(default_factory=list)

    def add(self, id: str, what: str, cause: str) -> None:
        """Note something wrong, once for each id and text."""
        if (diagnosis := Diagnosis(id, what, cause)) not in self.wrong:
            self.wrong.append(diagnosis)

    def report(self, subject: str) -> Report:
        """Return what was found so far."""
        return Report(subject, tuple(self.right), tuple(self.wrong))


def as_array(given: Any) -> np.ndarray:
    """Return a tensor or an array as an array.

    Raises:
        ValueError: It has no numbers, or not the same number in each row.
    """
    try:
        made = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(str(error)) from error
    if made.dtype.kind not in "fiub":
        raise ValueError(f"dtype {made.dtype}")
    return made


def balanced(said: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean over the classes 0 and 1 of the share that is found; guessing gives 0.5."""
    return float(np.mean([(said[labels == label] == label).mean() for label in (0, 1)]))


def spread(numbers: list[float]) -> str:
    """Return the least and the greatest: "0.84 to 0.88"."""
    return f"{min(numbers):.2f} to {max(numbers):.2f}"
