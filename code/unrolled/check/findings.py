"""What the check of a study gathers, and the arithmetic that these checks share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unrolled import validate_kinds
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


def check_seeds(seeds: Any) -> int:
    """Return how many there are.

    Raises:
        TypeError: Not a list, a tuple or an array of integers.
    """
    given = seeds.tolist() if isinstance(seeds, np.ndarray) else seeds
    for seed in validate_kinds.sequence("seeds", given):
        if isinstance(seed, bool | np.bool_) or not isinstance(seed, int | np.integer):
            raise TypeError(f"seeds: got {validate_kinds.short(seed)}, expected integers")
    return len(seeds)


def check_pairs(name: str, pairs: Any, what: str, known: tuple[Any, ...]) -> None:
    """Check pairs of what is known.

    Raises:
        TypeError: Not a list or a tuple.
        ValueError: Something in it is not such a pair.
    """
    for pair in validate_kinds.sequence(name, pairs):
        paired = isinstance(pair, Sequence) and len(pair) == 2
        if not (paired and all(each in known for each in pair)):
            raise ValueError(f"{name}: got {pair!r}, expected two {what} of {known}")
