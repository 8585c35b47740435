"""Build a site beside its place and exchange it in as the last step.

Whatever ends a build early, the old site stays as it was, to the byte.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = ".site-"
AT_FDCWD = -100
RENAME_EXCHANGE = 2


class Stage:
    """A folder beside `final` to build into. A lock says that its build is alive."""

    def __init__(self, final: Path) -> None:
        self.final = final
        final.parent.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(final.parent)
        handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=".lock", dir=final.parent)
        os.close(handle)
        self.lock = FileLock(name)
        self.lock.acquire()
        self.folder = Path(name).with_suffix("")
        self.folder.mkdir()

    def publish(self) -> None:
        """Put the folder in the place of the old site, and remove the old one."""
        try:
            _exchange(self.folder, self.final)
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the folder, whatever is in it, and its lock."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.release()
        Path(self.lock.lock_file).unlink(missing_ok=True)


def _exchange(new: Path, old: Path) -> None:
    if not old.exists():
        os.rename(new, old)
        return
    if sys.platform == "linux":
        import ctypes

        rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        paths = (AT_FDCWD, os.fsencode(new), AT_FDCWD, os.fsencode(old))
        if rename and rename(*paths, RENAME_EXCHANGE) == 0:
            return
    # No atomic exchange here: two renames, with the old site put back if the second fails.
    aside = old.with_name(f"{new.name}-old")
    os.rename(old, aside)
    try:
        os.rename(new, old)
    except OSError:
        os.rename(aside, old)
        raise
    os.rename(aside, new)


def _clear_abandoned(parent: Path) -> None:
    """Remove what a killed build left: stages whose lock nobody holds."""
    for lock_file in parent.glob(f"{PREFIX}*.lock"):
        lock = FileLock(lock_file, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
        lock.release()
        lock_file.unlink(missing_ok=True)
