"""Change the numeric core and the cache key, one small change at a time, and see the tests fail.

`python .ci/mutants.py` copies what is needed into build/mutants, lets mutmut make every change it
knows, and runs the tests that reach the changed function. Prints how many changes were noticed and
each that was not, and exits with 1 where fewer than nine in ten were, or where one survives for
which tests/survivors.toml has no reason. Interrupted or run again, it goes on where it stopped, and
tries again what survived. With the name of a file or a pattern (`rnn.py`, `population/*`) only that
is changed.
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
    "tests/badinput/test_other_kinds.py",
    *(f"tests/engine/test_{name}.py" for name in ("keys", "fingerprint")),
)  # fmt: skip
COPIED = (
    "conftest.py", "environment.py", "alone.py", "browser.py", "unit", "parity", "engine",
    "badinput",
)  # fmt: skip
SURVIVORS = ROOT / "tests" / "survivors.toml"
STATES = {
    0: "survived", 1: "killed", 3: "killed", 5: "untested", 33: "untested", 34: "untested",
    2: "unfinished", 35: "unfinished", None: "unfinished",
}  # fmt: skip
"""By exit code of the tests; mutmut's other codes are of tests that ran out of time or crashed."""
SETTINGS = """\
[tool.pytest.ini_options]
pythonpath = ["src", "."]
addopts = ["--import-mode=importlib"]
markers = ["slow", "audit", "browser"]
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["src"]
only_mutate = {changed}
pytest_add_cli_args = ["--hypothesis-profile=unshrunk"]
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
    forget_survivors()
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


def verdicts() -> list[Path]:
    """Return mutmut's files of exit codes, one for each changed module."""
    return sorted((WORK / "mutants" / "src").rglob("*.py.meta"))


def forget_survivors() -> None:
    """Let what survived be tried again: a test for it may have been written meanwhile."""
    for file in verdicts():
        known = json.loads(file.read_text())
        codes = known["exit_code_by_key"]
        known["exit_code_by_key"] = {name: code or None for name, code in codes.items()}
        file.write_text(json.dumps(known))


def report() -> int:
    """Print what came out; return the exit code."""
    reasons: dict[str, str] = tomllib.loads(SURVIVORS.read_text())
    counts: Counter[str] = Counter()
    unknown = 0
    for file in verdicts():
        for mutant, code in json.loads(file.read_text())["exit_code_by_key"].items():
            state = STATES.get(code, "crashed or out of time")
            counts[state] += 1
            if state not in ("survived", "untested", "unfinished"):
                continue
            line = new_line(mutant)
            reason = next((reasons[part] for part in reasons if part in line), "")
            unknown += not reason
            print(f"{state}: {mutant}\n    {line}\n    {reason or 'WITHOUT A REASON'}")
    total = sum(counts.values())
    noticed = counts["killed"] + counts["crashed or out of time"]
    print(", ".join(f"{count} {state}" for state, count in counts.most_common()))
    print(f"noticed: {noticed} of {total}, {noticed / total:.2%} (wanted: {WANTED:.0%})")
    print(f"without a reason in {SURVIVORS.relative_to(ROOT)}: {unknown}")
    return int(noticed < WANTED * total or unknown > 0)


def new_line(mutant: str) -> str:
    """Return what a changed function has instead, without what it had."""
    command = [sys.executable, "-m", "mutmut", "show", mutant]
    shown = subprocess.run(command, cwd=WORK, check=True, capture_output=True, text=True).stdout
    lines = [line[1:].strip() for line in shown.splitlines() if line.startswith("+")]
    return " ".join(line for line in lines if not line.startswith("++"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
