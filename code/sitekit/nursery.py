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
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, NoReturn

from sitekit.determinism import WhenTorchIsImported

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
MESSAGE = 1 << 16
"""Bytes that no order exceeds."""


def worth_sharing(jobs: Iterable[Iterable[str]]) -> list[str]:
    """Return the modules that several jobs need, given all source text that each can reach."""
    needed: Counter[str] = Counter()
    for texts in jobs:
        texts = list(texts)
        needed.update(name for name, words in SLOW.items() if any(map(words.search, texts)))
    return [name for name in SLOW if needed[name] >= SEVERAL]


class Nursery:
    """Starts to import `modules`, in the environment of workers, and forks when it has."""

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        self.codes: dict[int, int] = {}
        self.born: list[int] = []
        self.ready = self.gone = False
        self.orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sitekit.nursery", str(theirs.fileno()), *modules],
                stdin=subprocess.DEVNULL, env=environment, pass_fds=[theirs.fileno()],
                start_new_session=True,
            )  # fmt: skip

    def settle(self) -> None:
        """Wait until it has imported everything, or failed to."""
        while not self.ready and not self.gone:
            self.hear(None)

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
        try:
            streams = [theirs_in, theirs_out, errors.fileno()]
            with contextlib.suppress(OSError):  # it is gone; that is heard of below
                socket.send_fds(self.orders, [order.encode()], streams)
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        while not self.born and not self.gone:
            self.hear(None)
        if not self.born:
            os.close(ours_in)
            os.close(ours_out)
            return None
        return Forked(self, self.born.pop(), ours_out, ours_in)

    def hear(self, seconds: float | None) -> bool:
        """Take in one thing that it says, if it does within the time; return whether it did."""
        if self.gone or not select.select([self.orders], [], [], seconds)[0]:
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

    def close(self) -> None:
        """End it."""
        self.orders.close()
        self.gone = True
        self.process.kill()
        self.process.wait()


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

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it ends.

        Raises:
            subprocess.TimeoutExpired: It did not within so many seconds.
        """
        ends = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = None if ends is None else max(ends - time.monotonic(), 0.0)
            heard = self.nursery.hear(left)
            if not heard and self.returncode is None and left is not None and left <= 0.0:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return self.returncode

    def kill(self) -> None:
        """End it, if it lives."""
        while self.nursery.hear(0.0):
            pass
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def main() -> None:
    die_with_the_build()
    orders = socket.socket(fileno=int(sys.argv[1]))
    sys.meta_path.insert(0, WhenTorchIsImported())
    with warnings.catch_warnings():
        # Whatever a library has to say is for the page that imports it.
        warnings.simplefilter("error")
        for hidden in HIDDEN:
            warnings.simplefilter("ignore", hidden)
        for module in sys.argv[2:]:
            importlib.import_module(module)
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
                return
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for descriptor in (orders.detach(), ended, note):
                    os.close(descriptor)
                _become(json.loads(order), streams)
            for descriptor in streams:
                os.close(descriptor)
            orders.send(json.dumps({"born": pid}).encode())


def _ended() -> Iterable[tuple[int, int]]:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found


def _become(order: dict[str, Any], streams: Sequence[int]) -> NoReturn:
    """Be what a new process would be after `python -m MODULE`."""
    try:
        die_with_the_build()
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(order["folder"])
        os.environ.update(order["settings"])
        tempfile.tempdir = None
        module = importlib.import_module(order["module"])
        sys.argv[:] = [module.__file__ or ""]
        module.main()
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def die_with_the_build() -> None:
    """Ask Linux to end this process with its parent, even while it is suspended."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


if __name__ == "__main__":
    main()
