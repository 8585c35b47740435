"""What a claim is, and how one is declared and measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

from unrolled.settings import Scale
from unrolled.settings import scale as chosen_scale

Verdict = Literal["holds", "only if", "does not hold"]
Measure = Callable[[Sequence[int], Scale], float | list[float]]


@dataclass(frozen=True)
class Bound:
    """An interval, both ends included; an open end is infinite. Written `lo..hi`."""

    low: float
    high: float

    @classmethod
    def parse(cls, text: str) -> Bound:
        """Read `0.45..0.75`, `0.9..` or `..1e-12`.

        Raises:
            ValueError: The text has another form, or its ends are in the wrong order.
        """
        low, dots, high = text.partition("..")
        try:
            bound = cls(float(low or "-inf"), float(high or "inf"))
        except ValueError:
            bound = cls(math.nan, math.nan)
        if not dots or not (low or high) or not bound.low <= bound.high:
            raise ValueError(f"bound: got {text!r}, expected 'lo..hi', 'lo..' or '..hi'")
        return bound

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high


@dataclass(frozen=True)
class Claim:
    """A statement about recurrent networks, with the code that tests it.

    `verdict` judges the statement as it is commonly made; `bound` is what we assert
    about the measured number, and a build in which it fails does not publish.
    """

    id: str
    chapter: str
    statement: str
    source: str
    protocol: str
    bound: str
    verdict: Verdict
    remark: str
    seeds: tuple[int, ...]
    measure: Measure


@dataclass(frozen=True)
class Measurement:
    """What came out when a claim was measured."""

    claim: Claim
    measured: float | list[float]
    seeds: tuple[int, ...]
    scale: Scale

    @property
    def holds(self) -> bool:
        """Whether every measured number lies within the bound; NaN never does."""
        numbers = self.measured if isinstance(self.measured, list) else [self.measured]
        bound = Bound.parse(self.claim.bound)
        return bool(numbers) and all(number in bound for number in numbers)


REGISTRY: dict[str, Claim] = {}


def claim(
    *,
    id: str,
    statement: str,
    source: str,
    protocol: str,
    bound: str,
    verdict: Verdict,
    remark: str = "",
    seeds: Sequence[int] = (0, 1, 2),
) -> Callable[[Measure], Measure]:
    """Register the decorated function as the measurement of a claim.

    The claim belongs to the chapter its module is named after, with `_` for each hyphen, and its
    id starts with it.

    Raises:
        ValueError: An id that is taken or lacks its chapter, an unreadable bound,
            an unknown verdict, an empty text, or no seeds.
    """

    def register(measure: Measure) -> Measure:
        chapter = measure.__module__.rpartition(".")[2].replace("_", "-")
        if not id.startswith(f"{chapter}-"):
            raise ValueError(f"id: got {id!r}, expected one that starts with '{chapter}-'")
        if id in REGISTRY:
            raise ValueError(f"id: {id!r} is taken by {REGISTRY[id].measure.__module__}")
        if verdict not in get_args(Verdict):
            raise ValueError(f"verdict: got {verdict!r}, expected one of {get_args(Verdict)}")
        if not (statement and source and protocol and seeds):
            raise ValueError(f"claim {id!r}: statement, source, protocol and seeds must be given")
        Bound.parse(bound)
        REGISTRY[id] = Claim(
            id, chapter, statement, source, protocol, bound, verdict, remark, tuple(seeds), measure
        )
        return measure

    return register


def measure_claim(
    claim: Claim, *, seeds: Sequence[int] | None = None, scale: Scale | None = None
) -> Measurement:
    """Run a claim's measurement for the given seeds (its own by default).

    Raises:
        TypeError: The measuring function returned something other than numbers.
    """
    seeds = claim.seeds if seeds is None else tuple(seeds)
    scale = scale or chosen_scale()
    measured = claim.measure(seeds, scale)
    numbers = measured if isinstance(measured, list) else [measured]
    if not all(isinstance(number, Real) for number in numbers):
        raise TypeError(f"claim {claim.id!r}: expected a number or a list, got {measured!r}")
    plain = [float(number) for number in numbers]
    return Measurement(claim, plain if isinstance(measured, list) else plain[0], seeds, scale)
