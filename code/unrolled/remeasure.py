"""Measure claims again, with seeds that nobody chose their bounds on."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from unrolled import validate, validate_kinds
from unrolled.claims import all_claims, measure
from unrolled.claims.registry import Claim
from unrolled.settings import Scale
from unrolled.threads import one_thread


@dataclass(frozen=True)
class Asked:
    """Claims to be measured one after the other, in one process: they may share a training."""

    claims: tuple[tuple[str, tuple[int, ...]], ...]
    """The id of each, and its seeds."""
    scale: Scale


@dataclass(frozen=True)
class Again:
    """What came out for one claim. `problem` says why there is nothing measured."""

    id: str
    seeds: tuple[int, ...]
    measured: float | list[float] | None
    holds: bool
    problem: str = ""


def measure_again(asked: Asked) -> list[Again]:
    """Measure each claim; one that raises does not hold, and keeps none of the others.

    Raises:
        TypeError: Not what `asked_for` returned a list of.
    """
    validate_kinds.instance("asked", asked, Asked)
    importlib.import_module("torch")  # or there would be nobody to ask for one thread
    found = []
    for id, seeds in asked.claims:
        try:
            with one_thread():
                measurement = measure(id, seeds=seeds, scale=asked.scale)
            found.append(Again(id, seeds, measurement.measured, measurement.holds))
        except Exception as error:  # a control that shows the same, or an error in the code
            found.append(Again(id, seeds, None, False, f"{type(error).__name__}: {error}"))
    return found


def chosen(chapter: str = "") -> tuple[Claim, ...]:
    """Return the claims of one chapter, or all.

    Raises:
        ValueError: There is no such chapter.
        TypeError: Not a text.
    """
    validate_kinds.text("chapter", chapter)
    every = all_claims()
    chapters = sorted({claim.chapter for claim in every})
    if chapter and chapter not in chapters:
        raise ValueError(f"chapter: got {chapter!r}, expected one of {', '.join(chapters)}")
    return tuple(claim for claim in every if chapter in ("", claim.chapter))


def asked_for(
    claims: Sequence[Claim], first_seeds: Sequence[int], scale: Scale, *, together: bool
) -> list[Asked]:
    """Return what is to be measured, in pieces for as many processes.

    Args:
        first_seeds: For each N, a claim is measured with N, N + 1, and so on, as many seeds as it
            has of its own; with its own when there is no N.
        together: Keep a chapter in one piece, as its claims may share a training.

    Raises:
        TypeError, ValueError: Not claims, first seeds from 0 up, a scale, and yes or no.
    """
    for claim in validate_kinds.sequence("claims", claims):
        validate_kinds.instance("claims", claim, Claim)
    for seed in validate_kinds.sequence("first_seeds", first_seeds):
        validate.size("first_seeds", seed, least=0)
    validate.choice("scale", scale, get_args(Scale))
    validate_kinds.flag("together", together)
    pieces = []
    firsts: Sequence[int | None] = first_seeds or (None,)
    for first in firsts:
        every: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
        for claim in claims:
            own = claim.seeds
            seeds = own if first is None else tuple(range(first, first + len(own)))
            every.setdefault(claim.chapter if together else claim.id, []).append((claim.id, seeds))
        pieces += [Asked(tuple(piece), scale) for piece in every.values()]
    return pieces
