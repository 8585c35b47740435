"""Tests that need a browser are left out when asked to be, and never in silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_left_out_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--no-browser", "--collect-only",
         "tests/site"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "no page was seen in a browser" in done.stdout
    assert "deselected" in done.stdout
    assert "test_ids_are_unique" in done.stdout
    assert "test_reader" not in done.stdout
