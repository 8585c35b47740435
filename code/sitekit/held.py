"""Folders that go when their owner goes, even where the owner was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

SUFFIX = ".lock"
SCRATCH = "unrolled-page-"
"""How the folders begin in which blocks are executed."""


class Held:
    """A new folder below `parent`. A lock beside it says that its owner is alive."""

    def __init__(self, parent: Path, prefix: str) -> None:
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=SUFFIX, dir=parent)
        os.close(handle)
        self.lock = FileLock(name)
        self.lock.acquire()
        self.folder = Path(name).with_suffix("")
        self.folder.mkdir()

    def discard(self) -> None:
        """Remove the folder, whatever is in it, and its lock."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.release()
        Path(self.lock.lock_file).unlink(missing_ok=True)


def clear_abandoned(parent: Path, prefix: str) -> None:
    """Remove what killed owners left: folders whose lock nobody holds."""
    for lock_file in parent.glob(f"{prefix}*{SUFFIX}"):
        lock = FileLock(lock_file, timeout=0)
        try:
            lock.acquire()
        except (Timeout, OSError):  # it is alive, or another user's
            continue
        shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
        lock.release()
        lock_file.unlink(missing_ok=True)
