"""Catch everything a process writes to its standard output and error, from any language."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile


class Capture:
    """Redirects file descriptors 1 and 2 to a file; `take` returns what came since the last call.

    Both streams share one file, so their order is the order in which they were written.
    """

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile("a+b", prefix="unrolled-output-")  # noqa: SIM115
        self.position = 0
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os.dup2(self.file.fileno(), 1)
        os.dup2(self.file.fileno(), 2)
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            raw = io.FileIO(descriptor, "w", closefd=False)
            stream = io.TextIOWrapper(
                raw, encoding="utf-8", errors="replace", newline="\n", write_through=True
            )
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)

    def take(self) -> str:
        """Return the text written since the last call, as a terminal would have left it."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # The file is open for appending: writers always add at its end, wherever we read.
        self.file.seek(self.position)
        text = self.file.read()
        self.position += len(text)
        return settle(text.decode("utf-8", "replace"))


def settle(text: str) -> str:
    """Return the text without what carriage returns overwrote and without escape sequences."""
    text = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", text.replace("\r\n", "\n"))
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    text = "\n".join(lines)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", text)
