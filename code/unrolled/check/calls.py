"""Call a reader's functions: what goes wrong in them becomes a finding, not a traceback of ours."""

from __future__ import annotations

import contextlib
import io
import random
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from unrolled.check.report import Diagnosis, Report

NOT_THEIRS = (
    str(Path(__file__).parents[1]),
    *(sysconfig.get_path(each) for each in ("stdlib", "purelib", "platlib")),
)


class Broken(Exception):
    """A check cannot go on; the finding that says why."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.id)
        self.diagnosis = diagnosis


@dataclass
class Findings:
    """What a check has found so far."""

    right: list[str] = field(default_factory=list)
    wrong: list[Diagnosis] = field(default_factory=list)

    def add(self, id: str, what: str, cause: str) -> None:
        """Note something wrong, once for each id and text."""
        if (diagnosis := Diagnosis(id, what, cause)) not in self.wrong:
            self.wrong.append(diagnosis)

    def report(self, subject: str) -> Report:
        """Return what was found so far."""
        return Report(subject, tuple(self.right), tuple(self.wrong))


def call(function: Callable[..., Any], *arguments: Any, named: str) -> Any:
    """Return what a reader's function returns.

    Args:
        named: The call in words: "train, seed 0".

    Raises:
        Broken: It raised; the finding has the line of the reader's file and no frame of ours.
    """
    try:
        return function(*arguments)
    except NotImplementedError as error:
        what = f"{named}: still to be written"
        raise Broken(Diagnosis("not-implemented", what, _place(error))) from error
    except (Exception, SystemExit) as error:
        what = f"{named}: {type(error).__name__}: {str(error) or 'without a message'}"
        raise Broken(Diagnosis("raises", what, _place(error))) from error


def _place(error: BaseException) -> str:
    """Return the last line that is the reader's."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(NOT_THEIRS)
    ]
    if not frames:
        return "It could not be called so; compare its arguments."
    last = frames[-1]
    # The name of a notebook's cell changes with every run.
    nameless = last.filename.startswith("<") or "ipykernel" in last.filename
    file = "" if nameless else f"{Path(last.filename).name}, "
    return f"{file}line {last.lineno}, in {last.name}:\n{last.line or ''}".rstrip()


def as_array(given: Any) -> np.ndarray:
    """Return a tensor or an array as an array.

    Raises:
        ValueError: It has no numbers, or not the same number in each row.
    """
    try:
        made = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(str(error)) from error
    if made.dtype.kind not in "fiub":
        raise ValueError(f"dtype {made.dtype}")
    return made


@contextlib.contextmanager
def own_randomness() -> Iterator[None]:
    """Start all global random generators anew, and put them back as they were.

    What is printed or warned of meanwhile is not shown.
    """
    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state()
    drawn = torch.get_rng_state() if torch else None
    # Fixed, so that even an unseeded function gives one and the same report.
    random.seed(0)
    np.random.seed(0)
    if torch:
        torch.manual_seed(0)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        if torch:
            torch.set_rng_state(drawn)


def balanced(said: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean over the classes 0 and 1 of the share that is found; guessing gives 0.5."""
    return float(np.mean([(said[labels == label] == label).mean() for label in (0, 1)]))


def spread(numbers: list[float]) -> str:
    """Return the least and the greatest: "0.84 to 0.88"."""
    return f"{min(numbers):.2f} to {max(numbers):.2f}"
