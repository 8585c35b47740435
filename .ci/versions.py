"""Test with other releases than the pinned ones: `python .ci/versions.py oldest`.

`oldest` takes the lowest that pyproject.toml allows of each package that it names, `newest` the
highest, `pre` also what is not released yet. Each gets an environment of its own, .venv-oldest and
so on, in which the tests that need no browser run and then the site is built, strictly, at scale
smoke. Run it as `make oldest` or `make newest`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WAYS = {
    "oldest": ["--resolution", "lowest-direct"],
    "newest": ["--resolution", "highest"],
    "pre": ["--resolution", "highest", "--prerelease", "allow"],
}
SHOWN = ("joblib", "matplotlib", "mkdocs", "mkdocs-material", "mkdocstrings", "numpy", "torch")
TESTS = ("unit", "parity", "grid", "check", "experiments", "engine", "docs")


def main(way: str) -> int:
    folder = ROOT / f".venv-{way}"
    with tempfile.TemporaryDirectory() as scratch:
        site, everything = Path(scratch, "site.txt"), Path(scratch, "everything.txt")
        resolve(site, ["pyproject.toml", "--extra", "site"], WAYS[way])
        # Tools have no lower bounds: the newest that goes with the rest.
        resolve(everything, ["pyproject.toml", "--extra", "site", "--group", "dev"],
                ["--constraint", str(site)])  # fmt: skip
        pins = everything.read_text().split("\n")
        print(f"{way}, Python {sys.version.split()[0]}:", ", ".join(shown(pins)), flush=True)
        uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        python = str(programs(folder) / "python")
        uv("pip", "install", "--quiet", "--python", python, "-r", str(everything), "-e", ".")
    tests = [python, "-m", "pytest", "-n", "logical", "--no-browser"]
    codes = [
        run([*tests, *(f"tests/{name}" for name in TESTS)]),
        build(folder),
    ]
    return max(codes)


def resolve(target: Path, what: Sequence[str], how: Sequence[str]) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    uv("pip", "compile", *what, *how, "--quiet", "--no-annotate", "--no-header",
       "--python-version", version, "--output-file", str(target))  # fmt: skip


def build(folder: Path) -> int:
    """Build the site as its readers get it, but at scale smoke and into a folder of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = {
            "UNROLLED_SCALE": "smoke",
            "UNROLLED_CACHE": str(Path(scratch, "cache")),
            "NO_MKDOCS_2_WARNING": "1",
        }
        command = [str(programs(folder) / "mkdocs"), "build", "--strict"]
        return run([*command, "--site-dir", str(Path(scratch, "site"))], **settings)


def shown(pins: Sequence[str]) -> list[str]:
    return [pin.replace("==", " ") for pin in pins if pin.partition("==")[0] in SHOWN]


def programs(folder: Path) -> Path:
    return folder / ("Scripts" if os.name == "nt" else "bin")


def uv(*arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).parent / "uv"), *arguments], cwd=ROOT, check=True)


def run(command: Sequence[str], **settings: str) -> int:
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}).returncode


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in WAYS:
        sys.exit(f"way: got {sys.argv[1:]}, expected one of {', '.join(WAYS)}")
    sys.exit(main(sys.argv[1]))
