"""Build a site beside its place and exchange it in as the last step.

Whatever ends a build early, the old site stays as it was, to the byte.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sitekit.held import Held, clear_abandoned

PREFIX = ".site-"
AT_FDCWD = -100
RENAME_EXCHANGE = 2


class Stage:
    """A folder beside `final` to build into."""

    def __init__(self, final: Path) -> None:
        self.final = final
        final.parent.mkdir(parents=True, exist_ok=True)
        clear_abandoned(final.parent, PREFIX)
        self.held = Held(final.parent, PREFIX)
        self.folder = self.held.folder

    def publish(self) -> None:
        """Put the folder in the place of the old site, and remove the old one."""
        try:
            _exchange(self.folder, self.final)
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the folder and whatever is in it."""
        self.held.discard()


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
