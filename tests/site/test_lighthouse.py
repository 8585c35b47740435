"""Lighthouse has nothing to say about accessibility, good practice and search engines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import OPTIONS
from tests.site.conftest import Built
from tests.site.served import Served
from tests.site.tools import tool

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.audit]

FULL = {"accessibility": 1, "best-practices": 1, "seo": 1}


def test_lighthouse_gives_full_marks(built: Built, served: Served, chromium: Path) -> None:
    tool("lighthouse/package.json")
    names = [name.removesuffix("index.html") for name in built.pages if name != "404.html"]
    done = subprocess.run(
        [Path(sys.executable).with_name("node"), Path(__file__).with_name("lighthouse.mjs"),
         chromium, " ".join(OPTIONS), *(f"{served.address}/{name}" for name in names)],
        capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert len(results) == len(names)
    assert {name: each for name, each in results.items() if each["scores"] != FULL} == {}
