"""The site itself, built once for all tests at `smoke` scale, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """A published site."""

    folder: Path

    @cached_property
    def pages(self) -> dict[str, str]:
        """The HTML of every page, by its path."""
        files = sorted(self.folder.rglob("*.html"))
        return {file.relative_to(self.folder).as_posix(): file.read_text("utf-8") for file in files}

    @cached_property
    def soups(self) -> dict[str, BeautifulSoup]:
        return {name: BeautifulSoup(html, "html.parser") for name, html in self.pages.items()}

    def read(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("site")
    environment = {
        **os.environ,
        "UNROLLED_SCALE": "smoke",
        "UNROLLED_CACHE": str(tmp_path_factory.mktemp("cache")),
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder / "site")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(folder / "site")
