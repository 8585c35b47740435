"""Run jobs in fresh processes: several at once, the longest first, volatile blocks alone."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from sitekit.blocks import Block
from sitekit.forked import Nursery, worth_sharing
from sitekit.jobs import UNKNOWN, Job, Result
from sitekit.nursery import FORKS
from sitekit.problems import Problem
from sitekit.process import NEVER, Event, Worker


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
    pending, took = list(jobs), dict[str, float]()
    events: queue.Queue[tuple[Worker, Event | None]] = queue.Queue()
    active: list[Worker] = []
    results: dict[str, Result] = {}
    shared = worth_sharing(job.needs for job in jobs if job.interpreter == sys.executable)
    nursery = Nursery(shared, environment) if shared and FORKS else None
    try:
        while pending or active:
            if not any(worker.measures for worker in active):
                while pending and len(active) < workers:
                    job = _longest(pending, took)
                    worker = Worker(job, environment, str(project), roots, nursery)
                    threading.Thread(target=_forward, args=(worker, events), daemon=True).start()
                    active.append(worker)
                _open_gate(active, nursery)
            worker, event = _next_event(events, active)
            if worker not in active:
                continue
            measured = worker.measures
            if event is not None:
                worker.note(event)
                if event["event"] == "begin":
                    running(worker.job, worker.job.blocks[event["block"]].id)
            if event is None or worker.end is not None:
                active.remove(worker)
                worker.close(grace=5.0)
                results[worker.job.name] = _result(worker)
                took[_stem(worker.job)] = results[worker.job.name].outcome["seconds"]
                finished(results[worker.job.name])
            if measured and not (worker in active and worker.measures):
                for other in active:
                    other.resume()
    finally:
        try:
            for worker in active:
                worker.close()
        finally:
            if nursery:
                nursery.close()
    return [results[job.name] for job in jobs]


def _longest(pending: list[Job], took: dict[str, float]) -> Job:
    """Take out the job that will run longest; one without a past comes before those with one.

    The claims of a chapter that never ran will take about as long as the chapter just did.
    """

    def expected(job: Job) -> float:
        known = job.expected_seconds < UNKNOWN
        return job.expected_seconds if known else took.get(_stem(job), UNKNOWN)

    return pending.pop(pending.index(max(pending, key=expected)))


def _stem(job: Job) -> str:
    return Path(job.name).stem


def _open_gate(active: list[Worker], nursery: Nursery | None) -> None:
    """Let one volatile block run, if one waits, while all other processes stand still."""
    chosen = next((worker for worker in active if worker.gate is not None), None)
    if chosen is None or not all(worker.ready for worker in active):
        return
    if nursery:
        nursery.settle()
    for worker in active:
        if worker is not chosen and worker.gate is None:
            worker.suspend()
    chosen.pass_gate()


def _forward(worker: Worker, events: queue.Queue[tuple[Worker, Event | None]]) -> None:
    stream: IO[str] | None = worker.process.stdout
    assert stream is not None
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            events.put((worker, json.loads(line)))
    events.put((worker, None))


def _next_event(
    events: queue.Queue[tuple[Worker, Event | None]], active: list[Worker]
) -> tuple[Worker, Event | None]:
    """Return the next event; meanwhile kill whoever runs past its time."""
    while True:
        running = [worker for worker in active if worker.stopped_at is None]
        nearest = min((worker.deadline for worker in running), default=NEVER)
        try:
            return events.get(timeout=min(max(nearest - time.monotonic(), 0.0), 3600.0))
        except queue.Empty:
            for worker in running:
                if worker.deadline <= time.monotonic():
                    worker.timed_out = True
                    worker.deadline = NEVER
                    worker.kill()


def _result(worker: Worker) -> Result:
    job = worker.job
    outcome = {
        "seconds": time.perf_counter() - worker.started - worker.idle,
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
    return Result(job, worker.began, outcome, problems)


def _problem(job: Job, block: Block, found: Event) -> Problem:
    line = found.get("line", block.line - 1)
    return Problem(job.path, line, found["message"], found.get("traceback", ""), block.id)


def _death(worker: Worker) -> Problem:
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
