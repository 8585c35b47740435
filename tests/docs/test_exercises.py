"""Every exercise has all its parts, its starter runs to the first task, its solution to the end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sitekit.exercises import Exercise, pages_of
from sitekit.notebook_files import as_script

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs/solutions").glob("*.py"))


def pages(notebook: Path) -> tuple[Exercise, Exercise]:
    path = notebook.relative_to(ROOT).as_posix()
    found, problems = pages_of(f"solutions/{notebook.name}", path, notebook.read_text("utf-8"))
    assert problems == []
    return found


def run(exercise: Exercise, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the page's Python file in a fresh interpreter, in an empty folder."""
    script = folder / "exercise.py"
    script.write_text(as_script(exercise.cells), "utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "code"),
        "UNROLLED_SCALE": "smoke",
        "MPLBACKEND": "agg",
        "TMPDIR": str(folder),
    }
    return subprocess.run(
        [sys.executable, "-W", "error", script.name],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.fixture(params=NOTEBOOKS, ids=lambda notebook: str(notebook.stem))
def both(request: pytest.FixtureRequest) -> tuple[Exercise, Exercise]:
    return pages(request.param)


def test_there_are_three() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == [
        "bptt-from-scratch",
        "counting-spikes",
        "memory-span",
    ]


def test_a_starter_runs_to_its_first_task(both: tuple[Exercise, Exercise], tmp_path: Path) -> None:
    starter, _ = both
    done = run(starter, tmp_path)
    assert done.returncode == 1, done.stderr
    assert done.stderr.endswith("NotImplementedError: TODO\n"), done.stderr
    assert done.stderr.rstrip().splitlines()[-2].strip().startswith(("raise NotImpl", "^"))


def test_a_solution_runs_to_its_end(both: tuple[Exercise, Exercise], tmp_path: Path) -> None:
    _, solution = both
    done = run(solution, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_every_part_is_there(both: tuple[Exercise, Exercise]) -> None:
    starter, solution = both
    text = starter.markdown()
    for part in ("**Time:**", "**You need:**", "**What it trains:**", "## Go further", "check."):
        assert part in text, part
    depth, deepest, hints = 0, 0, 0
    for mark in re.findall(r"<details><summary>Hint \d|</details>", text):
        depth += 1 if mark.startswith("<details") else -1
        hints += mark.startswith("<details")
        deepest = max(deepest, depth)
    assert depth == 0
    assert hints >= 3
    assert deepest == 3, "each hint opens inside the one before"
    assert "# TODO: " in text
    assert len(solution.cells) > len(starter.cells)


def test_cells_fit_a_screen_but_for_one_class(both: tuple[Exercise, Exercise]) -> None:
    _, solution = both
    long = [block for block in solution.shown if block.code.count("\n") >= 24]
    assert len(long) <= 1
    for block in long:
        assert block.code.startswith("class ")
        assert block.code.count("\n") < 55
    for block in solution.shown:
        assert max(map(len, block.code.splitlines())) <= 88, block.id


def test_house_style(both: tuple[Exercise, Exercise]) -> None:
    for page in both:
        prose = "\n".join(cell.text for cell in page.cells if not cell.id)
        prose = re.sub(r"`[^`]*`|\$[^$]*\$", "", prose)
        assert "!" not in prose
        assert ":::" not in prose
        for word in ("simply", "obviously", "Let's", "let's", "exciting", "powerful"):
            assert word not in prose, word
