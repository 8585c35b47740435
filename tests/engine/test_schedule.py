"""Several pages at once, the longest first, volatile blocks alone, results in order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.engine.conftest import Site, block

Span = tuple[float, float]


def timed(seconds: float) -> str:
    """Return code that prints when it began and when it ended."""
    return (
        "import time\nbegan = time.monotonic()\n"
        f"time.sleep({seconds})\nprint('span', began, time.monotonic())"
    )


def spans(site: Site) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for path in (site.root / ".cache" / "pages").glob("*/*.json"):
        outcome = json.loads(path.read_text().partition("\n")[2])
        for id, entry in outcome["blocks"].items():
            _, began, ended = entry["outputs"][0]["text"].split()
            found.setdefault(id, []).append((float(began), float(ended)))
    return found


def overlap(one: Span, two: Span) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def test_two_pages_run_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "2")
    for name in ("index", "b", "c"):
        site.page(block(timed(0.6), "plain"), f"{name}.md")
    site.build()
    one, two, three = sorted(spans(site)["plain"])
    assert overlap(one, two)
    assert not (overlap(one, three) and overlap(two, three))


def test_one_job_runs_one_page_at_a_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "1")
    for name in ("index", "b", "c"):
        site.page(block(timed(0.1), "plain"), f"{name}.md")
    site.build()
    one, two, three = sorted(spans(site)["plain"])
    assert not overlap(one, two)
    assert not overlap(two, three)


def test_nothing_runs_beside_a_volatile_block(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "3")
    for name in ("index", "b", "c", "d"):
        site.page(
            block(timed(0.1), "before")
            + block(timed(0.2), "measured", volatile="on")
            + block(timed(0.1), "after"),
            f"{name}.md",
        )
    site.page(block(timed(0.4), "plain"), "e.md")
    site.build()
    found = spans(site)
    volatile = found.pop("measured")
    others = [span for group in found.values() for span in group]
    assert len(volatile) == 4
    assert len(others) == 9
    for index, span in enumerate(volatile):
        rest = volatile[:index] + volatile[index + 1 :] + others
        assert not any(overlap(span, other) for other in rest)


def test_the_page_that_took_longest_starts_first(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "1")
    seconds = {"index": 0.1, "b": 0.7, "c": 0.4}
    for name, length in seconds.items():
        site.page(block(timed(length), name), f"{name}.md")
    site.build()
    for path in (site.root / ".cache" / "pages").iterdir():
        for entry in path.iterdir():
            entry.unlink()
    site.build()
    found = spans(site)
    assert sorted(found, key=lambda name: found[name][0]) == ["b", "c", "index"]


def test_progress_names_pages_and_seconds(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    site.page(block("print(1)"))
    site.build()
    assert "[1/1] index.md: executed in 0." in caplog.text


def test_a_block_leaves_no_process_and_no_file(site: Site) -> None:
    mark = f"unrolled-orphan-{time.time_ns()}"
    code = f"""
    import os, subprocess, sys
    command = "import time; time.sleep(600)  # {mark}"
    subprocess.Popen([sys.executable, "-c", command])
    open("litter.txt", "w").write("x")
    print(os.getcwd())
    """
    site.page(block(code))
    html = site.build()
    scratch = html.partition("<samp>")[2].partition("</samp>")[0]
    assert scratch
    assert not Path(scratch).exists()
    assert orphans(mark) == []


def test_a_block_past_its_time_takes_its_children_along(site: Site) -> None:
    mark = f"unrolled-orphan-{time.time_ns()}"
    code = f"""
    import subprocess, sys
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)  # {mark}"])
    """
    site.page(block(code, timeout="1"))
    with pytest.raises(BaseException, match="BuildError"):
        site.build()
    assert orphans(mark) == []


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize("signal", ["SIGINT", "SIGKILL"])
def test_workers_end_with_the_build(site: Site, signal: str) -> None:
    import signal as signals

    mark = site.root / "began"
    site.page(block(f"import time\nopen({str(mark)!r}, 'w')\ntime.sleep(600)"))
    command = [sys.executable, "-m", "mkdocs", "build"]
    build = subprocess.Popen(
        command, cwd=site.root, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _wait(mark.exists)
    workers = psutil.Process(build.pid).children(recursive=True)
    assert workers
    build.send_signal(getattr(signals, signal))
    assert build.wait(timeout=30) != 0
    _wait(lambda: not any(worker.is_running() for worker in workers))
    assert not (site.root / "site").exists()
    site.page("Mended.")
    site.build()
    assert [path.name for path in site.root.iterdir() if path.name.startswith(".site-")] == []


def orphans(mark: str) -> list[int]:
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        if mark in " ".join(process.info["cmdline"] or []):
            found.append(process.info["pid"])
    return found


def _wait(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
