"""Forks workers from a process that has imported what several of them need.

PyTorch, its compiler and Matplotlib take seconds to import, in every new process again. Where
several pages are executed, one process imports them, nothing else, and the workers are its
children. Those that begin before it is ready, or where it fails, start from nothing: a page comes
out the same.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import IO, Any

from sitekit.determinism import WhenTorchIsImported
from sitekit.held import SCRATCH, Held
from sitekit.jobs import Job

FORKS = sys.platform == "linux"
"""On macOS a forked process may not use the system's libraries; Windows has none."""
SLOW = {
    "numpy": re.compile(r"\b(?:import|from) numpy\b"),
    "matplotlib.pyplot": re.compile(r"\b(?:import|from) matplotlib\b"),
    "torch": re.compile(r"\b(?:import|from) torch\b"),
    "torch._dynamo": re.compile(r"\btorch\.optim\b"),  # an optimiser imports it when it is made
}
"""What is slow to import, and the words of whoever needs it."""
SEVERAL = 3
"""Fewer jobs than these do not pay for a process more."""
HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python does not show of modules that are imported."""
ADDED: list[Any] = []
"""Filters of warnings that libraries have added before this process was forked."""
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
MESSAGE = 1 << 16
"""Bytes that no order exceeds."""
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
        """Say whether a job needs all that is imported here, and has this interpreter."""
        return job.interpreter == sys.executable and {*self.modules} <= job.needs

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


def main() -> Callable[[], None] | None:
    """Import, then fork whenever told to; in each child, return what it is to do."""
    die_with_the_build()
    orders = socket.socket(fileno=int(sys.argv[1]))
    began, own, parent = dict(os.environ), os.getcwd(), os.getpid()
    sys.meta_path.insert(0, WhenTorchIsImported())
    with warnings.catch_warnings():
        # Whatever a library has to say is for the page that imports it.
        warnings.simplefilter("error")
        for hidden in HIDDEN:
            warnings.simplefilter("ignore", hidden)
        before = [*warnings.filters]
        for module in sys.argv[2:]:
            importlib.import_module(module)
        added = [each for each in warnings.filters if each not in before]
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if os.fstat(1).st_size:  # both are one file
        return None
    ended, note = os.pipe()
    os.set_blocking(note, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(note)
    orders.send(json.dumps({"ready": True}).encode())
    while True:
        heard, _, _ = select.select([orders.fileno(), ended], [], [])
        if ended in heard:
            os.read(ended, MESSAGE)
            for pid, status in _ended():
                code = os.waitstatus_to_exitcode(status)
                orders.send(json.dumps({"ended": pid, "code": code}).encode())
        if orders.fileno() in heard:
            order, streams, _, _ = socket.recv_fds(orders, MESSAGE, 3)
            if not order:
                return None
            try:
                pid = os.fork()
            except OSError:  # no room for another process
                pid = -1
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for descriptor in (orders.detach(), ended, note):
                    os.close(descriptor)
                return _become(json.loads(order), streams, parent, began, own, added)
            for descriptor in streams:
                os.close(descriptor)
            orders.send(json.dumps({"born": max(pid, 0)}).encode())


def _ended() -> Iterable[tuple[int, int]]:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found


def _become(
    order: dict[str, Any],
    streams: Sequence[int],
    parent: int,
    environment: Mapping[str, str],
    own: str,
    filters: Sequence[Any],
) -> Callable[[], None]:
    """Be what a new process would be after `python -m MODULE`; return its `main`.

    Args:
        environment: As it was before anything was imported.
        own: The folder in which that was done.
        filters: Of warnings, which the imports have added.
    """
    die_with_the_build(parent)
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update({**environment, **order["settings"]})
    sys.path[:] = [order["folder"] if entry == own else entry for entry in sys.path]
    tempfile.tempdir = None
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    module = importlib.import_module(order["module"])
    importlib.import_module("sitekit.nursery").ADDED[:] = filters  # this one is `__main__`
    sys.argv[:] = [module.__file__ or ""]
    run: Callable[[], None] = module.main
    return run


def as_in_a_script() -> None:
    """Warn as a fresh interpreter would in a script that has imported what is imported."""
    warnings.resetwarnings()
    for hidden in HIDDEN:
        warnings.simplefilter("ignore", hidden)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
    for action, message, category, module, line in reversed(ADDED):
        words = [each.pattern if each else "" for each in (message, module)]
        warnings.filterwarnings(action, words[0], category, words[1], line)


def die_with_the_build(parent: int = 0) -> None:
    """Ask Linux to end this process with its parent, even while it is suspended.

    Args:
        parent: If that is known, end at once where it is not alive any more.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if parent and os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    if run := main():
        run()
