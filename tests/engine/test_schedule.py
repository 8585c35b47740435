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

from sitekit.jobs import UNKNOWN, Job
from sitekit.schedule import _longest
from tests.engine.conftest import Site, block

Span = tuple[float, float]


def timed(seconds: float) -> str:
    """Return code that prints when it began and when it ended."""
    return (
        "import time\nbegan = time.monotonic()\n"
        f"time.sleep({seconds})\nprint('span', began, time.monotonic())"
    )


def texts_by_block(site: Site) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in (site.root / ".cache" / "pages").glob("*/*.json"):
        outcome = json.loads(path.read_text().partition("\n")[2])
        for id, entry in outcome["blocks"].items():
            found.setdefault(id, []).append(entry["outputs"][0]["text"])
    return found


def spans(site: Site) -> dict[str, list[Span]]:
    return {
        id: [(float(text.split()[1]), float(text.split()[2])) for text in texts]
        for id, texts in texts_by_block(site).items()
    }


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


TICKS = """
import time
ticks, used = [], time.process_time()
while time.process_time() - used < {seconds}:
    ticks.append(time.monotonic())
print(*ticks[::20])
"""


def test_nothing_runs_beside_a_volatile_block(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "3")
    for name in ("index", "b", "c", "d"):
        site.page(
            block(TICKS.format(seconds=0.2), "before")
            + block(timed(0.4), "measured", volatile="on")
            + block(TICKS.format(seconds=0.2), "after"),
            f"{name}.md",
        )
    site.page(block(TICKS.format(seconds=0.8), "plain"), "e.md")
    site.build()
    ticks, volatile = [], []
    for id, texts in texts_by_block(site).items():
        for text in texts:
            if id == "measured":
                _, began, ended = text.split()
                volatile.append((float(began), float(ended)))
            else:
                ticks += [float(tick) for tick in text.split()]
    assert len(volatile) == 4
    assert len(ticks) > 1000
    for index, span in enumerate(volatile):
        assert not any(overlap(span, other) for other in volatile[index + 1 :])
        assert [tick for tick in ticks if span[0] < tick < span[1]] == []


def test_standing_still_does_not_count_as_running(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "2")
    site.page(block(TICKS.format(seconds=1.0), "busy", timeout="2.5"))
    site.page(block(timed(0.3), "before") + block(timed(3), "measured", volatile="on"), "b.md")
    site.build()
    seconds = json.loads(site.html("build.json"))["pages"]
    assert seconds["index.md"]["seconds"] < 3
    assert seconds["b.md"]["seconds"] > 3.3


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
@pytest.mark.parametrize("volatile", ["on", "off"])
def test_workers_end_with_the_build(
    site: Site, signal: str, volatile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal as signals

    monkeypatch.setenv("UNROLLED_JOBS", "2")
    mark = site.root / "began"
    sleeper = f"import time\ntime.sleep(1)\nopen({str(mark)!r}, 'w')\ntime.sleep(600)"
    site.page(block(sleeper, volatile=volatile, timeout="900"))
    site.page(block("import time\ntime.sleep(600)", timeout="900"), "other.md")  # maybe suspended
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
    _wait(lambda: not any(map(_is_alive, workers)))
    assert not (site.root / "site").exists()
    site.page("Mended.")
    site.page("Mended.", "other.md")
    site.build()
    assert [path.name for path in site.root.iterdir() if path.name.startswith(".site-")] == []


def orphans(mark: str) -> list[int]:
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        if mark in " ".join(process.info["cmdline"] or []):
            found.append(process.info["pid"])
    return found


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_never_ran_is_expected_to_take_as_long_as_its_namesake() -> None:
    def job(name: str, seconds: float = UNKNOWN) -> Job:
        return Job(name, name.replace("/", "-"), name, (), sys.executable, seconds)

    took = {"short": 1.0, "long": 9.0}
    jobs = [job("claims/short"), job("claims/long"), job("claims/new"), job("known.md", 5.0)]
    order = [_longest(jobs, took).name for _ in range(4)]
    assert order == ["claims/new", "claims/long", "known.md", "claims/short"]
