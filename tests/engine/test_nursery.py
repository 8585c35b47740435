"""Workers forked from a process that has imported what they share, as if begun from nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from sitekit.fingerprint import worker_environment
from sitekit.forked import Forked, Nursery, needs, worth_sharing
from sitekit.jobs import Job
from sitekit.nursery import FORKS
from tests.engine.conftest import Site, block

CODE = Path(__file__).resolve().parents[2] / "code"
pytestmark = pytest.mark.skipif(not FORKS, reason="only Linux forks")
HERE = """
import os, sys, tempfile
def main():
    print(os.getcwd(), tempfile.gettempdir(), os.environ["MARK"], os.getsid(0) == os.getpid())
    print("json.tool" in sys.modules, sys.stdin.readline(), file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(os.environ["CODE"]))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "seen.py").write_text(HERE)
    (tmp_path / "stays.py").write_text("import time\ndef main():\n    time.sleep(600)\n")
    (tmp_path / "loud.py").write_text("import warnings\nwarnings.warn('look')\n")
    (tmp_path / "prints.py").write_text("import os\nos.write(2, b'look')\n")
    (tmp_path / "old.py").write_text("import warnings\nwarnings.warn('x', DeprecationWarning)\n")
    return worker_environment((CODE, tmp_path))


@contextlib.contextmanager
def nursery(*modules: str, environment: dict[str, str]) -> Iterator[Nursery]:
    made = Nursery(modules, environment)
    try:
        yield made
    finally:
        made.close()


def start(nursery: Nursery, module: str, folder: Path) -> Forked | None:
    with tempfile.TemporaryFile("w+") as errors:
        process = nursery.fork(module, str(folder), {}, errors)
    if process:
        process.stdin.close()
        process.stdout.close()
    return process


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def gone_within(seconds: float, pid: int) -> bool:
    ends = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < ends:
        time.sleep(0.01)
    return not alive(pid)


