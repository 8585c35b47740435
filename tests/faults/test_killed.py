"""A build, or one of its workers, is killed or interrupted at any moment."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from random import Random

import psutil
import pytest

from tests.faults.conftest import Known
from tests.faults.project import Project, interrupt_as_usual

pytestmark = pytest.mark.slow


def test_a_build_is_killed(known: Known, project: Project, dice: Random, point: int) -> None:
    running = project.start()
    time.sleep(dice.uniform(0, known.seconds))
    running.kill()
    running.communicate(timeout=60)
    known.check(project)


def test_a_worker_is_killed(known: Known, project: Project, dice: Random, point: int) -> None:
    running = project.start()
    build = psutil.Process(running.pid)
    while not (workers := build.children(recursive=True)):
        time.sleep(0.01)
    time.sleep(dice.uniform(0, known.seconds / 4))
    with contextlib.suppress(psutil.NoSuchProcess):  # one of them has ended meanwhile
        workers = build.children(recursive=True) or workers
        dice.choice(workers).kill()
    said, _ = running.communicate(timeout=120)
    assert running.returncode == 0 or "SIGKILL" in said, said
    known.check(project)


def test_a_build_is_interrupted(known: Known, project: Project, dice: Random, point: int) -> None:
    running = project.start(first=interrupt_as_usual)
    time.sleep(dice.uniform(0, known.seconds))
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=60)
    known.check(project)


def test_a_page_is_deleted_while_serving(
    known: Known, project: Project, dice: Random, point: int
) -> None:
    address = f"127.0.0.1:{dice.randrange(20000, 30000)}"
    running = project.start("serve", "--dev-addr", address, first=interrupt_as_usual)
    time.sleep(dice.uniform(0, 2 * known.seconds))
    (project.root / "docs/third.md").unlink()
    time.sleep(dice.uniform(0, known.seconds))
    assert running.poll() is None, running.communicate()[0]
    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=60)
    known.check(project, known.shorter)
