"""Where the tests look for a browser, and what they say when none can be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import browser


def stand_in(path: Path, *, starts: bool) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho Chromium 1\nexit {int(not starts)}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which nothing is there and nothing can be installed."""
    asked = tmp_path / "asked"

    def install(*command: str) -> str:
        if command[-1] == "--version":
            return run(*command)
        asked.write_text(f"{asked.read_text() if asked.exists() else ''}{' '.join(command)}\n")
        return "no network"

    run = browser._run
    monkeypatch.setattr(browser, "_run", install)
    monkeypatch.setattr(browser, "_of_playwright", lambda: str(tmp_path / "own" / "chrome"))
    monkeypatch.setattr(browser, "_install_package", lambda: install("apt-get"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_one_on_the_path_comes_first(bare: Path) -> None:
    stand_in(bare / "own" / "chrome", starts=True)
    there = stand_in(bare / "google-chrome", starts=True)
    assert browser.find_chromium() == Path(there)
    assert not (bare / "asked").exists()


def test_one_that_does_not_start_is_passed_over(bare: Path) -> None:
    stand_in(bare / "chromium", starts=False)
    own = stand_in(bare / "own" / "chrome", starts=True)
    assert browser.find_chromium() == Path(own)


def test_where_none_is_and_none_can_be_had_it_says_what_to_install(bare: Path) -> None:
    with pytest.raises(browser.NoBrowser) as caught:
        browser.find_chromium()
    asked = (bare / "asked").read_text().splitlines()
    assert [line.rpartition(" ")[2] for line in asked] == ["chromium", "apt-get"]
    for part in ("no network", "google-chrome", "--no-browser", "Install Chromium"):
        assert part in str(caught.value)
