"""Write the files requirements*.txt again from the ranges in pyproject.toml.

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
VISION_HEAD = """\
# Exact versions for the appendix on vision, which has an environment of its own: each release of
# torchvision fits one of torch, and none fits the one in requirements.txt on every system.
# Written by `make lock` from the extra and the group "vision" in pyproject.toml.
"""


def resolve(kept: Sequence[str], *arguments: str, extra: str = "site") -> list[str]:
    """Resolve for all systems at once, keeping the pins that fit; return lines name==version."""
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "pins.txt")
        output.write_text("\n".join(kept) + "\n")
        command = [str(Path(sys.executable).parent / "uv"), "pip", "compile", "pyproject.toml"]
        command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
        command += ["--extra", extra, "--quiet", "--no-annotate", "--no-header"]
        command += ["--output-file", str(output), *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        lines = output.read_text().splitlines()
    return [
        line
        for line in lines
        if "==" in line and not TORCH_ONLY.match(line) and "implementation_name" not in line
    ]


def pinned(*paths: Path) -> list[str]:
    """Return the pins in files, as far as these are there."""
    lines = [line for path in paths if path.exists() for line in path.read_text().splitlines()]
    return [line for line in lines if "==" in line]


def main() -> None:
    site, dev = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    vision = ROOT / "requirements-vision.txt"
    kept = pinned(site, dev)
    everything = resolve(kept, "--group", "dev", *sys.argv[1:])
    pins = resolve(everything)
    site.write_text(SITE_HEAD + "\n".join([*pins, "-e .", ""]))
    dev.write_text(DEV_HEAD + "\n".join([*(pin for pin in everything if pin not in pins), ""]))
    # The same releases as elsewhere, but for torch.
    own = [pin for pin in pinned(vision) if pin.startswith("torch")]
    kept = [*own, *(pin for pin in everything if not pin.startswith("torch=="))]
    pins = resolve(kept, "--group", "vision", *sys.argv[1:], extra="vision")
    vision.write_text(VISION_HEAD + "\n".join([*pins, "-e .", ""]))


if __name__ == "__main__":
    main()
