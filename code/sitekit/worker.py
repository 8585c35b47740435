"""Executes the blocks of one page, in a process that exists for nothing else.

Started by `schedule`. It reads one job from its standard input and writes events, one JSON
object a line, to what was its standard output; from then on everything the blocks write to
either stream is captured. When the input ends, the build is gone and so is the worker.
"""

from __future__ import annotations

import faulthandler
import json
import linecache
import os
import queue
import sys
import threading
import time
import traceback
import types
import warnings
from typing import Any, cast

from sitekit.capture import Capture
from sitekit.determinism import WhenTorchIsImported
from sitekit.figure_numbers import numbers_of
from sitekit.figures import to_svg
from sitekit.nursery import as_in_a_script, die_with_the_build
from sitekit.tracebacks import describe
from sitekit.traces import Traces

Event = dict[str, Any]
RECEIVER = "unrolled_page_receiver"  # where unrolled.page looks for whoever builds the page


class Recorder:
    """Collects what one block yields, in the order in which it came."""

    def __init__(self, capture: Capture, slug: str) -> None:
        self.capture = capture
        self.slug = slug
        self.values: dict[str, int | float | str] = {}
        self.start("")

    def start(self, block: str) -> None:
        self.block = block
        self.outputs: list[Event] = []
        self.figures = 0
        self.own: dict[str, int | float | str] = {}
        self.warned: list[tuple[str, set[str]]] = []

    def flush(self) -> None:
        if text := self.capture.take():
            if self.outputs and self.outputs[-1]["kind"] == "text":
                self.outputs[-1]["text"] += text
            else:
                self.outputs.append({"kind": "text", "text": text})

    def figure(self, figure: Any, alt: str, caption: str) -> None:
        self.flush()
        self.figures += 1
        name = self.block if self.figures == 1 else f"{self.block}-{self.figures}"
        svg = to_svg(figure, f"svg-{self.slug.replace('/', '-')}-{name}", alt)
        numbers = numbers_of(figure)
        self.outputs.append(
            {"kind": "figure", "id": name, "svg": svg, "caption": caption, "numbers": numbers}
        )

    def value(self, name: str, number: int | float | str) -> None:
        if name in self.values:
            raise ValueError(f"name: the value {name!r} is already named on this page")
        self.values[name] = self.own[name] = number

    def warning(self, message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        self.flush()
        text = f"{category.__name__}: {message}"
        self.warned.append((text, {kind.__name__ for kind in category.__mro__}))
        self.outputs.append({"kind": "warning", "text": text})


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

    recorder = Recorder(Capture(), job["slug"])
    sys.modules[RECEIVER] = cast(types.ModuleType, recorder)
    warnings.showwarning = recorder.warning
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    traces = Traces(job["project"], job["roots"], os.getcwd())
    sys.meta_path.insert(0, WhenTorchIsImported())
    send("ready")
    for index, block in enumerate(job["blocks"]):
        if block["volatile"]:
            send("wait", block=index)
            orders.get()
        send("begin", block=index)
        started = time.perf_counter()
        with traces:
            problem = run_block(block, job["path"], module.__dict__, recorder)
        send(
            "done",
            block=index,
            seconds=time.perf_counter() - started,
            outputs=recorder.outputs,
            values=recorder.own,
            problem=problem,
        )
    send("end", files=traces.files(), device=_device())
    os._exit(0)


def run_block(
    block: Event, path: str, namespace: dict[str, Any], recorder: Recorder
) -> Event | None:
    """Execute one block; return what is wrong with it, or None."""
    name = f"{path}#{block['id']}"
    lines = [line + "\n" for line in block["code"].split("\n")]
    linecache.cache[name] = (len(block["code"]), None, lines, name)
    recorder.start(block["id"])
    raised: BaseException | None = None
    with warnings.catch_warnings():
        as_in_a_script()
        try:
            exec(compile(block["code"], name, "exec", dont_inherit=True), namespace)
        except BaseException as error:
            raised = error
        recorder.flush()
    wanted = block["expect"]
    if raised is not None:
        kinds = [kind.__name__ for kind in type(raised).__mro__]
        if not wanted or wanted not in kinds or isinstance(raised, SystemExit):
            return describe(raised, wanted, name, path, block["line"], __file__)
        text = "".join(traceback.format_exception_only(raised)).rstrip()
        recorder.outputs.append({"kind": "error", "text": text})
        raised.__traceback__ = None
    elif wanted:
        return {"message": f"expected {wanted}, but the block raised nothing"}
    if block["warns"] and not recorder.warned:
        return {"message": f"expected a {block['warns']}, but the block did not warn"}
    for text, kinds_of_warning in recorder.warned:
        if block["warns"] not in kinds_of_warning:
            return {"message": f"the block warns, and does not say so: {text}"}
    if _figures_left():
        return {"message": "a figure was drawn but not shown; call show(figure, alt=…)"}
    if not recorder.outputs and not recorder.own and not block["quiet"]:
        return {"message": 'the block yields nothing; if it should, say quiet="on"'}
    return None


def listen(stream: Any, orders: queue.Queue[str]) -> None:
    """Pass on what the build says; end with it."""
    for line in stream:
        orders.put(line)
    os._exit(1)


def _figures_left() -> bool:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return bool(pyplot and pyplot.get_fignums())


def _device() -> str:
    if "torch" not in sys.modules:
        return "cpu"
    from unrolled.settings import device

    return device()


if __name__ == "__main__":
    main()
