"""A Chromium for the tests: one that is there, or else one that can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADVICE = """\
The tests of the pages need a Chromium, and none could be had:
{tried}
Install Chromium or Chrome so that one of these commands is on the PATH: {names}.
Without them: make test ARGS=--no-browser"""


class NoBrowser(Exception):
    """No browser is there, none could be installed; the message says what was tried."""


def find_chromium() -> Path:
    """Return a browser that starts; where none is there, install one.

    Raises:
        NoBrowser: Install what the message says.
    """
    tried = []
    for means, found in _means():
        reason = _fault(found) if found else "not there"
        if found and not reason:
            return Path(found)
        tried.append(f"- {means}: {reason}")
    raise NoBrowser(ADVICE.format(tried="\n".join(tried), names=", ".join(NAMES)))


def _means() -> Iterator[tuple[str, str | None]]:
    """Yield the ways to a browser in the order in which to try them, each when it is its turn."""
    yield "one on the PATH", _on_path()
    own = _of_playwright()
    yield "playwright's own", own if Path(own).exists() else None
    log = _run(sys.executable, "-m", "playwright", "install", "--no-shell", "chromium")
    yield f"playwright install chromium ({log})", own if Path(own).exists() else None
    yield f"Debian's package chromium ({_install_package()})", _on_path()


def _on_path() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _of_playwright() -> str:
    """Return where playwright's own browser is, if it has been downloaded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _install_package() -> str:
    """Install Debian's browser where we may; return how that went."""
    if not shutil.which("apt-get"):
        return "no apt-get here"
    rights = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if rights and not shutil.which("sudo"):
        return "not root, and no sudo here"
    _run(*rights, "apt-get", "-qq", "update")
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "--yes")
    return _run(*rights, *quiet, "--no-install-recommends", "chromium")


def _fault(browser: str) -> str:
    """Return why a browser does not start, or nothing: some stand-ins only say what to install."""
    log = _run(browser, "--version")
    return "" if log == "done" else f"{browser} --version: {log}"


def _run(*command: str) -> str:
    """Run a command; return "done", or the last thing that it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (done.stderr + done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
    return "done" if done.returncode == 0 else said[-1]
