"""The Makefile's promises: it says what it can do, and does nothing twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    "serve",
    "site",
    "test",
    "test-pages",
    "test-programs",
    "test-vision",
    "lint",
    "bench",
    "clean",
    "help",
)

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is only a convenience")


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make as a reader would, not as a child of the make that runs these tests."""
    ours = ("ARGS", "MAKE", "MFLAGS", "PYTHON")
    mine = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**mine, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with all that the Makefile looks at, and an environment that is up to date."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
        os.utime(tmp_path / name, (1, 1))
    tools = tmp_path / "tests" / "site" / "node_modules"
    tools.mkdir(parents=True)
    (tools.parent / "package-lock.json").touch()
    os.utime(tools.parent / "package-lock.json", (1, 1))
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    (binaries / "pip").touch(mode=0o755)
    (tmp_path / ".venv" / ".stamp-site").touch()
    (tmp_path / ".venv" / ".stamp-dev").touch()
    (tools / ".stamp").touch()
    return tmp_path


@pytest.mark.parametrize("arguments", [[], ["help"]], ids=["alone", "help"])
def test_help_lists_every_command(arguments: list[str]) -> None:
    listed = re.findall(r"^  ([\w-]+)", make(ROOT, *arguments).stdout, re.MULTILINE)
    assert set(TARGETS) <= set(listed)


def test_up_to_date_only_the_build_is_left(checkout: Path) -> None:
    start = time.perf_counter()
    result = make(checkout, "-n", "site")
    assert result.stdout.splitlines() == [".venv/bin/mkdocs build --strict "]
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_changed_requirement_is_noticed(checkout: Path, name: str) -> None:
    os.utime(checkout / name, (2**31, 2**31))
    assert "install -r requirements.txt" in make(checkout, "-n", "site").stdout


def test_the_site_does_not_need_the_tools_for_tests(checkout: Path) -> None:
    os.utime(checkout / "requirements-dev.txt", (2**31, 2**31))
    assert "install" not in make(checkout, "-n", "site").stdout
    assert "install -r requirements-dev.txt" in make(checkout, "-n", "test").stdout


def test_what_comes_from_npm_is_installed_for_tests_alone(checkout: Path) -> None:
    assert "install" not in make(checkout, "-n", "test").stdout
    os.utime(checkout / "tests" / "site" / "package-lock.json", (2**31, 2**31))
    assert "npm ci --silent --prefix tests/site" in make(checkout, "-n", "test").stdout
    assert "npm" not in make(checkout, "-n", "site").stdout


def test_the_appendix_has_an_environment_of_its_own(checkout: Path) -> None:
    shutil.copy(ROOT / "requirements-vision.txt", checkout)
    binaries = checkout / ".venv-vision" / "bin"
    assert "-m venv .venv-vision" in make(checkout, "-n", "test-vision").stdout
    binaries.mkdir(parents=True)
    (binaries.parent / ".stamp-vision").touch()
    up_to_date = make(checkout, "-n", "test-vision").stdout
    assert up_to_date.splitlines() == [".venv-vision/bin/python -m pytest tests/vision "]
    os.utime(checkout / "requirements-vision.txt", (2**31, 2**31))
    assert "install -r requirements-vision.txt" in make(checkout, "-n", "test-vision").stdout
    assert "vision" not in make(checkout, "-n", "site").stdout


def test_another_interpreter_renews_the_environment(checkout: Path) -> None:
    other = checkout / "other-python"
    other.write_text("#!/bin/sh\necho 3.99\n")
    other.chmod(0o755)
    assert "rm -rf .venv" in make(checkout, "-n", "site", PYTHON=str(other)).stdout
    same = make(checkout, "-n", "site", PYTHON=sys.executable).stdout
    assert "rm -rf" not in same
    assert "install" not in same


def test_a_broken_environment_is_renewed(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "rm -rf .venv" in make(checkout, "-n", "site").stdout


def interpreter(path: Path, version: str, *, modules: bool) -> Path:
    """Write a stand-in for Python that knows its version and whether it has `venv`."""
    path.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f"  -V) echo Python {version} ;;\n"
        f"  *sys.exit*) exec {sys.executable} -c "
        f'\'import sys; v = tuple(map(int, "{version}".split(".")))[:2]; '
        "sys.exit(not (3, 11) <= v < (3, 15))' ;;\n"
        f"  *ensurepip*) exit {int(not modules)} ;;\n"
        f"  *) echo {version.rpartition('.')[0]} ;;\n"
        "esac\n"
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "modules", "expected"),
    [
        ("3.9.18", True, "Unrolled needs Python 3.11 to 3.14, but"),
        ("3.15.0", True, "Unrolled needs Python 3.11 to 3.14, but"),
        ("3.12.1", False, "apt install python3-venv"),
    ],
    ids=["too old", "too new", "no venv"],
)
def test_an_unfit_interpreter_is_told_plainly(
    checkout: Path, version: str, modules: bool, expected: str
) -> None:
    unfit = interpreter(checkout / "unfit", version, modules=modules)
    result = make(checkout, "site", PYTHON=str(unfit))
    assert result.returncode == 2
    assert expected in result.stderr
    assert ("Python " + version in result.stderr) is modules
    assert (checkout / ".venv" / ".stamp-site").exists(), "what worked before is still there"


def test_a_missing_interpreter_is_told_plainly(checkout: Path) -> None:
    result = make(checkout, "site", PYTHON="python-that-is-not-there")
    assert result.returncode == 2
    assert 'there is no command "python-that-is-not-there"' in result.stderr
