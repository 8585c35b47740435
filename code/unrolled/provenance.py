"""Where a result comes from: versions, commit, date."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve()


def versions() -> dict[str, str]:
    """Return the versions of Python, NumPy and PyTorch, without importing the latter."""
    found = {"python": platform.python_version()}
    for package in ("numpy", "torch"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found


def commit() -> str | None:
    """Return the commit this code is of, with `+changes` where files differ from it.

    None where there is no git, or where this code is not what git keeps here: in an unpacked
    archive, or installed beside some other project.
    """
    if _git("ls-files", "--error-unmatch", HERE.name) is None:
        return None
    return _git("describe", "--always", "--dirty=+changes", "--abbrev=40", "--exclude=*")


def date() -> str:
    """Return the time in UTC, to the second; that of `SOURCE_DATE_EPOCH` where it is set.

    Raises:
        ValueError: The variable holds something else than seconds since 1970.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        now = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"SOURCE_DATE_EPOCH={epoch!r}: expected seconds since 1970") from error
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(HERE.parent), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
