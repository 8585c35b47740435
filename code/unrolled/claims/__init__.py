"""Statements about recurrent networks, each with the code that tests it.

One module a chapter, named after it; every module registers its claims when imported.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

from unrolled.claims.registry import REGISTRY, Bound, Claim, Measurement, claim, measure_claim
from unrolled.settings import Scale

__all__ = ["Bound", "Claim", "Measurement", "all_claims", "claim", "measure"]


def all_claims() -> tuple[Claim, ...]:
    """Import the claims of every chapter and return them, in order of id."""
    for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}."):
        importlib.import_module(module.name)
    return tuple(REGISTRY[id] for id in sorted(REGISTRY))


def measure(
    id: str, *, seeds: Sequence[int] | None = None, scale: Scale | None = None
) -> Measurement:
    """Measure one claim, with its own seeds and the chosen scale unless others are given.

    Raises:
        KeyError: No claim has this id; the message lists those there are.
    """
    known = {claim.id: claim for claim in all_claims()}
    if id not in known:
        raise KeyError(f"id: no claim {id!r}; known are {', '.join(known)}")
    return measure_claim(known[id], seeds=seeds, scale=scale)
