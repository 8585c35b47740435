"""What a worker does: compute one cell, here or on another machine."""

from __future__ import annotations

import importlib
import os
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from unrolled.grid.cells import Cell
from unrolled.packing import pack_fields
from unrolled.provenance import versions
from unrolled.sources import key as key_of_code
from unrolled.threads import one_thread

ONE_AT_A_TIME = threading.Lock()
"""Experiments set the random state of PyTorch, which all threads of a process share."""


@dataclass(frozen=True)
class Task:
    """A cell, and in which world it is to be computed."""

    cell: Cell
    module: str
    code: str
    versions: dict[str, str]
    device: str


def compute(task: Task) -> dict[str, Any]:
    """Call the experiment, and return `result` and `seconds`.

    Where it raises, return `error`, the exception's kind, with `message` and `traceback` instead;
    `refused` says whether that is about the arguments.
    """
    try:
        with ONE_AT_A_TIME, _settings(task):
            _same_world(task)
            function = getattr(importlib.import_module(task.module), task.cell.experiment)
            with one_thread():
                started = time.perf_counter()
                result = function(**_given(task.cell))
                seconds = time.perf_counter() - started
            return {"result": pack_fields(result), "seconds": seconds}
    except Exception as error:
        return failure(error)


def failure(error: Exception) -> dict[str, Any]:
    """Return what `compute` returns for an exception."""
    return {
        "error": type(error).__name__,
        "message": str(error),
        "refused": isinstance(error, TypeError | ValueError),
        "traceback": "".join(traceback.format_exception(error)),
    }


def _given(cell: Cell) -> dict[str, Any]:
    given = dict(cell.arguments)
    if cell.scale is not None:
        given["scale"] = cell.scale
    return given


def _same_world(task: Task) -> None:
    """Check that a result computed here may stand under the key that was made there.

    Raises:
        RuntimeError: Other versions or other code.
    """
    for name, found in versions().items():
        if found != (wanted := task.versions[name]):
            raise RuntimeError(f"this worker has {name} {found}, the grid was begun with {wanted}")
    if _loaded(task.module) != task.code:
        raise RuntimeError(
            f"this worker has another {task.module} than the one the grid was begun with; "
            "give it the same code and start it again"
        )


@cache
def _loaded(module: str) -> str:
    """Return the key of the code that this process runs: what was on disk when it came to it.

    A process that lives on while files are edited still has the old code in memory.
    """
    return key_of_code(module)


@contextmanager
def _settings(task: Task) -> Iterator[None]:
    chosen = {"UNROLLED_DEVICE": task.device, "UNROLLED_SCALE": task.cell.scale or "site"}
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
