"""Run a file in a fresh interpreter, in an empty folder, where `unrolled` cannot be imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GUARD = """\
import runpy, sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder)]
sys.path[:] = [entry for entry in sys.path if not entry.endswith("code")]
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def run_alone(
    text: str, folder: Path, *, scale: str = "", timeout: float = 600.0
) -> subprocess.CompletedProcess[str]:
    """Run a program as it was downloaded, with what determines its digits as in the build."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "program.py"
    file.write_text(text, "utf-8")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    chosen = {"UNROLLED_SCALE": scale} if scale else {}
    return subprocess.run(
        [sys.executable, "-c", GUARD, str(file)],
        cwd=folder,
        env={**kept, **threads, **chosen, "MPLBACKEND": "agg", "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
