"""What of an interpreter, its machine and its settings counts for a page's outcome."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sitekit.fingerprint
from sitekit.fingerprint import describe_python, fingerprint, worker_environment
from sitekit.keys import OWN, Keys


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("code", "site-packages"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_workers_know_one_thread_no_locale_and_no_colour(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/more")
    for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "8")
    monkeypatch.setenv("KEPT", "as it is")
    environment = worker_environment((project, project, project / "b"))
    wanted = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(project), str(project / "b"), "/more"]),
        "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "agg",
        "MATPLOTLIBRC": str(OWN / "matplotlibrc"),
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "KEPT": "as it is",
    }
    assert {name: environment.get(name) for name in wanted} == wanted
    monkeypatch.delenv("PYTHONPATH")
    assert worker_environment((project,))["PYTHONPATH"] == str(project)


def printed(environment: dict[str, str], *roots: Path, interpreter: str = sys.executable) -> Any:
    return json.loads(fingerprint(interpreter, environment, roots))


def test_the_print_names_settings_that_count_and_no_others(project: Path) -> None:
    environment = {
        "PYTHONPATH": os.pathsep.join([str(project), "/more"]),
        "MATPLOTLIBRC": "/anywhere",
        "OMP_NUM_THREADS": "1",
        "TORCH_HOME": "/t",
        "UNROLLED_SCALE": "full",
        "UNROLLED_DATA": "/data",
        "HOME": "/somebody",
        "TZ": "UTC",
    }
    assert printed(environment, project)["variables"] == {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": "/more",
        "TORCH_HOME": "/t",
        "TZ": "UTC",
        "UNROLLED_DATA": "/data",
        "UNROLLED_DEVICE": "auto",
        "UNROLLED_SCALE": "full",
    }


def test_the_print_names_the_machine(project: Path) -> None:
    machine = printed({"PYTHONPATH": "", "MATPLOTLIBRC": ""})["machine"]
    assert machine["system"] == platform.system()
    assert machine["machine"] == platform.machine()
    assert set(machine) == {"system", "machine", "processor", "gpus"}
    assert machine["processor"]


CPUINFO = """\
processor : 0
model name : One
CPU part : 0xd0c
cpu MHz : 1000
flags : fpu sse
Features : fp asimd

processor : 1
model name : Two

processor : 2
model name : Two
"""
GPU = "Model: \t Fast\nIRQ: 3\n"


def machine_with(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    cpuinfo: str = CPUINFO,
    gpus: tuple[str, ...] = (),
) -> Any:
    """What the print says of a machine with these files in /proc."""
    proc = folder / "proc"
    proc.mkdir(exist_ok=True)
    (proc / "cpuinfo").write_text(cpuinfo)
    for number, gpu in enumerate(gpus):
        place = proc / "driver/nvidia/gpus" / str(number)
        place.mkdir(parents=True, exist_ok=True)
        (place / "information").write_text(gpu)
    monkeypatch.setattr(sitekit.fingerprint, "Path", lambda name: folder / name.removeprefix("/"))
    return sitekit.fingerprint._machine()


def test_the_processor_counts_by_what_it_can_and_not_by_its_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = machine_with(tmp_path, monkeypatch)
    said = "model name : One\nCPU part : 0xd0c\nflags : fpu sse\nFeatures : fp asimd"
    assert first["processor"] == hashlib.sha256(said.encode()).hexdigest()[:16]
    for same in (("1000", "2000"), ("Two", "Three"), ("processor : 0", "processor : 7")):
        assert machine_with(tmp_path, monkeypatch, CPUINFO.replace(*same)) == first
    for other in (("One", "Six"), ("0xd0c", "0xd0d"), ("sse", "avx"), ("asimd", "sve")):
        made = machine_with(tmp_path, monkeypatch, CPUINFO.replace(*other))
        assert made["processor"] != first["processor"]
    (tmp_path / "proc/cpuinfo").unlink()
    monkeypatch.setattr(platform, "processor", lambda: "some")
    assert sitekit.fingerprint._machine()["processor"] == "some"


def test_graphics_processors_count_by_their_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine_with(tmp_path, monkeypatch)["gpus"] == ""
    made = machine_with(tmp_path, monkeypatch, gpus=(GPU, GPU.replace("Fast", "Slow")))
    assert made["gpus"] == "Model: \t Fast Model: \t Slow"


def test_the_order_of_the_environment_does_not_count(project: Path) -> None:
    environment = worker_environment((project,))
    turned = dict(reversed(environment.items()))
    made = [fingerprint(sys.executable, each, (project,)) for each in (environment, turned)]
    assert made[0] == made[1]


def test_distributions_are_looked_for_in_every_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [project / "first", project / "second"]
    for folder in folders:
        (folder / f"in_{folder.name}-1.dist-info").mkdir(parents=True)
    path = os.pathsep.join(map(str, folders))
    lines = printed({"PYTHONPATH": path, "MATPLOTLIBRC": ""})["python"]["distributions"]
    assert {"in_first-1", "in_second-1"} <= {line.partition(".dist-info")[0] for line in lines}
    monkeypatch.chdir(folders[0])
    here: Any = describe_python([""])["distributions"]
    assert any(line.startswith("in_first-1") for line in here)


def test_a_distribution_counts_with_its_record(project: Path) -> None:
    folder = project / "site-packages"
    lines = []
    for record in (None, "a,sha256=1,2\n", "a,sha256=2,2\n"):
        info = folder / "thing-1.0.dist-info"
        info.mkdir(exist_ok=True)
        if record:
            (info / "RECORD").write_text(record)
        found: Any = describe_python([str(folder)])["distributions"]
        lines.append([line for line in found if line.startswith("thing")])
    assert [len(each) for each in lines] == [1, 1, 1]
    assert len({each[0] for each in lines}) == 3
    digest = hashlib.sha256(b"a,sha256=2,2\n").hexdigest()[:16]
    assert lines[-1] == [f"thing-1.0.dist-info {digest}"]


def test_the_editable_install_counts_by_its_files_alone(project: Path) -> None:
    info = project / "site-packages" / "unrolled-9.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("a path that differs\n")
    found: Any = describe_python([str(info.parent), str(project / "missing")])["distributions"]
    empty = hashlib.sha256().hexdigest()[:16]
    assert f"unrolled-9.dist-info {empty}" in found
    assert found == sorted(found)


def test_another_interpreter_is_asked_itself(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = project / "elsewhere"
    elsewhere.symlink_to(sys.prefix)
    other = elsewhere / Path(sys.executable).relative_to(sys.prefix)
    environment = worker_environment((OWN.parent,))
    asked = printed(environment, interpreter=str(other))["python"]
    assert asked["version"] == sys.version
    assert isinstance(asked["distributions"], list)
    made = Keys(project, (project / "code",), environment)
    assert made.fingerprint_of(str(other)) == made.fingerprint_of(str(other))
    echo = project / "echo"
    echo.write_text('#!/bin/sh\necho "\\"$*, $PYTHONHASHSEED\\""\nexit $FAILS\n')
    echo.chmod(0o755)
    said = printed(environment | {"FAILS": "0", "PYTHONHASHSEED": "7"}, interpreter=str(echo))
    assert said["python"] == "-m sitekit.fingerprint, 7"
    with pytest.raises(subprocess.CalledProcessError):
        printed(environment | {"FAILS": "3"}, interpreter=str(echo))
    monkeypatch.setattr(sitekit.fingerprint, "describe_python", lambda extra: extra)
    own = printed(environment)["python"]
    assert own == environment["PYTHONPATH"].split(os.pathsep)
