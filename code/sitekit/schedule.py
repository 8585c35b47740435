"""Run jobs in fresh processes: several at once, the longest first, volatile blocks alone."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import psutil

from sitekit.blocks import Block
from sitekit.jobs import Job, Result
from sitekit.problems import Problem

Event = dict[str, Any]


class _Worker:
    """A running process and what is known about it."""

    def __init__(
        self, job: Job, environment: dict[str, str], project: str, roots: Iterable[Path]
    ) -> None:
        self.job = job
        self.scratch = tempfile.TemporaryDirectory(
            prefix="unrolled-page-", ignore_cleanup_errors=True
        )
        self.errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self.started = time.perf_counter()
        self.current: int | None = None
        self.deadline = float("inf")
        self.gate: int | None = None
        self.gate_since = 0.0
        self.waited = 0.0
        self.timed_out = False
        self.done: list[Event] = []
        self.end: Event | None = None
        self.error_text = ""
        self.process = subprocess.Popen(
            [job.interpreter, "-m", "sitekit.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            cwd=self.scratch.name, env=environment, text=True, encoding="utf-8",
            start_new_session=True,
        )  # fmt: skip
        self.order(
            json.dumps(
                {
                    "slug": job.slug,
                    "path": job.path,
                    "project": project,
                    "roots": [str(root) for root in roots],
                    "torch": job.needs_torch,
                    "blocks": [{**block.identity(), "line": block.line} for block in job.blocks],
                }
            )
        )

    def order(self, line: str) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it died; its events, or their end, will say so
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def kill(self) -> None:
        """End the process and everything it started."""
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    child.kill()
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def pass_gate(self) -> None:
        """Let it run the volatile block it waits for."""
        self.current, self.gate = self.gate, None
        self.waited += time.perf_counter() - self.gate_since
        self.order("go")

    def close(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5 if self.end or self.current is not None else 0)
        self.kill()
        self.errors.seek(0)
        self.error_text = self.errors.read()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        self.scratch.cleanup()


def run(
    jobs: Iterable[Job],
    *,
    environment: dict[str, str],
    project: Path,
    roots: tuple[Path, ...],
    workers: int,
    finished: Callable[[Result], None] = lambda result: None,
    running: Callable[[Job, str], None] = lambda job, block: None,
) -> list[Result]:
    """Execute all jobs and return their results in the order given.

    Args:
        environment: Of the worker processes.
        project: The folder whose files a block may read as data.
        roots: The project's import folders.
        workers: How many processes execute blocks at the same time.
        finished: Called with each result as it comes.
        running: Called when a block begins.
    """
    jobs = list(jobs)
    pending = sorted(jobs, key=lambda job: -job.expected_seconds)
    events: queue.Queue[tuple[_Worker, Event | None]] = queue.Queue()
    active: list[_Worker] = []
    results: dict[str, Result] = {}
    try:
        while pending or active:
            busy = sum(worker.gate is None for worker in active)
            alone = any(map(_runs_volatile, active))
            while pending and busy < workers and not alone and len(active) < 4 * workers:
                worker = _Worker(pending.pop(0), environment, str(project), roots)
                threading.Thread(target=_forward, args=(worker, events), daemon=True).start()
                active.append(worker)
                busy += 1
            if not busy:
                next(worker for worker in active if worker.gate is not None).pass_gate()
            for worker, event in _next_events(events, active):
                if worker not in active:
                    continue
                if event is not None:
                    _note(worker, event, running)
                if event is None or worker.end is not None:
                    active.remove(worker)
                    worker.close()
                    results[worker.job.name] = _result(worker)
                    finished(results[worker.job.name])
    finally:
        for worker in active:
            worker.close()
    return [results[job.name] for job in jobs]


def _forward(worker: _Worker, events: queue.Queue[tuple[_Worker, Event | None]]) -> None:
    stream: IO[str] | None = worker.process.stdout
    assert stream is not None
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            events.put((worker, json.loads(line)))
    events.put((worker, None))


def _next_events(
    events: queue.Queue[tuple[_Worker, Event | None]], active: list[_Worker]
) -> list[tuple[_Worker, Event | None]]:
    """Return the next event, or none after killing whoever ran past its time."""
    nearest = min(worker.deadline for worker in active)
    wait = min(max(nearest - time.monotonic(), 0.0), 3600.0)
    try:
        return [events.get(timeout=wait)]
    except queue.Empty:
        for worker in active:
            if worker.deadline <= time.monotonic():
                worker.timed_out = True
                worker.deadline = float("inf")
                worker.kill()
        return []


def _note(worker: _Worker, event: Event, running: Callable[[Job, str], None]) -> None:
    if event["event"] == "wait":
        worker.gate = event["block"]
        worker.gate_since = time.perf_counter()
    elif event["event"] == "begin":
        worker.current = event["block"]
        block = worker.job.blocks[event["block"]]
        worker.deadline = time.monotonic() + block.timeout
        running(worker.job, block.id)
    elif event["event"] == "done":
        worker.current = None
        worker.deadline = float("inf")
        worker.done.append(event)
    else:
        worker.end = event


def _runs_volatile(worker: _Worker) -> bool:
    return worker.current is not None and worker.job.blocks[worker.current].volatile


def _result(worker: _Worker) -> Result:
    job = worker.job
    outcome = {
        "seconds": time.perf_counter() - worker.started - worker.waited,
        "device": worker.end["device"] if worker.end else "cpu",
        "files": worker.end["files"] if worker.end else {},
        "blocks": {
            job.blocks[event["block"]].id: {
                key: event[key] for key in ("seconds", "outputs", "values")
            }
            for event in worker.done
        },
    }
    problems = [
        _problem(job, job.blocks[event["block"]], event["problem"])
        for event in worker.done
        if event["problem"]
    ]
    if worker.end is None:
        problems.append(_death(worker))
    return Result(job, outcome, problems)


def _problem(job: Job, block: Block, found: Event) -> Problem:
    line = found.get("line", block.line - 1)
    return Problem(job.path, line, found["message"], found.get("traceback", ""), block.id)


def _death(worker: _Worker) -> Problem:
    """Describe a process that ended before its page did."""
    job = worker.job
    index = worker.current if worker.current is not None else len(worker.done)
    block = job.blocks[min(index, len(job.blocks) - 1)]
    code = worker.process.returncode
    if worker.timed_out:
        message = f"the block ran longer than its limit of {block.timeout:g} s"
    elif code is not None and code < 0:
        message = f"the process died: {signal.Signals(-code).name}"
    else:
        message = f"the process ended by itself with exit code {code}"
    if left := len(job.blocks) - 1 - index:
        message += f"; {left} later block{'s' if left > 1 else ''} did not run"
    return Problem(job.path, block.line - 1, message, worker.error_text, block.id)
