"""Outcomes of executed pages on disk: checked when read, written whole or not at all.

An outcome lies under the key of everything known before the run. Files that only the run
itself revealed (data it opened, modules imported under computed names) are listed in it with
their hashes, and it counts only while all of them are unchanged; so one key may hold several.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

log = logging.getLogger("mkdocs.plugins.unrolled")

MARK = "unrolled-outcome-1"
LIMIT = 256 * 1024 * 1024
WRITING = ".writing-"
"""How the names of unfinished files begin; then comes the number of the process."""
Outcome = dict[str, Any]


class Cache:
    """A folder of outcomes, at most `limit` bytes after `shrink`.

    Args:
        folder: Where the entries lie.
        base: What the relative names of an outcome's files are relative to.
    """

    def __init__(self, folder: Path, base: Path, limit: int = LIMIT) -> None:
        self.folder = folder
        self.base = base
        self.limit = limit

    def find(self, key: str) -> Outcome | None:
        """Return the outcome under `key` whose files are unchanged, or None.

        A damaged entry is reported, removed where possible, and never returned.
        """
        try:
            entries = sorted((self.folder / key).glob("*.json"))
        except OSError:
            return None
        for entry in entries:
            try:
                outcome = self._read(entry, key)
            except (OSError, ValueError) as error:
                log.info(f"cache: {entry.name} of {key[:12]} is damaged ({error}); computed anew")
                _remove(entry)
                continue
            if all(
                hash_of(self.base / name) == digest for name, digest in outcome["files"].items()
            ):
                _touch(entry)
                return outcome
        return None

    def store(self, key: str, outcome: Outcome) -> None:
        """Write an outcome; where that fails the build goes on and says so."""
        body = json.dumps(outcome)
        files = json.dumps(outcome["files"], sort_keys=True)
        target = self.folder / key / f"{hashlib.sha256(files.encode()).hexdigest()[:16]}.json"
        head = f"{MARK} {key} {hashlib.sha256(body.encode()).hexdigest()}\n"
        try:
            write_atomically(target, head + body)
        except OSError as error:
            log.info(f"cache: an outcome could not be kept ({error})")

    def shrink(self) -> None:
        """Remove the entries used longest ago until the folder is within its limit."""
        entries = []
        for entry in self.folder.glob("*/*"):
            try:
                entries.append((entry.stat().st_mtime_ns, entry.stat().st_size, entry))
            except OSError:
                continue
        total = sum(size for _, size, _ in entries)
        for _, size, entry in sorted(entries):
            if total <= self.limit:
                break
            _remove(entry)
            total -= size
            with contextlib.suppress(OSError):
                entry.parent.rmdir()  # only when it is empty

    @staticmethod
    def _read(entry: Path, key: str) -> Outcome:
        head, _, body = entry.read_text("utf-8").partition("\n")
        if head != f"{MARK} {key} {hashlib.sha256(body.encode()).hexdigest()}":
            raise ValueError("checksum or key differ")
        outcome: Outcome = json.loads(body)
        return outcome


def hash_of(path: Path) -> str:
    """Return the hash of a file's bytes, or of a folder's names; `missing` if there is neither."""
    try:
        if path.is_dir():
            return hashlib.sha256("\n".join(sorted(os.listdir(path))).encode()).hexdigest()
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "missing"


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to `path` so that a reader sees the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    handle, name = tempfile.mkstemp(prefix=f"{WRITING}{os.getpid()}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def clear_unfinished(folder: Path) -> None:
    """Remove what processes that are no more were writing in a folder and below it."""
    for path in folder.rglob(f"{WRITING}*"):
        import psutil  # rarely needed

        number = path.name.removeprefix(WRITING).partition("-")[0]
        if not (number.isdigit() and psutil.pid_exists(int(number))):
            _remove(path)


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except OSError:
        pass


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        log.info(f"cache: {path.name} could not be removed ({error})")
