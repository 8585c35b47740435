"""`make reproduce`: build the newest commit twice, in unlike surroundings, and compare the sites.

The builds differ in folder, time zone, locale, order of hashes, umask and number of cores; the
second is then built again with its cache. Each starts from nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.reproduce.compare import differences

ROOT = Path(__file__).parents[2]
SHOWN = 10
"""Differences that are printed."""


def other_locale() -> str:
    """Return a locale of this machine that is not English, else the plainest one."""
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    usable = [
        name for name in listed.stdout.split() if "." in name and name[:2] not in {"C.", "en"}
    ]
    return usable[0] if usable else "POSIX"


@dataclass(frozen=True)
class Surroundings:
    """What must not change a byte of the site."""

    folder: str
    umask: int
    variables: dict[str, str]


HERE = Surroundings(
    "a",
    0o022,
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "UNROLLED_JOBS": "1"},
)
ELSEWHERE = Surroundings(
    "another place, für das zweite Mal",
    0o077,
    {
        "TZ": "Asia/Kathmandu",
        "LC_ALL": other_locale(),
        "PYTHONHASHSEED": "4242",
        "UNROLLED_JOBS": "2",
    },
)


def clone(folder: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)


def build(project: Path, around: Surroundings) -> Path:
    """Build the site of a project; return its folder.

    Raises:
        SystemExit: If the build fails; its output is printed.
    """
    site = project / "site"
    environment = {
        **os.environ,
        **around.variables,
        "PYTHONPATH": str(project / "code"),
        "UNROLLED_CACHE": str(project / ".cache"),
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(site)],
        cwd=project, env=environment, umask=around.umask,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{done.stdout}\nThe build in {project} failed.")
    return site


def compare(what: str, first: Path, second: Path) -> bool:
    """Print how two sites differ; return whether they do."""
    found = list(differences(first, second))
    files = sum(path.is_file() for path in first.rglob("*"))
    size = sum(path.stat().st_size for path in first.rglob("*") if path.is_file())
    print(f"{what}: {files} files, {size / 1e6:.1f} MB, {len(found)} differ")
    for line in found[:SHOWN]:
        print(f"  {line}")
    return bool(found)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="unrolled-reproduce-") as name:
        places = {Path(name) / around.folder: around for around in (HERE, ELSEWHERE)}
        for project in places:
            clone(project)
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(build, places, places.values())
        differ = compare("two places, from nothing", first, second)
        project = second.parent
        kept = second.rename(project / "site-from-nothing")
        warm = build(project, ELSEWHERE)
        differ |= compare("one place, with its cache", kept, warm)
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
