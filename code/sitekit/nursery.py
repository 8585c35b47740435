"""A process that imports what several workers need, and forks them.

Each child is what a new process would be, but that what is slow to import is there already. The
build's side of this is `sitekit.forked`.
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
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

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
HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python does not show of modules that are imported."""
ADDED: list[Any] = []
"""Filters of warnings that libraries have added before this process was forked."""
MESSAGE = 1 << 16
"""Bytes that no order exceeds."""


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
