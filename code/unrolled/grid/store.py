"""Finished cells on disk: one file each, whole, and checked when it is read."""

from __future__ import annotations

import hashlib
import importlib
import json
import time
from pathlib import Path
from typing import Any

from unrolled import validate, validate_kinds
from unrolled.files import PREFIX, write_whole
from unrolled.grid.cells import Cell
from unrolled.grid.describe import describe
from unrolled.packing import Packed, unpack_fields
from unrolled.settings import cache_dir

MARK = "unrolled-cell-1"
AN_HOUR = 3600


class Store:
    """A folder of finished cells.

    Raises:
        TypeError: Not a folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = cache_dir() / "grid" if folder is None else folder
        self.folder: Path = validate_kinds.instance("folder", folder, Path)
        for left in self.folder.glob(f"*/{PREFIX}*"):  # by processes that were killed
            if time.time() - left.stat().st_mtime > AN_HOUR:
                left.unlink(missing_ok=True)

    def path(self, cell: Cell) -> Path:
        """Return where a cell is kept once it is finished.

        Raises:
            TypeError: Not a cell.
        """
        validate_kinds.instance("cell", cell, Cell)
        return self.folder / cell.experiment / f"{cell.key}.json"

    def find(self, cell: Cell) -> dict[str, Any] | None:
        """Return what `keep` was given, or None.

        A file that is truncated, damaged or of another cell counts as not there.

        Raises:
            TypeError: Not a cell.
        """
        path = self.path(cell)
        try:
            head, _, body = path.read_text("utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        if head != f"{MARK} {cell.key} {_sum(body)}":
            return None
        kept: dict[str, Any] = json.loads(body)
        return kept

    def keep(self, cell: Cell, result: Packed, seconds: float) -> None:
        """Write a finished cell.

        Raises:
            OSError: It cannot be written.
            TypeError, ValueError: Not a cell, a packed result and finite seconds.
        """
        path = self.path(cell)
        validate_kinds.instance("result", result, dict)
        seconds = validate.number("seconds", seconds)
        about = {"experiment": cell.experiment, "arguments": cell.arguments, "scale": cell.scale}
        body = json.dumps({**about, "seconds": seconds, "result": result})
        write_whole(path, f"{MARK} {cell.key} {_sum(body)}\n{body}")

    def result(self, cell: Cell) -> Any:
        """Return a finished cell's result, as the dataclass of its experiment.

        Raises:
            KeyError: It is not finished.
            TypeError: Not a cell.
        """
        kept = self.find(cell)
        if kept is None:
            raise KeyError(f"cell: {cell.key} is not finished")
        return unpack_fields(result_class(cell.experiment), kept["result"])


def result_class(experiment: str) -> type[Any]:
    """Return the dataclass that an experiment returns.

    Raises:
        TypeError, ValueError: There is no such experiment.
    """
    described = describe(experiment)
    cls: type[Any] = getattr(importlib.import_module(described.module), described.result)
    return cls


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
