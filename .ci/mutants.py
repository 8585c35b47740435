"""Change the numeric core and the cache key, one small change at a time, and see the tests fail.

`python .ci/mutants.py` copies what is needed into build/mutants, lets mutmut make every change it
knows, and runs the tests that reach the changed function. Prints how many changes were noticed and
each that was not, and exits with 1 where fewer than nine in ten were, or where one survives that
is not in tests/survivors.toml with its reason. Interrupted, it goes on where it stopped. With the
name of a file or a pattern (`rnn.py`, `population/*`) only that is changed.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "mutants"
WANTED = 0.9
CHANGED = (
    *(f"unrolled/{name}.py" for name in (
        "rnn", "rnn_simple", "lstm", "gru", "nonlinearity", "initial", "clipping", "truncated",
        "gradcheck", "logistic", "scan",
    )),
    "unrolled/population/*.py",
    *(f"sitekit/{name}.py" for name in ("keys", "reach", "fingerprint")),
)  # fmt: skip
TESTS = (
    *(f"tests/unit/test_{name}.py" for name in (
        "rnn", "nonlinearity", "clipping", "truncated", "gradcheck", "scan", "arguments",
        "layers", "logistic",
    )),
    *(f"tests/parity/test_{name}.py" for name in ("rnn", "gated", "population")),
    "tests/engine/test_keys.py",
)  # fmt: skip
COPIED = ("conftest.py", "environment.py", "alone.py", "browser.py", "unit", "parity", "engine")
SURVIVORS = ROOT / "tests" / "survivors.toml"
STATES = {
    0: "survived",
    1: "killed",
    3: "killed",
    5: "untested",
    33: "untested",
    None: "unfinished",
}
"""By exit code of the tests; mutmut's other codes are of tests that ran out of time or crashed."""
SETTINGS = """\
[tool.pytest.ini_options]
pythonpath = ["src", "."]
addopts = ["--import-mode=importlib"]
markers = ["slow", "audit", "browser"]

[tool.mutmut]
source_paths = ["src"]
only_mutate = {changed}
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
"""


def main(patterns: list[str]) -> int:
    changed = [name for name in CHANGED if not patterns or any(
        fnmatch.fnmatch(name, f"*{pattern}") for pattern in patterns
    )]  # fmt: skip
    if not changed:
        sys.exit(f"pattern: got {patterns}, expected something that fits one of {CHANGED}")
    prepare(changed)
    command = [sys.executable, "-m", "mutmut", "run"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=WORK, env=environment, check=True)
    return report()


def prepare(changed: list[str]) -> None:
    """Copy the code as `src`, since mutmut takes the folder `code` for a package, and the tests."""
    WORK.mkdir(parents=True, exist_ok=True)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", "node_modules")
    shutil.copytree(ROOT / "code", WORK / "src", dirs_exist_ok=True, ignore=ignore)
    for name in COPIED:
        source, target = ROOT / "tests" / name, WORK / "tests" / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignore)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    settings = SETTINGS.format(
        changed=json.dumps([f"src/{name}" for name in changed]), tests=json.dumps(TESTS)
    )
    (WORK / "pyproject.toml").write_text(settings)


def report() -> int:
    """Print what came out; return the exit code."""
    reasons: dict[str, str] = tomllib.loads(SURVIVORS.read_text())
    counts: Counter[str] = Counter()
    left: list[str] = []
    for file in sorted((WORK / "mutants" / "src").rglob("*.py.meta")):
        for mutant, code in json.loads(file.read_text())["exit_code_by_key"].items():
            state = STATES.get(code, "crashed or out of time")
            counts[state] += 1
            if state in ("survived", "untested", "unfinished"):
                left.append(f"{state}: {mutant}")
    total = sum(counts.values())
    killed = total - len(left)
    print("\n".join(left))
    print(", ".join(f"{count} {state}" for state, count in counts.most_common()))
    print(f"noticed: {killed} of {total}, {killed / total:.2%} (wanted: {WANTED:.0%})")
    unknown = [
        line for line in left
        if not any(fnmatch.fnmatch(line.partition(": ")[2], pattern) for pattern in reasons)
    ]  # fmt: skip
    if unknown:
        print(f"{len(unknown)} without a reason in {SURVIVORS.relative_to(ROOT)}")
    return int(killed < WANTED * total or bool(unknown))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
