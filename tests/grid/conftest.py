"""The command line in processes of its own, which no test leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import unrolled

PATIENCE = 90
"""Seconds after which a test that waits has failed."""
# Six cells of about half a second.
SLOW = ["sequence_length", "--lengths", "3,4,5,6,7,8", "--seeds", "0,1", "--hidden-dim", "16"]
SLOW += ["--steps", "150", "--goal", "2"]
QUICK = ["sequence_length", "--lengths", "3,4", "--seeds", "0,1", "--hidden-dim", "4"]
QUICK += ["--scale", "smoke", "--jobs", "1"]


class Shell:
    """Starts programs in a folder of their own, with a cache of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *command: str, cache: str = "cache") -> subprocess.Popen[str]:
        """Start a Python program, at the head of a process group as from a terminal."""
        environment = {name: os.environ[name] for name in os.environ if name != "UNROLLED_SCALE"}
        environment |= {
            "PYTHONPATH": str(Path(unrolled.__file__).parents[1]),
            "UNROLLED_CACHE": str(self.folder / cache),
            "UNROLLED_DEVICE": "cpu",
            "COLUMNS": "200",
        }
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder, env=environment, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, *options: str, cache: str = "cache") -> tuple[int, str]:
        """Run an experiment to its end; return exit code and output."""
        process = self.start("-m", "unrolled", "run", *options, cache=cache)
        output, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, output

    def cells(self, cache: str = "cache") -> dict[str, int]:
        """Return the finished cells, each with the time it was written."""
        files = (self.folder / cache).glob("grid/*/*.json")
        return {file.name: file.stat().st_mtime_ns for file in files}

    def results(self, out: str) -> Any:
        return json.loads((self.folder / out / "result.json").read_text("utf-8"))["results"]


def wait_until(true: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Return once something is true; fail when its process has ended or patience has."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended early: {process.communicate()[0]}")
        time.sleep(0.01)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)
