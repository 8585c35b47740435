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
from pathlib import Path
from typing import Any

import psutil
import pytest

from sitekit.fingerprint import worker_environment
from sitekit.nursery import FORKS, Forked, Nursery, worth_sharing
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


@pytest.mark.parametrize("module", ["loud", "missing_from_everywhere"])
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
        "import os, time\nfrom sitekit.nursery import Nursery\n"
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
    assert worth_sharing([[plain], [plain]]) == []
    assert worth_sharing([[speaks]] * 5) == []
    assert worth_sharing([[plain], [speaks, plain], [plain, drawn], [drawn]]) == ["numpy"]
    assert worth_sharing([[trains]] * 3) == ["torch", "torch._dynamo"]
    assert worth_sharing(iter([iter([trains, drawn])] * 1)) == []


def outputs(site: Site) -> dict[str, list[str]]:
    found = {}
    for path in (site.root / ".cache" / "pages").glob("*/*.json"):
        outcome = json.loads(path.read_text().partition("\n")[2])
        for id, entry in outcome["blocks"].items():
            found[id] = [output.get("text", "") for output in entry["outputs"]]
    return found


def test_pages_come_out_as_if_each_began_from_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "1")
    forked = []
    fork = Nursery.fork

    def counted(*arguments: Any) -> Forked | None:
        forked.append(fork(*arguments))
        return forked[-1]

    monkeypatch.setattr(Nursery, "fork", counted)
    code = "import sys\nimport numpy\nprint(__name__, sys.argv, numpy.arange(3), len(sys.path))"
    for number in range(4):
        waits = "import time\ntime.sleep(2)\n" if not number else ""
        name = f"p{number}" if number else "index"
        site.page(block(waits + code, f"b{number}"), f"{name}.md")
    site.build()
    shared = outputs(site)
    assert [bool(each) for each in forked] == [False, True, True, True]
    monkeypatch.setattr("sitekit.schedule.FORKS", False)
    shutil.rmtree(site.root / ".cache")
    site.build()
    assert len(forked) == len(shared) == 4
    assert outputs(site) == shared


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