def test_what_is_forked_has_folder_streams_and_settings_of_its_own(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    with nursery("json.tool", environment=environment) as made:
        made.settle()
        with tempfile.TemporaryFile("w+") as errors:
            settings = {"TMPDIR": str(folder), "MARK": "mark", "CODE": "3"}
            process = made.fork("seen", str(folder), settings, errors)
            assert process is not None
            with process.stdin as orders:
                orders.write("order\n")
            with process.stdout as said:
                assert said.read() == f"{folder} {folder} mark True\n"
            assert process.wait(timeout=20) == 3
            errors.seek(0)
            assert errors.read() == "True order\n\n"


def test_before_it_is_ready_nothing_is_forked(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(0.5)\n")
    with nursery("slow", environment=environment) as made:
        assert start(made, "stays", tmp_path) is None
        made.settle()
        assert start(made, "stays", tmp_path) is not None


@pytest.mark.parametrize("module", ["loud", "prints", "missing_from_everywhere"])
def test_without_its_imports_nothing_is_forked(
    tmp_path: Path, environment: dict[str, str], module: str
) -> None:
    with nursery(module, environment=environment) as made:
        made.settle()
        assert start(made, "stays", tmp_path) is None


def test_what_python_hides_of_an_import_stays_hidden(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with nursery("old", environment=environment) as made:
        made.settle()
        assert start(made, "stays", tmp_path) is not None


def test_each_way_to_end_is_told_from_the_others(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with nursery(environment=environment) as made:
        made.settle()
        first, second, third = (start(made, "stays", tmp_path) for _ in range(3))
        assert first is not None
        assert second is not None
        assert third is not None
        os.kill(second.pid, signal.SIGSEGV)
        assert second.wait(timeout=20) == -signal.SIGSEGV
        third.kill()
        assert third.wait(timeout=20) == -signal.SIGKILL
        third.kill()  # again does nothing
        assert first.returncode is None
        with pytest.raises(subprocess.TimeoutExpired):
            first.wait(timeout=0.1)
        failed = start(made, "no_such_module", tmp_path)
        assert failed is not None
        assert failed.wait(timeout=20) == 1


def test_its_children_end_with_it(tmp_path: Path, environment: dict[str, str]) -> None:
    with nursery(environment=environment) as made:
        made.settle()
        child = start(made, "stays", tmp_path)
        assert child is not None
        made.process.kill()
        assert child.wait(timeout=20) == -signal.SIGKILL
        assert gone_within(20, child.pid)
        assert start(made, "stays", tmp_path) is None
        child.kill()


def test_it_ends_with_the_build(tmp_path: Path, environment: dict[str, str]) -> None:
    build = (
        "import os, time\nfrom sitekit.forked import Nursery\n"
        "made = Nursery([], dict(os.environ))\nmade.settle()\n"
        "child = made.fork('stays', '.', {}, open('errors', 'w'))\n"
        "print(made.process.pid, child.pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", build], env=environment, cwd=tmp_path, stdout=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        process.kill()
    assert all(gone_within(20, pid) for pid in pids)


def test_only_what_several_need_is_shared() -> None:
    plain, drawn = "import numpy as np\n", "from matplotlib.figure import Figure\n"
    trains = "import torch\nadam = torch.optim.Adam(net.parameters())\n"
    speaks = "# what you import numbers for; PyTorch, torches\n"
    assert needs([speaks]) == set()
    assert needs(iter([plain, drawn])) == {"numpy", "matplotlib.pyplot"}
    assert needs([trains]) == {"torch", "torch._dynamo"}
    assert worth_sharing([{"numpy"}] * 2) == []
    assert worth_sharing(iter([{"numpy", "torch"}, {"torch"}, {"torch", "numpy"}])) == ["torch"]


def test_only_who_needs_all_of_it_is_forked(tmp_path: Path, environment: dict[str, str]) -> None:
    job = Job("a.md", "a", "docs/a.md", (), sys.executable, needs=frozenset({"a", "b", "c"}))
    with nursery("a", "b", "torch._dynamo", environment=environment) as made:
        assert made.suits(job)
        assert not made.suits(replace(job, needs=frozenset({"a", "c"})))
        assert not made.suits(replace(job, interpreter="/elsewhere/python"))


def test_it_leaves_no_file_and_is_not_waited_for(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "leaves.py").write_text("import tempfile\ntempfile.mkdtemp()\n")
    (tmp_path / "never.py").write_text("import time\ntime.sleep(600)\n")
    with nursery("leaves", environment=environment) as made:
        made.settle()
        assert made.ready
        assert [*made.held.folder.iterdir()]
    assert [*(tmp_path / "temporary").iterdir()] == []
    monkeypatch.setattr("sitekit.forked.IMPORTS", 0.5)
    with nursery("never", environment=environment) as made:
        made.settle()
        assert made.gone
    with nursery(environment=environment) as made:
        made.settle()
        monkeypatch.setattr("sitekit.forked.ANSWER", 0.5)
        os.kill(made.process.pid, signal.SIGSTOP)
        assert start(made, "stays", tmp_path) is None
        assert made.gone


def outcomes(site: Site) -> list[Any]:
    """Everything that is kept of pages, but for seconds."""
    found = []
    for path in sorted((site.root / ".cache" / "pages").glob("*/*.json")):
        outcome = json.loads(path.read_text().partition("\n")[2])
        blocks = outcome["blocks"].values()
        for part in (outcome, *blocks):
            part.pop("seconds")
        found.append(outcome)
    return sorted(found, key=str)


SEES = """
import inspect, os, signal, sys, tempfile, threading, warnings
import numpy, torch
print(__name__, sys.argv, len(inspect.stack()), threading.active_count())
print(sorted(name for name in os.environ if name not in ("TMPDIR", "TEMP", "TMP")))
print([each.startswith(os.getcwd()) for each in (tempfile.gettempdir(), os.environ["TMPDIR"])])
print(sys.path, os.listdir(), len(os.listdir("/proc/self/fd")), signal.getsignal(signal.SIGCHLD))
print(torch.get_num_threads(), torch.get_deterministic_debug_mode())
print(sorted(str(each[:3]) for each in warnings.filters))
def deep(n):
    return deep(n + 1)
try:
    deep(0)
except RecursionError as error:
    print(error)
"""


def test_pages_come_out_as_if_each_began_from_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "1")
    forked = []
    fork = Nursery.fork

    def counted(nursery: Nursery, *arguments: Any) -> Forked | None:
        nursery.settle()
        forked.append(fork(nursery, *arguments))
        return forked[-1]

    monkeypatch.setattr(Nursery, "fork", counted)
    for name in ("index", "p1", "p2", "p3"):
        site.page(block(SEES, "sees"), f"{name}.md")
    site.page(block("import sys\nprint('numpy' in sys.modules)", "plain"), "plain.md")
    site.build()
    shared = outcomes(site)
    assert len(forked) == 4
    assert all(forked)
    monkeypatch.setattr("sitekit.schedule.FORKS", False)
    shutil.rmtree(site.root / ".cache")
    site.build()
    assert len(forked) == 4
    assert len(shared) == 5
    assert outcomes(site) == shared


def test_a_page_that_dies_in_a_fork_is_reported(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "1")
    site.page(block("import numpy, time\ntime.sleep(2)\nprint(1)", "a"))
    site.page(block("import numpy, os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"), "b.md")
    site.page(block("import numpy, os\nos._exit(7)"), "c.md")
    site.page(block("import numpy, time\ntime.sleep(60)", timeout="1"), "d.md")
    with pytest.raises(BaseException, match="BuildError"):
        site.build()
    assert "SIGSEGV" in caplog.text
    assert "exit code 7" in caplog.text
    assert "ran longer than its limit of 1 s" in caplog.text
