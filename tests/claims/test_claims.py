"""Every claim is well-formed, can be measured, and holds for seeds nobody tuned it on."""

from __future__ import annotations

import math
import multiprocessing
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import unrolled.claims
from unrolled.claims import Bound, all_claims, measure
from unrolled.claims.registry import Claim
from unrolled.remeasure import Asked, measure_again

CLAIMS = all_claims()
IDS = [claim.id for claim in CLAIMS]
FRESH = (90210, 271828, 161803)  # three that no bound was set on


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_well_formed(claim: Claim) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", claim.id)
    assert claim.id.startswith(f"{claim.chapter}-")
    assert claim.measure.__module__ == f"unrolled.claims.{claim.chapter.replace('-', '_')}"
    for text in (claim.statement, claim.source, claim.protocol):
        assert text[-1] in ".?", text
        assert "  " not in text
        assert text[0].isupper()
    assert claim.remark or claim.verdict == "holds", "say what is true instead, or on what it hangs"
    bound = Bound.parse(claim.bound)
    assert bound.low <= bound.high
    assert math.isfinite(bound.low) or math.isfinite(bound.high)


def test_statements_differ() -> None:
    assert Counter(claim.statement for claim in CLAIMS).most_common(1)[0][1] == 1


def test_a_module_a_chapter() -> None:
    folder = Path(unrolled.claims.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "registry"}
    assert {name.replace("_", "-") for name in modules} == {claim.chapter for claim in CLAIMS}
    numpy = {"order", "rnn", "unrolling", "bptt", "vanishing", "exploding"}
    pytorch = {"pytorch", "depth", "training", "charlm", "seq2seq", "memory", "gates", "today"}
    assert numpy | pytorch <= modules


def test_the_numpy_chapters_are_well_tested() -> None:
    """Thirty claims and more, and every verdict among them."""
    assert len(CLAIMS) >= 30
    by_verdict = Counter(claim.verdict for claim in CLAIMS)
    assert min(by_verdict[v] for v in ("holds", "only if", "does not hold")) >= 5


@pytest.mark.parametrize("id", IDS)
def test_measured_at_smoke_scale(id: str) -> None:
    measurement = measure(id, seeds=(4, 5), scale="smoke")
    numbers = measurement.measured
    if isinstance(numbers, list):
        assert len(numbers) == 2
        assert numbers == measure(id, seeds=(4, 5), scale="smoke").measured
    assert all(math.isfinite(n) for n in (numbers if isinstance(numbers, list) else [numbers]))


def test_holds_for_fresh_seeds() -> None:
    """On all cores; the claims of a chapter together, as they share trainings."""
    assert not [claim.id for claim in CLAIMS if set(claim.seeds) & set(FRESH)]
    chapters = sorted({claim.chapter for claim in CLAIMS})
    pieces = [
        Asked(tuple((claim.id, FRESH) for claim in CLAIMS if claim.chapter == chapter), "site")
        for chapter in chapters
    ]
    # Not joblib: it replaces a worker that has grown, and warns, and here a warning is an error.
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        found = [again for piece in pool.map(measure_again, pieces) for again in piece]
    assert len(found) == len(CLAIMS)
    bounds = {claim.id: claim.bound for claim in CLAIMS}
    failed = {
        again.id: (bounds[again.id], again.measured, again.problem)
        for again in found
        if not again.holds
    }
    assert failed == {}
