"""Time builds of this site against builds of the same Markdown without the engine.

Whole processes, the contestants in turn, the median of the ratios of each round.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sitekit.display import source_of
from sitekit.fences import find_fences

ROOT = Path(__file__).parents[2]
ROUNDS = 7
MKDOCS = [sys.executable, "-m", "mkdocs"]
Row = dict[str, Any]


def rows() -> list[Row]:
    """Measure warm builds, a rebuild in `serve`, and a cold build."""
    with tempfile.TemporaryDirectory(prefix="unrolled-bench-") as folder:
        places = {name: Path(folder, name) for name in ("ours", "highlighted", "bare")}
        for place in places.values():
            place.mkdir()
            shutil.copytree(ROOT / "docs", place / "docs")
        shutil.copytree(ROOT / "code", places["ours"] / "code", ignore=_unneeded)
        shutil.copy(ROOT / "mkdocs.yml", places["ours"])
        highlight_only(places["highlighted"])
        (places["bare"] / "mkdocs.yml").write_text("site_name: Bare\ntheme: {name: material}\n")
        for place in places.values():
            _build(place)
        return [*_warm(places), _rebuild(places), _cold(places["ours"])]


def _warm(places: dict[str, Path]) -> list[Row]:
    taken = _interleaved(
        {name: lambda place=place: _build(place) for name, place in places.items()}
    )
    return [
        _row("warm build / highlighted, not executed", taken["ours"], taken["highlighted"], 1.3),
        _row("warm build / bare Material", taken["ours"], taken["bare"], 3.3),
    ]


def _rebuild(places: dict[str, Path]) -> Row:
    """A prose edit while serving, from the write to the finished rebuild."""
    page = places["ours"] / "docs" / "chapters" / "rnn.md"
    with _served(places["ours"]) as finished:
        edits = itertools.count()

        def edit() -> float:
            started = time.perf_counter()
            with page.open("a") as file:
                file.write(f"\n\nEdit number {next(edits)}.\n")
            return finished() - started

        edit()
        taken = _interleaved({"edit": edit, "bare": lambda: _build(places["bare"])})
    return _row("prose edit to rebuilt page / bare Material", taken["edit"], taken["bare"], 2.0)


def _cold(place: Path) -> Row:
    """An empty cache on two cores, against the best schedule of what that build reports.

    The schedule knows every page's seconds beforehand and pays nothing for volatile blocks,
    during which the other core stands still.
    """
    colds, ideals = [], []
    for _ in range(2):  # each takes minutes
        for kept in ("pages", "programs"):
            _empty(place / ".cache" / kept)
        colds.append(_build(place))
        about = json.loads((place / "site" / "build.json").read_text())
        took = [page["seconds"] for page in about["pages"].values()]
        ideal = best_makespan([*took, *about["trials"].values()])
        ideals.append(ideal + _build(place))
    return _row("cold build / best schedule + warm build", colds, ideals, 1.15)


def best_makespan(seconds: list[float]) -> float:
    """Return the shortest time in which two workers can do tasks of these lengths."""
    sums = {0.0}
    for length in seconds:
        sums |= {round(total + length, 3) for total in sums}
    return min(max(total, sum(seconds) - total) for total in sums)


def _interleaved(contestants: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(ROUNDS):
        order = list(contestants)
        for name in order if turn % 2 else reversed(order):
            taken[name].append(contestants[name]())
    return taken


def _row(name: str, ours: list[float], other: list[float], target: float) -> Row:
    ratio = statistics.median(a / b for a, b in zip(ours, other, strict=True))
    return {
        "name": name,
        "ours": statistics.median(ours),
        "other": statistics.median(other),
        "ratio": ratio,
        "target": target,
        "met": ratio <= target,
        "unit": "s",
    }


def _build(place: Path, jobs: int = 2) -> float:
    started = time.perf_counter()
    subprocess.run(
        [*MKDOCS, "build", "-q"], cwd=place, env=_environment(jobs), check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def _environment(jobs: int) -> dict[str, str]:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "UNROLLED_JOBS": str(jobs)}
    environment.pop("UNROLLED_CACHE", None)
    return environment


@contextmanager
def _served(place: Path) -> Iterator[Callable[[], float]]:
    """Serve a site; yield a function that waits for the next finished rebuild."""
    command = [*MKDOCS, "serve", "-a", "127.0.0.1:0"]
    process = subprocess.Popen(
        command, cwd=place, env=_environment(2), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    log = process.stderr
    ready = threading.Semaphore(0)
    times: list[float] = []

    def read() -> None:
        for line in log:
            if "Serving on" in line or "Reloading browsers" in line:
                times.append(time.perf_counter())
                ready.release()

    threading.Thread(target=read, daemon=True).start()

    def finished() -> float:
        if not ready.acquire(timeout=60):
            raise TimeoutError("the server did not rebuild within a minute")
        return times[-1]

    try:
        finished()
        yield finished
    finally:
        process.terminate()
        process.wait()


def highlight_only(place: Path) -> None:
    """Make the same site without the engine and its templates: same extensions, plain fences.

    A display of package source holds that source, as it would have to be typed there.
    """
    text = (ROOT / "mkdocs.yml").read_text()
    ours = r"^  - unrolled.*\n(      .*\n)*|^watch:.*\n|^  custom_dir:.*\n"
    config = re.sub(ours, "", text, flags=re.M)
    (place / "mkdocs.yml").write_text(config)
    for page in (place / "docs").rglob("*.md"):
        lines = page.read_text().splitlines()
        fences, _ = find_fences("\n".join(lines), "")
        for fence in reversed(fences):
            lines[fence.first - 1] = f"{fence.prefix}{fence.mark}{fence.language}"
            if shown := fence.options.get("display"):
                source, _, _ = source_of(shown, (ROOT / "code",))
                body = [f"{fence.prefix}{line}".rstrip() for line in source.splitlines()]
                lines[fence.first : fence.last - 1] = body
        page.write_text("\n".join(lines))


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _unneeded(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__" or name.endswith(".egg-info")}
