"""The same grid on a real Dask cluster, of which a part dies."""

from __future__ import annotations

import json
import os
import time

import pytest

from tests.grid.conftest import QUICK, SLOW, Shell, wait_until

pytestmark = pytest.mark.slow


def scheduler(shell: Shell) -> str:
    """Start a scheduler on the loopback device, on a free port; return its address."""
    file = shell.folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
    process = shell.start(
        "-m", "distributed.cli.dask_scheduler", *options, "--scheduler-file", str(file)
    )
    wait_until(lambda: file.exists() and file.read_text("utf-8").endswith("}"), process)
    address: str = json.loads(file.read_text("utf-8"))["address"]
    return address


def test_a_worker_is_killed(shell: Shell) -> None:
    address = scheduler(shell)
    options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    workers = [
        shell.start("-m", "distributed.cli.dask_worker", address, *options) for _ in range(2)
    ]
    process = shell.start("-m", "unrolled", "run", *SLOW, "--dask", address, "--out", "cluster")
    wait_until(lambda: shell.cells(), process)
    workers[0].kill()
    output, _ = process.communicate(timeout=90)
    assert process.returncode == 0, output
    assert workers[0].poll() is not None
    assert workers[1].poll() is None
    assert len(shell.cells()) == 6
    code, output = shell.run(*SLOW, "--jobs", "1", "--out", "local", cache="other")
    assert code == 0, output
    assert shell.results("cluster") == shell.results("local")


def test_nobody_there(shell: Shell) -> None:
    started = time.monotonic()
    code, output = shell.run(*QUICK[:-2], "--dask", "tcp://127.0.0.1:1")
    assert code == 2
    assert "--dask: nothing answers at tcp://127.0.0.1:1" in output
    assert time.monotonic() - started < 20
    address = scheduler(shell)
    code, output = shell.run(*QUICK[:-2], "--dask", address)
    assert code == 2
    assert f"--dask: no worker has joined {address}" in output
    assert "Traceback" not in output
    assert os.listdir(shell.folder) == ["scheduler.json"]
