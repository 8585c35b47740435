"""Nothing that was finished is lost, however a run ends, and nothing is computed twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.grid.conftest import SLOW, Shell, wait_until
from unrolled.commands.grid import _kept
from unrolled.grid import Run, Store, grid, run
from unrolled.grid.parse import read
from unrolled.packing import pack_fields

WORDS = {
    name.removeprefix("--").replace("-", "_"): [text]
    for name, text in zip(SLOW[1::2], SLOW[2::2], strict=True)
}
"""The same arguments as the parser takes them."""

posix = pytest.mark.skipif(os.name == "nt", reason="signals are sent another way there")


@posix
@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_and_taken_up(shell: Shell, jobs: str) -> None:
    command = [*SLOW, "--jobs", jobs, "--out", "out"]
    process = shell.start("-m", "unrolled", "run", *command)
    wait_until(lambda: len(shell.cells()) >= 2, process)
    process.kill()
    process.communicate(timeout=60)  # its workers have the other end of this pipe
    kept = shell.cells()
    assert 2 <= len(kept) < 6
    assert not (shell.folder / "out").exists()

    code, output = shell.run(*command)
    assert code == 0, output
    assert f"6 cells, {len(kept)} of them finished before" in output
    assert shell.cells().items() >= kept.items()
    assert len(shell.cells()) == 6

    (whole,) = run(read("sequence_length", WORDS, (), "site"))
    (taken_up,) = shell.results("out")
    assert taken_up == json.loads(json.dumps(pack_fields(whole)))


@posix
@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c(shell: Shell, jobs: str) -> None:
    process = shell.start("-m", "unrolled", "run", *SLOW, "--jobs", jobs, "--out", "out")
    wait_until(lambda: shell.cells(), process)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all that were started
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    kept = len(shell.cells())
    assert 1 <= kept < 6
    assert f"Stopped. {kept} of 6 cells are kept; the same command goes on from there." in output
    assert "Traceback" not in output
    assert not (shell.folder / "out").exists()


def test_a_cell_that_is_kept_and_not_counted_yet_counts(tmp_path: Path) -> None:
    store = Store(tmp_path)
    small = grid("sentence_order", seeds=(0, 1))
    stopped = Run(small, store)
    next(Run(small, store).compute())
    assert _kept(stopped).startswith("1 of 2 cells are kept")
    assert _kept(Run(small)).startswith("0 of 2 cells are kept")


@pytest.mark.parametrize("damage", ["truncated", "empty", "foreign", "another", "folder"])
def test_a_damaged_cell_is_not_there(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path)
    small = grid("sentence_order", seeds=(0, 1))
    results = run(small, store=store)
    first, second = (store.path(cell) for cell in small.cells(small.points[0]))
    untouched = second.stat().st_mtime_ns
    text = first.read_text("utf-8")
    if damage == "folder":
        first.unlink()
        first.mkdir()
    elif damage == "another":
        shutil.copy(second, first)
    else:
        first.write_text({"truncated": text[:-9], "empty": "", "foreign": "{}"}[damage], "utf-8")
    again = Run(small, store)
    assert [store.path(cell) for cell in again.missing] == [first]
    if damage == "folder":
        with pytest.raises(OSError, match="directory"):
            list(again.compute())
        assert second.stat().st_mtime_ns == untouched
        return
    list(again.compute())
    assert second.stat().st_mtime_ns == untouched
    for one, other in zip(results, again.merged(), strict=True):
        assert pack_fields(one) == pack_fields(other)


def test_what_killed_processes_left_is_removed_in_time(tmp_path: Path) -> None:
    (tmp_path / "spectrum").mkdir()
    old, new = (tmp_path / "spectrum" / f".writing-{name}" for name in ("old", "new"))
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    Store(tmp_path)
    assert new.exists()
    assert not old.exists()
