"""Say how far a long command is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[str, int], None]
"""Takes what has just been finished, in words and in number."""


@contextmanager
def progress(console: Console, total: int, done: int = 0) -> Iterator[Advance]:
    """Yield what reports each finished part, with an estimate of the time that is left.

    Args:
        done: Of `total`, before this began; they took none of this time.
    """
    started, before = time.monotonic(), done
    left_column = TextColumn("{task.fields[left]}")
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), left_column)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total, completed=done, left="")

        def advance(what: str, count: int) -> None:
            nonlocal done
            done += count
            left = (time.monotonic() - started) / (done - before) * (total - done)
            words = f"about {duration(left)} left" if done < total else ""
            bar.update(task, completed=done, left=words)
            if not console.is_terminal:
                line = f"[{done}/{total}] {what}{'; ' * bool(words)}{words}"
                console.print(line, markup=False, highlight=False, soft_wrap=True)

        yield advance


def duration(seconds: float) -> str:
    """Return a time as people say it: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
