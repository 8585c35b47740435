"""Recorded results: what is in the file, and when it is stale."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from unrolled import provenance, results
from unrolled.experiments.spectra import Spectrum
from unrolled.grid import grid, run
from unrolled.record import record_of
from unrolled.results import ResultError, load, recorded, save, stale


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("results")
    axes = {"gain": (0.5, 1.0), "start": ("orthogonal", "gaussian")}
    small = grid("spectrum", axes=axes, seeds=(1, 4), powers=2, hidden_dim=3)
    save(made / "map.json", record_of(small, run(small), 1.5, options=" --record --as map"))
    alone = grid("sentence_order", seeds=(2,))
    save(made / "alone.json", record_of(alone, run(alone), 0.25))
    return made


def test_round_trip(folder: Path) -> None:
    assert {"alone", "map"} <= {*results.names(folder=folder)}
    record = recorded("map", folder=folder)
    assert record.axes == {"gain": (0.5, 1.0), "start": ("orthogonal", "gaussian")}
    assert record.fixed == {"seeds": (1, 4), "powers": 2, "hidden_dim": 3}
    for gain, radius in ((0.5, 0.5), (1.0, 1.0)):
        found = record.at(start="orthogonal", gain=gain)
        assert isinstance(found, Spectrum)
        assert found.eigenvalues.dtype == complex
        np.testing.assert_allclose(found.spectral_radius, radius)
    again = folder / "again.json"
    save(again, record)
    assert again.read_bytes() == (folder / "map.json").read_bytes()
    assert recorded("alone", folder=folder).result.seeds == (2,)


def test_provenance(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.loads((folder / "map.json").read_text("utf-8"))
    assert content["seeds"] == [1, 4]
    about = content["provenance"]
    assert about["command"] == (
        "python -m unrolled run spectrum --seeds 1,4 --powers 2 --hidden-dim 3 "
        "--gain 0.5,1.0 --start orthogonal,gaussian --record --as map"
    )
    assert about["versions"].keys() == {"python", "numpy", "torch", "unrolled"}
    assert (about["device"], about["seconds"]) == ("cpu", 1.5)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert provenance.date() == "1970-01-02T00:00:00Z"
    for wrong in ("yesterday", "1.5", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(ValueError, match=f"^SOURCE_DATE_EPOCH='{wrong}': expected seconds"):
            provenance.date()


def test_one_value_for_every_axis(folder: Path) -> None:
    record = recorded("map", folder=folder)
    for wrong in ({}, {"gain": 0.5}, {"gain": 3.0, "start": "gaussian"}, {"bits": 2}):
        with pytest.raises(ValueError, match=r"(gain|start): got .*, expected one of"):
            record.at(**wrong)
    with pytest.raises(ValueError, match="gain: got nothing"):
        _ = record.result


def test_stale(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stale("map", folder=folder) is None
    monkeypatch.setattr(results, "key_of_code", lambda module: "another")
    command = stale("map", folder=folder)
    assert command is not None
    assert command.endswith("--record --as map")
    with pytest.raises(FileNotFoundError):
        stale("nothing", folder=folder)


@pytest.mark.parametrize("damage", ["truncated", "foreign", "fields", "gone"])
def test_damaged(folder: Path, tmp_path: Path, damage: str) -> None:
    text = (folder / "map.json").read_text("utf-8")
    changed = {
        "truncated": text[:-5],
        "foreign": "[1, 2]",
        "fields": text.replace('"largest_singular"', '"smallest_singular"'),
        "gone": text.replace('"experiment": "spectrum"', '"experiment": "specter"'),
    }
    file = tmp_path / "map.json"
    file.write_text(changed[damage], "utf-8")
    with pytest.raises(ResultError, match=r"^map\.json: "):
        load(file)
    if damage in ("fields", "gone"):
        with pytest.raises(ResultError, match="renew it with: python -m unrolled run"):
            load(file)


def test_every_recorded_result_of_the_project_is_fresh() -> None:
    for name in results.names():
        assert stale(name) is None, f"{name}: renew it with: {stale(name)}"


def test_commit_is_of_this_code_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "provenance.py"
    shutil.copy(provenance.__file__, copied)
    monkeypatch.setattr(provenance, "HERE", copied)
    assert provenance.commit() is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    (tmp_path / "other").touch()
    subprocess.run([*git, "add", "other"], check=True)
    subprocess.run([*git, "commit", "-qm", "Other"], check=True)
    assert provenance.commit() is None  # a repository, but this file is not of it
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "Ours"], check=True)
    clean = provenance.commit()
    assert clean is not None
    assert len(clean) == 40
    copied.write_text("changed")
    assert provenance.commit() == f"{clean}+changes"
