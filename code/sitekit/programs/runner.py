"""Runs programs, each in a fresh process of its own from which the package cannot be imported.

Started by `schedule` in place of `worker`, with programs for blocks, and it answers alike. What
every program imports is imported once, before they go their own ways; where a process cannot be
forked, each program has an interpreter that begins from nothing.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import queue
import subprocess
import sys
import threading
import time
import traceback
import types
import warnings
from pathlib import Path
from typing import Any

from sitekit import figures  # noqa: F401  before its folder is taken off the path
from sitekit.capture import Capture
from sitekit.determinism import WhenTorchIsImported
from sitekit.nursery import FORKS, SLOW, die_with_the_build
from sitekit.worker import Event, Recorder, listen, run_block

START = "from sitekit.programs.runner import main; main()"


def main() -> None:
    die_with_the_build()
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    faulthandler.enable(os.fdopen(os.dup(2), "w"))
    job = json.loads(sys.stdin.readline())
    orders: queue.Queue[str] = queue.Queue()
    threading.Thread(target=listen, args=(sys.stdin, orders), daemon=True).start()

    def send(event: str, **content: Any) -> None:
        channel.write(json.dumps({"event": event, **content}) + "\n")
        channel.flush()

    if not FORKS and len(job["blocks"]) > 1:
        send("ready")
        _spawn_each(job, orders, send)
        send("end", files={}, device="cpu")
        os._exit(0)
    recorder = Recorder(Capture(), job["slug"])
    warnings.showwarning = recorder.warning
    leave_behind(job["roots"])
    sys.meta_path.insert(0, WhenTorchIsImported())
    send("ready")
    for module, words in SLOW.items():
        if any(words.search(block["code"]) for block in job["blocks"]):
            with contextlib.suppress(ImportError):  # the program will say so
                __import__(module)
    for index, block in enumerate(job["blocks"]):
        if block["volatile"]:
            send("wait", block=index)
            orders.get()
        send("begin", block=index)
        child = os.fork() if FORKS else 0
        if not child:
            try:
                die_with_the_build()
                _run(index, block, recorder, send)
            except BaseException:
                ended = {"message": f"the program cannot be tried: {traceback.format_exc()}"}
                send("done", block=index, seconds=0.0, outputs=[], values={}, problem=ended)
            if FORKS:
                os._exit(0)
            break
        _, status = os.waitpid(child, 0)
        if status:
            ended = {"message": f"the program ended with status {status}"}
            send("done", block=index, seconds=0.0, outputs=[], values={}, problem=ended)
    send("end", files={}, device="cpu")
    os._exit(0)


def _spawn_each(job: Event, orders: queue.Queue[str], send: Any) -> None:
    """Give each program a runner of its own, and pass on what it says."""
    for index, block in enumerate(job["blocks"]):
        alone = json.dumps({**job, "blocks": [block]})
        with subprocess.Popen(
            [sys.executable, "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8",
        ) as runner:  # fmt: skip
            assert runner.stdin is not None
            assert runner.stdout is not None
            runner.stdin.write(alone + "\n")
            runner.stdin.flush()
            done = False
            for line in runner.stdout:
                event = json.loads(line)
                if event.pop("event") == "wait":
                    send("wait", block=index)
                    runner.stdin.write(orders.get() + "\n")
                    runner.stdin.flush()
                elif "problem" in event:
                    send("done", **{**event, "block": index})
                    done = True
                elif "block" in event:
                    send("begin", block=index)
            runner.stdin.close()
        if not done:
            ended = {"message": f"the program ended with status {runner.returncode}"}
            send("done", block=index, seconds=0.0, outputs=[], values={}, problem=ended)


def _run(index: int, block: Event, recorder: Recorder, send: Any) -> None:
    recorder.capture.take()  # what those before it wrote
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    os.chdir(os.environ["TMPDIR"])
    if "matplotlib" in sys.modules:
        _take_figures(recorder)
    started = time.perf_counter()
    problem = run_block(block, f"{block['id']}.py", module.__dict__, recorder)
    send(
        "done",
        block=index,
        seconds=time.perf_counter() - started,
        outputs=[output for output in map(_without_places, recorder.outputs) if output],
        values={},
        problem=problem,
    )


def _take_figures(recorder: Recorder) -> None:
    """Take what `show` saves for the block's figure."""
    from matplotlib.figure import Figure

    save = Figure.savefig

    def savefig(self: Figure, *args: Any, **kwargs: Any) -> None:
        caller = sys._getframe(1)
        if caller.f_code.co_name == "show" and not kwargs:
            Figure.savefig = save  # type: ignore[method-assign]
            recorder.figure(self, caller.f_locals["alt"], caller.f_locals["caption"])
            Figure.savefig = savefig  # type: ignore[method-assign]
        else:
            save(self, *args, **kwargs)

    Figure.savefig = savefig  # type: ignore[method-assign]


def _without_places(output: Event) -> Event | None:
    """Leave out where a figure was saved."""
    if output["kind"] != "text":
        return output
    lines = output["text"].splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("figure saved as "))
    return {**output, "text": text} if text else None


def leave_behind(roots: list[str]) -> None:
    """Make the project's code impossible to import, as where it was never installed."""
    folders = {Path(root).resolve() for root in roots}
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() not in folders]
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if "editable" not in getattr(finder, "__name__", "")
    ]
    sys.path_importer_cache.clear()
    os.environ.pop("PYTHONPATH", None)
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        ours = any(file.is_relative_to(folder) for folder in folders)
        if ours and name.partition(".")[0] != "sitekit":
            del sys.modules[name]


if __name__ == "__main__":
    main()
