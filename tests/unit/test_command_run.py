"""`python -m unrolled experiments` and `run`: what they print, save and refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import unrolled
from unrolled import results
from unrolled.__main__ import app
from unrolled.grid.describe import describe, names

pytestmark = pytest.mark.usefixtures("shapes_unchecked")

SMALL = ["spectrum", "--hidden-dim", "3", "--powers", "2", "--jobs", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")
    for name in ("UNROLLED_CACHE", "UNROLLED_SCALE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, re.sub(r"[│╭╮╰╯─\s]+", " ", result.output)


def test_the_list() -> None:
    code, output = run("experiments")
    assert code == 0
    for name in names():
        assert name in output
    assert "lengths=10,25 hidden_dim=64 rate=0.001" in output


@pytest.mark.parametrize("name", names())
def test_help(name: str) -> None:
    code, output = run("run", name, "--help")
    assert code == 0
    for each in describe(name).parameters:
        if each.kind:
            assert f"--{each.name.replace('_', '-')} " in output
            assert each.help.split()[-1] in output
    assert ("--scale " in output) == describe(name).scaled


def test_no_help_and_no_list_imports_torch() -> None:
    probe = (
        "import sys\n"
        "from unrolled.__main__ import app\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "assert 'torch' not in sys.modules, sys.argv"
    )
    path = str(Path(unrolled.__file__).parents[1])
    for words in (["experiments"], ["run", "recall_at", "--help"], ["claims", "--help"]):
        command = [sys.executable, "-c", probe, *words]
        environment = {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr


def test_a_run(folder: Path) -> None:
    code, output = run("run", *SMALL, "--gain", "0.5,1", "--start", "orthogonal")
    assert code == 0, output
    assert "spectrum: 6 cells" in output
    assert re.search(r"\[3/6\] gain=\S+ seeds=\S+: .* s; about .* left", output)
    assert "not in a table: eigenvalues: complex128" in output
    assert re.search(r"0\.5 [┃|│ ]*0\.5", output)
    (made,) = (folder / "runs").iterdir()
    assert made.name.startswith("spectrum-")
    assert sorted(each.name for each in made.iterdir()) == [
        "figure.png", "figure.svg", "result.json",
    ]  # fmt: skip
    record = results.load(made / "result.json")
    assert record.axes == {"gain": (0.5, 1.0)}
    assert record.at(gain=0.5).seeds == (0, 1, 2)
    kept = sorted((folder / ".cache/grid/spectrum").iterdir())
    assert len(kept) == 6

    code, output = run("run", *SMALL, "--gain", "0.5,1", "--start", "orthogonal", "--out", "again")
    assert code == 0
    assert "cells" not in output
    one, two = (
        json.loads((each / "result.json").read_text("utf-8")) for each in (made, Path("again"))
    )
    assert one["results"] == two["results"]
    figures = [(each / "figure.svg").read_bytes() for each in (made, Path("again"))]
    assert figures[0] == figures[1]


def test_times_are_measured_alone() -> None:
    code, output = run("run", "scan_speed", "--length", "9", "--widths", "4", "--repeats", "1")
    assert code == 0
    assert "scan_speed: 3 cells, one at a time, as it measures times" in output


def test_recorded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "code").mkdir()
    (folder / "pyproject.toml").touch()
    monkeypatch.setattr(results, "FOLDER", folder / "code" / "results")
    code, output = run("run", *SMALL, "--record", "--as", "small-map")
    assert code == 0, output
    record = results.recorded("small-map", folder=results.FOLDER)
    assert record.result.power_norm.shape == (3, 3)
    assert results.stale("small-map", folder=results.FOLDER) is None
    assert record.provenance.command == (
        "python -m unrolled run spectrum --powers 2 --hidden-dim 3 --record --as small-map"
    )


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["spectra"], ["there is no 'spectra'; did you mean spectrum"]),
        ([*SMALL, "--seeds", "a"], ["--seeds: got 'a', expected an integer"]),
        ([*SMALL, "--gain", "-1"], ["--gain: got -1.0"]),
        ([*SMALL, "--start", "cold"], ["--start: got 'cold', expected one of"]),
        ([*SMALL, "--split", "gain"], ["--split: got 'gain', expected one of: seeds"]),
        ([*SMALL, "--scale", "smoke"], ["--scale"]),
        ([*SMALL, "--jobs", "-2"], ["--jobs: got -2"]),
        ([*SMALL, "--as", "x"], ["--as: names the recorded file, expected --record"]),
        ([*SMALL, "--record", "--as", "../x"], ["--as: got '../x'"]),
        ([*SMALL, "--dask", "tcp://127.0.0.1:1"], ["--jobs: on a Dask cluster"]),
        ([*SMALL[:-2], "--dask", "there"], ["--dask: got 'there', expected one such as tcp://"]),
        ([*SMALL, "--out", "file/inside"], ["--out: the folder file/inside cannot be made"]),
        (["order_sensitivity", "--length", "zero"], ["--length: got 'zero'"]),
        (["agreement_by_lag", "--lags", "99", "--scale", "smoke", "--jobs", "1"], ["--lags: got"]),
        (["agreement_by_lag", "--scale", "big"], ["--scale: got 'big', expected one of"]),
    ],
)
def test_bad_arguments(folder: Path, words: list[str], parts: list[str]) -> None:
    (folder / "file").touch()
    code, output = run("run", *words)
    assert code == 2, output
    for part in parts:
        assert part in output
    assert [each.name for each in folder.iterdir()] == ["file"]


def test_an_argument_that_is_refused_late(folder: Path) -> None:
    """What was finished before is true, and stays; nothing is reported or half written."""
    code, output = run("run", *SMALL, "--gain", "1,-1")
    assert code == 2
    assert "--gain: got -1.0" in output
    assert not (folder / "runs").exists()
    assert len(list((folder / ".cache/grid/spectrum").iterdir())) == 1


def test_a_cell_that_raises(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from unrolled.experiments import spectra

    whole = spectra.spectrum

    def failing(**arguments: object) -> object:
        if arguments["seeds"] == (2,):
            raise ArithmeticError("no number")
        return whole(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(spectra, "spectrum", failing)
    code, output = run("run", *SMALL)
    assert code == 1
    assert "spectrum(seeds=(2,), start='default'" in output
    assert "ArithmeticError: no number" in output
    assert "2 of 3 cells are kept; the same command goes on from there." in output
    assert not (folder / "runs").exists()
    monkeypatch.setattr(spectra, "spectrum", whole)
    code, output = run("run", *SMALL)
    assert code == 0
    assert "3 cells, 2 of them finished before" in output


def test_without_dask(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    code, output = run("run", *SMALL[:-2], "--dask", "tcp://127.0.0.1:1")
    assert code == 2
    assert 'pip install -e ".[cluster]"' in output
