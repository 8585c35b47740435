"""Write requirements.txt and requirements-dev.txt again from the ranges in pyproject.toml.

Run it as ``make lock``. Pins that still fit are kept; ``--upgrade`` takes the newest releases.
One version of each package serves all supported systems and Pythons.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# torch names the exact releases of these itself, other ones for each of its builds.
# Pinning them here would pull gigabytes onto machines whose build of torch does not use them.
TORCH_ONLY = re.compile(r"(nvidia|cuda)-|triton\b")

SITE_HEAD = """\
# Exact versions for running and building, on every supported system and Python.
# Written by `make lock` from the ranges in pyproject.toml: change those, not this file.
# What torch needs for CUDA is left out: torch itself names exact releases of that.
"""
DEV_HEAD = """\
# What tests and linters need on top, exact as well.
# Written by `make lock` from the group "dev" in pyproject.toml.
-r requirements.txt
"""


def resolve(kept: Sequence[str], *arguments: str) -> list[str]:
    """Resolve for all systems at once, keeping the pins that fit; return lines name==version."""
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "pins.txt")
        output.write_text("\n".join(kept) + "\n")
        command = [str(Path(sys.executable).parent / "uv"), "pip", "compile", "pyproject.toml"]
        command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
        command += ["--extra", "site", "--quiet", "--no-annotate", "--no-header"]
        command += ["--output-file", str(output), *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        lines = output.read_text().splitlines()
    return [
        line
        for line in lines
        if "==" in line and not TORCH_ONLY.match(line) and "implementation_name" not in line
    ]


def main() -> None:
    site, dev = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    kept = [
        line
        for path in (site, dev)
        if path.exists()
        for line in path.read_text().splitlines()
        if "==" in line
    ]
    everything = resolve(kept, "--group", "dev", *sys.argv[1:])
    pins = resolve(everything)
    site.write_text(SITE_HEAD + "\n".join([*pins, "-e .", ""]))
    dev.write_text(DEV_HEAD + "\n".join([*(pin for pin in everything if pin not in pins), ""]))


if __name__ == "__main__":
    main()
