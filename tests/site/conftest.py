"""The site itself, built once for all tests at `smoke` scale, served, and a browser to see it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from filelock import FileLock

from tests.browser import OPTIONS, NoBrowser, find_chromium
from tests.environment import AS_STARTED
from tests.site.served import Served, serve

ROOT = Path(__file__).parents[2]
BOOKS = "Bücher, zum Lesen"
"""A name that an address has to write otherwise."""


@dataclass(frozen=True)
class Built:
    """A published site."""

    folder: Path
    fresh: bool
    """Built for these tests, from nothing."""

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


def _base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of one run of the tests share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _once(base: Path, name: str, make: Callable[[Path], str]) -> Path:
    """Return a folder, made by whichever process needs it first.

    Args:
        make: Fills the folder; returns what went wrong, or nothing.
    """
    folder, verdict = base / name, base / f"{name}.txt"
    with FileLock(base / f"{name}.lock"):
        if not verdict.exists():
            folder.mkdir(exist_ok=True)
            verdict.write_text(make(folder), "utf-8")
    assert not verdict.stat().st_size, verdict.read_text("utf-8")
    return folder


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.config.getoption("--site"):
        return Path(os.environ.get("UNROLLED_CACHE", ROOT / ".cache"))
    return _base(tmp_path_factory) / "cache"


def _build(folder: Path, cache: Path, *options: str) -> str:
    """Build the site into a folder; return what went wrong, or nothing."""
    environment = {
        **AS_STARTED,  # the same for every build, whichever process asks for it
        "UNROLLED_SCALE": "smoke",
        "UNROLLED_CACHE": str(cache),
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder), *options],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    return done.stdout + done.stderr if done.returncode else ""


@pytest.fixture(scope="session")
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Built:
    if given := request.config.getoption("--site"):
        return Built(Path(given).resolve(), fresh=False)
    folder = _once(_base(tmp_path_factory), "built", lambda folder: _build(folder / "site", cache))
    return Built(folder / "site", fresh=True)


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory, built: Built, cache: Path) -> Built:
    """The offline copy, built with what `built` has executed, and unpacked as a reader would."""

    def make(folder: Path) -> str:
        options = ("--config-file", "mkdocs-offline.yml")
        if problem := _build(folder / "site-offline", cache, *options):
            return problem
        with zipfile.ZipFile(folder / "unrolled-offline.zip") as copy:
            copy.extractall(folder / BOOKS)
        return ""

    folder = _once(_base(tmp_path_factory), "offline", make)
    return Built(folder / BOOKS / "unrolled-offline", fresh=False)


@pytest.fixture(scope="session")
def served(built: Built) -> Iterator[Served]:
    """The site on a server that counts what it sends."""
    with serve(built.folder) as running:
        yield running


@pytest.fixture(scope="session")
def address(served: Served) -> str:
    return served.address


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A browser's program, found or installed."""
    with FileLock(Path(tempfile.gettempdir(), "unrolled-browser.lock")):
        try:
            return find_chromium()
        except NoBrowser as error:
            pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Any]:
    """That program, running."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield opened
        opened.close()
