"""Say what is being executed: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import Protocol

from sitekit.jobs import TRIALS, Job, Result

log = logging.getLogger("mkdocs.plugins.unrolled")


class Progress(Protocol):
    """What the scheduler tells."""

    def running(self, job: Job, block: str) -> None: ...

    def finished(self, result: Result) -> None: ...


class Lines:
    """One line for each finished page."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = 0

    def running(self, job: Job, block: str) -> None:
        log.debug(f"{job.name}: {block}")

    def finished(self, result: Result) -> None:
        self.count += 1
        outcome = "FAILED after" if result.problems else "executed in"
        if result.job.name.startswith(TRIALS):  # one that does not do is made in another way
            outcome = "tried in"
        seconds = result.outcome["seconds"]
        log.info(f"[{self.count}/{self.total}] {result.job.name}: {outcome} {seconds:.1f} s")


@contextlib.contextmanager
def progress(total: int) -> Iterator[Progress]:
    """Yield a reporter for `total` jobs, fit for where standard error goes."""
    if not sys.stderr.isatty():
        yield Lines(total)
        return
    import rich.console
    import rich.progress as bars

    with bars.Progress(
        bars.SpinnerColumn(),
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        console=rich.console.Console(stderr=True),
        transient=True,
    ) as bar:
        yield _Bar(bar, total)


class _Bar(Lines):
    def __init__(self, bar: object, total: int) -> None:
        super().__init__(total)
        from rich.progress import Progress as RichProgress

        assert isinstance(bar, RichProgress)
        self.bar = bar
        self.task = bar.add_task("executing", total=total)

    def running(self, job: Job, block: str) -> None:
        self.bar.update(self.task, description=f"{job.name} · {block}")

    def finished(self, result: Result) -> None:
        seconds = result.outcome["seconds"]
        failed = result.problems and not result.job.name.startswith(TRIALS)
        mark = "[red]failed[/]" if failed else "[green]done[/]"
        self.bar.console.print(f"{mark} {result.job.name} {seconds:.1f} s")
        self.bar.advance(self.task)
