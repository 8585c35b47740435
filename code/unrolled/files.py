"""Files that are whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from unrolled import validate_kinds

PREFIX = ".writing-"
"""How the names of files begin that a killed process may leave."""


def write_whole(path: Path, text: str) -> None:
    """Write a file that is the old one or the new one, whole, at every moment.

    Its folder is made when it is not there.

    Raises:
        OSError: The disk is full, or the place is not to be written to.
        TypeError: Not a path and a text.
    """
    validate_kinds.instance("path", path, Path)
    validate_kinds.text("text", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=PREFIX, dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # first the bytes, then the name
        os.chmod(name, 0o666 & ~_umask())  # a temporary file is its owner's alone
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
