"""Run a reader's code: what it raises becomes a diagnosis with the reader's own line."""

from __future__ import annotations

import contextlib
import io
import random
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from unrolled.check.report import Diagnosis

_NOT_THE_READERS = (
    "<frozen",
    str(Path(__file__).parents[1]),
    sysconfig.get_path("stdlib"),
    sysconfig.get_path("purelib"),
    sysconfig.get_path("platlib"),
)


class Found(Exception):
    """A mistake after which a check cannot go on."""

    def __init__(self, id: str, what: str, cause: str) -> None:
        super().__init__(id)
        self.diagnosis = Diagnosis(id, what, cause)


@contextlib.contextmanager
def undisturbed(*, seeded: bool = False) -> Iterator[None]:
    """Keep random state as it was, and what the reader's code prints or warns out of the way.

    Args:
        seeded: Start all global generators anew, so that even code which sets no seed gives one
            and the same report.
    """
    numbers, numpy_numbers = random.getstate(), np.random.get_state()
    torch = sys.modules.get("torch")
    torch_numbers = torch.random.get_rng_state() if torch else None
    if seeded:
        random.seed(0)
        np.random.seed(0)
        if torch:
            torch.manual_seed(0)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            with contextlib.redirect_stdout(io.StringIO()):
                yield
    finally:
        random.setstate(numbers)
        np.random.set_state(numpy_numbers)
        if torch:
            torch.random.set_rng_state(torch_numbers)


def attempt(call: str, function: Callable[..., Any], *args: Any, hint: str = "") -> Any:
    """Return what `function` returns.

    Args:
        call: How the call would be written, to name it: "forward(inputs)".
        hint: What helps to understand an error.

    Raises:
        Found: It raised; `not-implemented` or `raises`, with the reader's line.
    """
    try:
        return function(*args)
    except NotImplementedError as error:
        raise Found(
            "not-implemented",
            f"{call} is still to be written.{_place(error)}",
            "Fill in what the TODO asks for, then check again.",
        ) from error
    except (Exception, SystemExit) as error:
        said = traceback.format_exception_only(type(error), error)[-1].strip()
        place = _place(error)
        cause = "That is the last line of yours before the error. " if place else ""
        raise Found("raises", f"{call} raised {_shortened(said)}{place}", cause + hint) from error


def _place(error: BaseException) -> str:
    """Return the reader's line, on lines of its own; nothing when no frame is the reader's."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(_NOT_THE_READERS) and not frame.filename.endswith(".pyx")
    ]
    if not frames:
        return ""
    frame = frames[-1]
    path = Path(frame.filename)
    # A cell of a notebook has a file name that changes with every run and says nothing.
    nameless = frame.filename.startswith("<") or "ipykernel" in frame.filename
    file = "" if nameless else f"{path.name}, "
    line = f"\n  {frame.line}" if frame.line else ""
    return f"\n{file}line {frame.lineno}, in {frame.name}{line}"


def _shortened(text: str, most: int = 200) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
