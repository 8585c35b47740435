"""What is kept is damaged, writes fail, the clock is wrong, or two builds meet."""

from __future__ import annotations

import os
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults.conftest import Known
from tests.faults.project import Project
from tests.reproduce.compare import differences

pytestmark = pytest.mark.slow
DAY = 86_400


def truncate(file: Path, others: list[Path], dice: Random) -> None:
    file.write_bytes(file.read_bytes()[: dice.randrange(file.stat().st_size)])


def flip(file: Path, others: list[Path], dice: Random) -> None:
    content = bytearray(file.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(content)


def empty(file: Path, others: list[Path], dice: Random) -> None:
    file.write_bytes(b"")


def replace(file: Path, others: list[Path], dice: Random) -> None:
    shutil.copyfile(dice.choice([other for other in others if other != file]), file)


def make_unreadable(file: Path, others: list[Path], dice: Random) -> None:
    """Put a folder there: whoever is root may read a file without permissions."""
    file.unlink()
    (file / "inside").mkdir(parents=True)


@pytest.mark.parametrize("damage", [truncate, flip, empty, replace, make_unreadable])
def test_what_is_kept_is_damaged(
    known: Known,
    tmp_path: Path,
    dice: Random,
    point: int,
    damage: Callable[[Path, list[Path], Random], None],
) -> None:
    project = known.new.copy(tmp_path / "project")
    entries = project.entries()
    damage(dice.choice(entries), entries, dice)
    known.check(project)


def test_writes_fail(known: Known, project: Project, dice: Random, point: int) -> None:
    """No file may become larger than some bytes: whatever writes more than that gets an error."""
    sizes = [path.stat().st_size for path in known.new.root.rglob("*") if path.is_file()]
    limit = int(max(sizes) ** dice.random())

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    running = project.start(first=bound)
    running.communicate(timeout=120)
    if running.returncode == 0:
        assert list(differences(known.new.site, project.site)) == []
    known.check(project)


def test_the_clock_was_set_back(known: Known, project: Project, dice: Random, point: int) -> None:
    later = time.time() + dice.uniform(0, 1000) * DAY
    for path in project.root.rglob("*"):
        os.utime(path, (later, later))
    project.edit(2)
    known.check(project)


@pytest.mark.parametrize("shared", ["folder", "cache"])
def test_two_builds_meet(
    known: Known, project: Project, tmp_path: Path, dice: Random, point: int, shared: str
) -> None:
    other = project if shared == "folder" else project.copy(tmp_path / "other")
    first = project.start()
    time.sleep(dice.uniform(0, known.seconds))
    second = other.start(cache=project.cache)
    for running in (first, second):
        said, _ = running.communicate(timeout=120)
        assert running.returncode == 0, said
    for each in (project, other):
        assert list(differences(known.new.site, each.site)) == []
        assert each.remains() == []
    known.check(project)
