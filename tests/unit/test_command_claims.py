"""`python -m unrolled claims`: other seeds, what is reported, and the exit code."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unrolled import claims
from unrolled.__main__ import app
from unrolled.claims.registry import REGISTRY
from unrolled.remeasure import asked_for, chosen

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["claims", "--jobs", "1", *words], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, re.sub(r"[│╭╮╰╯─\s]+", " ", result.output)


def test_as_many_seeds_as_a_claim_has() -> None:
    pieces = asked_for(chosen("bptt"), (7, 100), "smoke", together=True)
    assert len(pieces) == 2
    for first, piece in zip((7, 100), pieces, strict=True):
        for id, seeds in piece.claims:
            assert seeds == tuple(range(first, first + len(REGISTRY[id].seeds)))
    own = asked_for(chosen("bptt"), (), "smoke", together=False)
    assert [piece.claims for piece in own] == [
        ((claim.id, claim.seeds),) for claim in chosen("bptt")
    ]


def test_a_chapter_with_other_seeds(tmp_path: Path) -> None:
    file = tmp_path / "claims.json"
    code, output = run("--chapter", "bptt", "--seed", "40", "--scale", "site", "--out", str(file))
    assert code == 0, output
    assert "[6/6]" in output
    assert re.search(r"bptt-equals-autograd 40\.\.42 \S+ .*\.\.1e-13 yes", output)
    assert output.rstrip().endswith("6 of 6 hold.")
    written = json.loads(file.read_text("utf-8"))
    assert written["provenance"]["scale"] == "site"
    for row in written["claims"]:
        again = claims.measure(row["id"], seeds=row["seeds"], scale="site")
        assert row["measured"] == again.measured
        assert (row["holds"], row["bound"]) == (True, again.claim.bound)


def test_one_that_does_not_hold_and_one_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(seeds: object, scale: object) -> float:
        raise ArithmeticError("the control shows the same")

    for id, change in {
        "bptt-equals-autograd": {"bound": "5..6"},
        "bptt-equals-finite-differences": {"measure": fails},
    }.items():
        monkeypatch.setitem(REGISTRY, id, dataclasses.replace(REGISTRY[id], **change))  # type: ignore[arg-type]
    code, output = run("--chapter", "bptt", "--seed", "1", "--scale", "site")
    assert code == 1
    assert re.search(r"bptt-equals-autograd 1\.\.3 \S+ .*5\.\.6 NO", output)
    assert "bptt-equals-finite-differences: ArithmeticError: the control shows" in output
    assert output.rstrip().endswith("4 of 6 hold.")
    code, output = run("--chapter", "bptt", "--seed", "1,2", "--scale", "smoke")
    assert code == 0
    assert output.rstrip().endswith("12 measured; at scale smoke claims are not judged.")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--seed", "1,x"], "--seed: got 'x', expected an integer of at least 0"),
        (["--chapter", "none"], "--chapter: got 'none', expected one of bptt"),
        (["--jobs", "-1"], "--jobs: got -1"),
        (["--scale", "big"], "--scale: got 'big'"),
        (["--out", "no/such/file.json"], "--out: no/such/file.json is a folder, or in none"),
    ],
)
def test_bad_arguments(words: list[str], part: str) -> None:
    code, output = run(*words)
    assert code == 2
    assert part in output
