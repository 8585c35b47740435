"""The folder `code/` must never stand in for the standard library's module `code`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROBE = "import code, pdb; print(code.InteractiveConsole.__module__, code.__file__)"


def run(*command: str, **environment: str) -> str:
    """Run a fresh interpreter in the repository's root, with its own idea of where modules are."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**inherited, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_code_is_no_package() -> None:
    assert not (ROOT / "code" / "__init__.py").exists()


def test_code_is_the_standard_librarys_in_the_root() -> None:
    assert str(Path(os.__file__).with_name("code.py")) in run("-c", PROBE)


def test_code_is_the_standard_librarys_with_the_root_and_code_on_the_path() -> None:
    path = os.pathsep.join([str(ROOT / "code"), str(ROOT)])
    assert str(Path(os.__file__).with_name("code.py")) in run("-c", PROBE, PYTHONPATH=path)


def test_code_is_the_standard_librarys_under_pytest(tmp_path: Path) -> None:
    test = tmp_path / "test_probe.py"
    test.write_text(
        "import sys\n"
        "def test_probe():\n"
        "    sys.modules.pop('code', None)\n"
        "    import code\n"
        "    assert code.InteractiveConsole\n"
        f"    assert {str(ROOT / 'code')!r} in sys.path\n"
    )
    options = ["-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "-q"]
    assert "1 passed" in run("-m", "pytest", *options, str(test))


def test_code_is_the_standard_librarys_in_this_process() -> None:
    import code

    assert code.InteractiveConsole
