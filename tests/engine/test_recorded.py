"""A recorded result whose code has changed stops a strict build, and says how to renew it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.exceptions import Abort

from sitekit.recorded import stale_results
from tests.engine.conftest import Site
from unrolled.experiments import sampling_temperature
from unrolled.results import Provenance, Record, save
from unrolled.sources import key

COMMAND = "python -m unrolled run sampling_temperature --record"


def record(path: Path, code: str) -> None:
    made = Provenance(COMMAND, code, None, {}, "cpu", 1.0, "2001-01-01T00:00:00Z")
    result = sampling_temperature(seeds=(0,))
    save(path, Record("sampling_temperature", {}, {}, None, (result,), made))


@pytest.fixture
def current() -> str:
    return key("unrolled.experiments.temperature")


def test_a_result_of_this_code_is_no_problem(tmp_path: Path, current: str) -> None:
    assert stale_results(tmp_path / "nowhere", tmp_path) == []
    record(tmp_path / "results" / "a.json", current)
    assert stale_results(tmp_path / "results", tmp_path) == []


def test_a_result_of_other_code_names_its_command(tmp_path: Path) -> None:
    record(tmp_path / "results" / "a.json", "0" * 64)
    (problem,) = stale_results(tmp_path / "results", tmp_path)
    assert problem.path == "results/a.json"
    assert COMMAND in problem.message


def test_a_damaged_result_is_a_problem(tmp_path: Path, current: str) -> None:
    path = tmp_path / "results" / "a.json"
    record(path, current)
    path.write_text(path.read_text()[:-20])
    (problem,) = stale_results(tmp_path / "results", tmp_path)
    assert "expected a whole file" in problem.message


def test_a_strict_build_stops_and_no_other(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.page("Text.")
    record(site.root / "code" / "results" / "a.json", "0" * 64)
    with pytest.raises(Abort):
        site.build()
    assert f"renew it with: {COMMAND}" in caplog.text
    assert not (site.root / "site").exists()
    site.build(strict=False)
