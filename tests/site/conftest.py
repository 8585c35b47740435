"""The site itself, built once for all tests at `smoke` scale, in a folder of its own."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


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
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def _build(folder: Path, cache: Path, *options: str) -> None:
    environment = {
        **os.environ,
        "UNROLLED_SCALE": "smoke",
        "UNROLLED_CACHE": str(cache),
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder), *options],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Built:
    folder = tmp_path_factory.mktemp("site") / "site"
    _build(folder, cache)
    return Built(folder)


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory, built: Built, cache: Path) -> Built:
    """The offline copy, built with what `built` has executed, and unpacked as a reader would."""
    folder = tmp_path_factory.mktemp("offline")
    _build(folder / "site-offline", cache, "--config-file", "mkdocs-offline.yml")
    books = folder / "Bücher, zum Lesen"
    with zipfile.ZipFile(folder / "unrolled-offline.zip") as copy:
        copy.extractall(books)
    return Built(books / "unrolled-offline")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def address(built: Built) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(built.folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = f"no browser on the PATH; looked for {', '.join(BROWSERS)}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=OPTIONS.split())
        yield opened
        opened.close()
