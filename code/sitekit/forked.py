"""Workers forked from a process that has imported what several of them need.

PyTorch, its compiler and Matplotlib take seconds to import, in every new process again. Where
several pages are executed, one process imports them, nothing else, and the workers are its
children. Those that begin before it is ready, or where it fails, start from nothing: a page comes
out the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import IO

from sitekit.held import SCRATCH, Held
from sitekit.jobs import Job
from sitekit.nursery import MESSAGE, SLOW

SEVERAL = 3
"""Fewer jobs than these do not pay for a process more."""
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
IMPORTS, ANSWER = 120.0, 20.0
"""Seconds after which a nursery that imports, or that should answer, is given up."""


def needs(texts: Iterable[str]) -> set[str]:
    """Return what of `SLOW` is imported somewhere in a source text."""
    texts = list(texts)
    return {name for name, words in SLOW.items() if any(map(words.search, texts))}


def worth_sharing(jobs: Iterable[Set[str]]) -> list[str]:
    """Return the modules that several jobs need, given what each can reach."""
    needed = Counter(name for job in jobs for name in job)
    return [name for name in SLOW if needed[name] >= SEVERAL]


class Nursery:
    """Starts to import `modules`, in the environment of workers, and forks when it has.

    Nobody waits for it without limit: one that does not answer is ended, and its children with it.
    """

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        self.modules = modules
        self.codes: dict[int, int] = {}
        self.born: list[int] = []
        self.ready = self.gone = False
        self.held = Held(Path(tempfile.gettempdir()), SCRATCH)
        scratch = str(self.held.folder)
        self.orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sitekit.nursery", str(theirs.fileno()), *modules],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, pass_fds=[theirs.fileno()],
                cwd=scratch, env={**environment, **dict.fromkeys(TEMPORARY, scratch)},
                start_new_session=True,
            )  # fmt: skip

    def suits(self, job: Job) -> bool:
        """Say whether a job needs all that is imported here, and has this interpreter.

        The compiler is a part of PyTorch: who trains need not name it.
        """
        needed = {*self.modules} - {"torch._dynamo"}
        return job.interpreter == sys.executable and needed <= job.needs

    def settle(self) -> None:
        """Wait until it has imported everything, or failed to."""
        self.expect(lambda: self.ready, IMPORTS)

    def fork(
        self, module: str, folder: str, settings: Mapping[str, str], errors: IO[str]
    ) -> Forked | None:
        """Start `main` of a module in `folder`; None if that cannot be done, or not yet.

        Args:
            settings: What the environment has besides that of all workers.
            errors: Becomes its standard error.
        """
        while self.hear(0.0):
            pass
        if not self.ready or self.gone:
            return None
        order = json.dumps({"module": module, "folder": folder, "settings": dict(settings)})
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        sent = False
        with contextlib.suppress(OSError):
            streams = [theirs_in, theirs_out, errors.fileno()]
            socket.send_fds(self.orders, [order.encode()], streams)
            sent = True
        os.close(theirs_in)
        os.close(theirs_out)
        if sent:
            self.expect(lambda: bool(self.born), ANSWER)
        pid = self.born.pop() if self.born else 0
        if not pid:
            os.close(ours_in)
            os.close(ours_out)
            return None
        self.codes.pop(pid, None)  # of an earlier process of this number
        return Forked(self, pid, ours_out, ours_in)

    def hear(self, seconds: float) -> bool:
        """Take in one thing that it says, if it does within the time; return whether it did."""
        if self.gone:
            return False
        poll = select.poll()
        poll.register(self.orders, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return False
        try:
            text = self.orders.recv(MESSAGE)
        except OSError:
            text = b""
        if not text:
            self.gone = True
            return False
        said = json.loads(text)
        if "born" in said:
            self.born.append(said["born"])
        elif "ended" in said:
            self.codes[said["ended"]] = said["code"]
        else:
            self.ready = True
        return True

    def expect(self, condition: Callable[[], bool], seconds: float) -> None:
        """Listen until a condition holds; end the process if that takes too long."""
        ends = time.monotonic() + seconds
        while not condition() and not self.gone:
            self.hear(max(ends - time.monotonic(), 0.0))
            if time.monotonic() >= ends and not condition():
                self.process.kill()
                self.gone = True

    def close(self) -> None:
        """End it, and remove what it left."""
        self.gone = True
        self.process.kill()
        self.process.wait()
        self.orders.close()
        self.held.discard()


class Forked:
    """A child of the nursery, with so much of `subprocess.Popen` as is needed of it."""

    def __init__(self, nursery: Nursery, pid: int, orders: int, events: int) -> None:
        self.nursery = nursery
        self.pid = pid
        self.stdin: IO[str] = os.fdopen(orders, "w", encoding="utf-8")
        self.stdout: IO[str] = os.fdopen(events, encoding="utf-8")

    @property
    def returncode(self) -> int | None:
        """Its exit code, minus the number of the signal that ended it; None while it lives.

        Whoever loses the nursery dies at once, and nobody is left to say of what.
        """
        lost = -signal.SIGKILL if self.nursery.gone else None
        return self.nursery.codes.get(self.pid, lost)

    def poll(self) -> int | None:
        """Return its exit code, or None while it lives."""
        while self.returncode is None and self.nursery.hear(0.0):
            pass
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it ends, which must be soon where no time is given.

        Raises:
            subprocess.TimeoutExpired: It did not within so many seconds.
        """
        if timeout is None:
            self.nursery.expect(lambda: self.returncode is not None, ANSWER)
        ends = time.monotonic() + (timeout or 0.0)
        while self.returncode is None:
            left = ends - time.monotonic()
            if not self.nursery.hear(max(left, 0.0)) and left <= 0.0 and self.returncode is None:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return self.returncode

    def kill(self) -> None:
        """End it, if it lives."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
