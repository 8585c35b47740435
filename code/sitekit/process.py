"""A worker process: started, given orders, suspended, ended, and everything it started with it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

from sitekit.forked import TEMPORARY, Forked, Nursery
from sitekit.held import SCRATCH, Held
from sitekit.jobs import Job

Event = dict[str, Any]
NEVER = float("inf")


class Worker:
    """The process that executes one job, and what is known about it.

    Attributes:
        current: Index of the block it executes.
        gate: Index of the volatile block it waits to execute.
        deadline: When its block will have run too long.
        ready: Whether it will end with the build even when suspended.
        idle: Seconds in which it was not allowed to run.
    """

    def __init__(
        self,
        job: Job,
        environment: dict[str, str],
        project: str,
        roots: Iterable[Path],
        nursery: Nursery | None = None,
    ) -> None:
        self.job = job
        self.held = Held(Path(tempfile.gettempdir()), SCRATCH)
        scratch = str(self.held.folder)
        self.errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self.error_text = ""
        self.began = time.time()
        self.started = time.perf_counter()
        self.idle = self.idle_before = 0.0
        self.stopped_at: float | None = None
        self.current: int | None = None
        self.gate: int | None = None
        self.deadline = NEVER
        self.ready = False
        self.timed_out = False
        self.done: list[Event] = []
        self.end: Event | None = None
        # What its blocks put into temporary files is theirs alone, and goes with the process.
        temporary = dict.fromkeys(TEMPORARY, scratch)
        forked = None
        if nursery and nursery.suits(job):
            forked = nursery.fork(job.module, scratch, temporary, self.errors)
        self.process: subprocess.Popen[str] | Forked = forked or subprocess.Popen(
            [job.interpreter, "-m", job.module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            cwd=scratch, env=environment | temporary, text=True, encoding="utf-8",
            start_new_session=True,
        )  # fmt: skip
        self._order(
            json.dumps(
                {
                    "slug": job.slug,
                    "path": job.path,
                    "project": project,
                    "roots": [str(root) for root in roots],
                    "blocks": [{**block.identity(), "line": block.line} for block in job.blocks],
                }
            )
        )

    @property
    def measures(self) -> bool:
        """Whether it executes a volatile block now."""
        return self.current is not None and self.job.blocks[self.current].volatile

    def note(self, event: Event) -> None:
        """Take in what the process says of itself."""
        if event["event"] == "ready":
            self.ready = True
        elif event["event"] == "wait":
            self.gate = event["block"]
            self.stopped_at = self.stopped_at or time.perf_counter()
        elif event["event"] == "begin":
            self.current = event["block"]
            self.deadline = time.monotonic() + self.job.blocks[event["block"]].timeout
            self.idle_before = self.idle
        elif event["event"] == "done":
            self.current = None
            self.deadline = NEVER
            event["seconds"] -= self.idle - self.idle_before
            self.done.append(event)
        else:
            self.end = event

    def pass_gate(self) -> None:
        """Let it execute the volatile block it waits for."""
        self.current, self.gate = self.gate, None
        self._count_idle()
        self._order("go")

    def suspend(self) -> None:
        """Stop it and its children where they are; its time does not run on."""
        self.stopped_at = self.stopped_at or time.perf_counter()
        for process in self._family():
            with contextlib.suppress(psutil.Error):
                process.suspend()

    def resume(self) -> None:
        """Let it go on after `suspend`."""
        for process in self._family():
            with contextlib.suppress(psutil.Error):
                process.resume()
        if self.gate is None:
            self._count_idle()

    def kill(self) -> None:
        """End the process and everything it started."""
        for process in self._family():
            with contextlib.suppress(psutil.Error):
                process.kill()
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def close(self, grace: float = 0.0) -> None:
        """End it, giving it `grace` seconds to do so itself, and remove what it left."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=grace)
        self.kill()
        self.errors.seek(0)
        self.error_text = self.errors.read()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        self.held.discard()

    def _order(self, line: str) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it died; its events, or their end, will say so
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def _count_idle(self) -> None:
        if self.stopped_at is not None:
            stopped = time.perf_counter() - self.stopped_at
            self.idle += stopped
            self.deadline += stopped
            self.stopped_at = None

    def _family(self) -> list[psutil.Process]:
        if self.process.poll() is not None:
            return []
        try:
            process = psutil.Process(self.process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.Error:
            return []
