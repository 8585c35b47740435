"""Grids of experiments, their records, what keeps and measures them; trainings; pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import torch
from matplotlib.figure import Figure
from torch import nn

import unrolled
from tests.badinput.call import Call, tensor
from tests.badinput.calls_tools import FOLDER, PATH, drawn, training_file
from tests.badinput.kinds import Choice, Flag, Kind, Number, Positive, Size, Tensor, Text, Things
from unrolled import charlm_checkpoint, checkpoint, page, reach, remeasure, results, shapes
from unrolled.claims.registry import Claim
from unrolled.grid import Grid, Run, Store, grid, run
from unrolled.grid.cells import Cell
from unrolled.grid.describe import Parameter, describe
from unrolled.grid.parse import read, values_of
from unrolled.grid.spread import over_cores
from unrolled.grid.store import result_class
from unrolled.packing import pack_fields
from unrolled.record import Record, record_of
from unrolled.run import Run as TrainingRun

SMALL = {"seeds": (1,), "powers": 2, "hidden_dim": 3}
SCALES = ("smoke", "site", "full")
NO_CELL = Things(wrong=[("its key", "3f"), ("the class", Cell)])


def small() -> Grid:
    return grid("spectrum", axes={"gain": (1.0, 2.5), "start": ("default", "gaussian")}, **SMALL)


def cell() -> Cell:
    return small().cells(small().points[0])[0]


@cache
def record() -> Record:
    made = small()
    return record_of(made, run(made), 1.5)


def store() -> Store:
    return Store(FOLDER / "cells")


@cache
def filled() -> Store:
    kept = store()
    run(small(), store=kept)
    return kept


@cache
def recorded_file() -> Path:
    results.save(FOLDER / "map.json", record())
    return FOLDER / "map.json"


def loaded(content: object) -> Any:
    path = FOLDER / "other.json"
    path.write_text(json.dumps(content), "utf-8")
    return results.load(path).experiment


def content_of_record() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(recorded_file().read_text("utf-8"))
    return content


def other_records() -> list[tuple[str, Any]]:
    whole = content_of_record()
    lacking = [(f"no {part}", {k: v for k, v in whole.items() if k != part}) for part in whole]
    lacking = [each for each in lacking if each[0] != "no seeds"]  # written for people alone
    changed = {
        "experiment": 3, "fixed": [1], "axes": {"gain": {1: 2}}, "scale": 3, "results": [],
        "provenance": {"command": "x"}, "format": "another",
    }  # fmt: skip
    return lacking + [(f"another {part}", whole | {part: each}) for part, each in changed.items()]


def read_checkpoint(content: dict[str, Any]) -> Any:
    checkpoint.save(FOLDER / "other.pt", charlm_checkpoint.KIND, content)
    return charlm_checkpoint.read(FOLDER / "other.pt").settings.window


def content_of_checkpoint() -> dict[str, Any]:
    return checkpoint.load(training_file(), charlm_checkpoint.KIND)


def other_checkpoints() -> list[tuple[str, Any]]:
    whole = content_of_checkpoint()
    lacking = [(f"no {part}", {k: v for k, v in whole.items() if k != part}) for part in whole]
    wrong = [{"window": 0}, {"rate": "fast"}, {"cell": "xyz"}, {"widow": 3}]
    settings = [whole | {"settings": whole["settings"] | each} for each in wrong]
    others = [{"settings": 3}, {"alphabet": 3}, {"text": None}, {"training": [1]}]
    others += [{"training": {}}, {"training": {"step": -1}}, {"training": {"step": "x"}}]
    wholes = [*settings, *(whole | each for each in others)]
    return lacking + [(f"other {place}", each) for place, each in enumerate(wholes)]


def on_a_page(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it runs in the build, where nothing is saved or opened."""

    def call(**given: Any) -> Any:
        with patch.dict(sys.modules, {page.RECEIVER: Mock()}):
            return function(**given)

    return call


@cache
def claims() -> tuple[Claim, ...]:
    return remeasure.chosen("rnn")[:2]


def network() -> nn.Linear:
    return nn.Linear(2, 2)


def trained_as(**given: Any) -> float:
    return float(TrainingRun(**given).max_norm)


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD(network().parameters(), lr=0.1)


def schedule() -> torch.optim.lr_scheduler.LRScheduler:
    return torch.optim.lr_scheduler.ConstantLR(optimizer())


def logged(**given: Any) -> Any:
    made = TrainingRun(network(), optimizer())
    made.log(**given)
    return dict(made.history[0])


def rnn(**options: Any) -> nn.RNN:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.RNN(3, 4, batch_first=True, **options)


KEPT = [
    Call(
        "record.Record.at",
        lambda **given: record().at(**given).spectral_radius,
        lambda: {"gain": 1.0, "start": "default"},
        {"gain": Number(), "start": Choice(words=("default", "gaussian"))},
    ),
    Call(
        "results.save",
        results.save,
        lambda: {"path": FOLDER / "saved.json", "record": record()},
        {"path": PATH, "record": Things(wrong=[("the class", Record)])},
    ),
    Call(
        "results.load",
        lambda path: results.load(path).experiment,
        lambda: {"path": recorded_file()},
        {"path": PATH},
    ),
    Call(
        "results.load, of other content",
        loaded,
        lambda: {"content": content_of_record()},
        {"content": Things(plain=False, wrong=other_records(), says=("other.json",))},
        (results.ResultError,),
    ),
    Call("results.names", results.names, lambda: {"folder": FOLDER / "none"}, {"folder": PATH}),
    Call(
        "results.recorded",
        lambda **given: results.recorded(**given).experiment,
        lambda: {"name": "map", "folder": recorded_file().parent},
        {"name": Text(wrong=("",)), "folder": PATH},
    ),
    Call(
        "results.stale",
        results.stale,
        lambda: {"name": "map", "folder": recorded_file().parent},
        {"name": Text(wrong=("",)), "folder": PATH},
    ),
    Call(
        "reach.reach",
        lambda **given: sorted(reach.reach(**given)),
        lambda: {"module": "unrolled.files", "root": Path(unrolled.__file__).parents[1]},
        {"module": Text(wrong=("nonsense", "")), "root": Things(wrong=[("text", "here")])},
        (ModuleNotFoundError,),
    ),
    Call(
        "charlm_checkpoint.read, of other content",
        read_checkpoint,
        lambda: {"content": content_of_checkpoint()},
        {"content": Things(plain=False, wrong=other_checkpoints(), says=("checkpoint",))},
    ),
]

SHOWN = [
    Call(
        "page.show",
        on_a_page(page.show),
        lambda: {"figure": Figure(), "alt": "A line falls.", "caption": ""},
        {
            "figure": Things(wrong=[("the class", Figure)]),
            "alt": Text(wrong=("", " \n")),
            "caption": Text(),
        },
    ),
    Call(
        "page.value",
        on_a_page(page.value),
        lambda: {"name": "a-b2", "number": 3.5},
        {
            "name": Text(wrong=("A", "a--b", "a b", "2a", "a-", "a\n", "3", "")),
            "number": Kind(
                allows=("text", "empty text", "number as text", "infinity", "minus infinity")
            ),
        },
    ),
    Call(
        "shapes.run",
        shapes.run,
        lambda: {"rnn": rnn(), "inputs": tensor(2, 4, 3)},
        {
            "rnn": Things(
                wrong=[("an LSTM", nn.LSTM(3, 4)), ("not batch first", nn.RNN(3, 4))],
                says=("inputs",),
            ),
            "inputs": Tensor(fixed=(2,), read=False),
        },
    ),
    Call(
        "shapes.network_shapes",
        drawn(shapes.network_shapes),
        lambda: {"rnn": rnn(num_layers=2), "inputs": tensor(2, 4, 3)},
        {
            "rnn": Things(wrong=[("not batch first", nn.RNN(3, 4))], says=("inputs",)),
            "inputs": Tensor(fixed=(2,), read=False),
        },
    ),
    Call(
        "run.Run",
        trained_as,
        lambda: {
            "model": network(),
            "optimizer": optimizer(),
            "schedule": schedule(),
            "measure": nn.functional.mse_loss,
            "max_norm": 2.0,
            "folder": None,
            "history": [],
        },
        {
            "model": Things(wrong=[("the class", nn.Linear)]),
            "optimizer": Things(wrong=[("the class", torch.optim.SGD)]),
            "schedule": Things(
                wrong=[
                    ("an optimiser", optimizer()),
                    (
                        "one with a metric",
                        torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer()),
                    ),
                ],
                optional=True,
            ),
            "measure": Kind(allows=("function", "class")),
            "max_norm": Positive(),
            "folder": Things(wrong=[("a path as text", "here")], optional=True),
            "history": Kind(allows=("empty list", "list")),
        },
    ),
    Call(
        "run.Run.log",
        logged,
        lambda: {"steps": [(torch.tensor(0.5), torch.tensor(2.0))], "validation": 0.5},
        {
            "steps": Things(wrong=[("none", [])], says=("batches",), allows=("list",)),
            "validation": Number(),
        },
    ),
]

MEASURED = [
    Call(
        "remeasure.chosen",
        lambda chapter: [claim.id for claim in remeasure.chosen(chapter)],
        lambda: {"chapter": "rnn"},
        {"chapter": Text(wrong=("nonsense", "RNN"))},
    ),
    Call(
        "remeasure.asked_for",
        remeasure.asked_for,
        lambda: {"claims": claims(), "first_seeds": (3, 5), "scale": "smoke", "together": True},
        {
            "claims": Things(
                wrong=[("ids", [claim.id for claim in claims()])], allows=("empty list",)
            ),
            "first_seeds": Things(
                wrong=[("negative", [-1]), ("texts", ["1"])], allows=("empty list", "list")
            ),
            "scale": Choice(words=SCALES),
            "together": Flag(),
        },
    ),
    Call(
        "remeasure.measure_again",
        remeasure.measure_again,
        lambda: {"asked": remeasure.Asked((), "smoke")},
        {"asked": Things(wrong=[("a list of it", [remeasure.Asked((), "smoke")])])},
    ),
]

GRIDS = [
    Call(
        "grid.describe.describe",
        lambda experiment: describe(experiment).module,
        lambda: {"experiment": "spectrum"},
        {"experiment": Text(wrong=("specter", ""))},
    ),
    Call(
        "grid.cells.grid",
        lambda **given: grid(**given).command,
        lambda: {
            "experiment": "recall_at",
            "split": ("seeds",),
            "axes": {"length": (4, 5)},
            "scale": "smoke",
            "hidden_dim": 3,
        },
        {
            "experiment": Text(wrong=("recall", "")),
            "split": Things(
                wrong=[("no axis", "length"), ("a number", [3])],
                allows=("empty list",),
                optional=True,
            ),
            "axes": Things(
                wrong=[
                    ("a text", {"length": "45"}),
                    ("no values", {"length": ()}),
                    ("a set", {"length": {4, 5}}),
                    ("an object", {"length": (object(),)}),
                    ("unknown", {"lengths": (4, 5)}),
                ],
                says=("length", "lengths", "a"),
                optional=True,
            ),
            "scale": Choice(words=SCALES, optional=True),
            "hidden_dim": Things(
                wrong=[("a generator", (each for each in "ab")), ("bytes", b"3")],
                allows=(
                    *("text", "empty text", "number as text", "list", "None", "True", "False"),
                    *("NumPy's True", "NaN", "infinity", "minus infinity", "array of two"),
                    "empty list",
                ),
            ),
        },
    ),
    Call(
        "grid.parse.read",
        lambda **given: read(**given).command,
        lambda: {
            "experiment": "recall_at",
            "given": {"length": ["4,5"]},
            "split": ("none",),
            "scale": "smoke",
        },
        {
            "experiment": Text(wrong=("recall", "")),
            "given": Things(
                wrong=[
                    ("unknown", {"lengths": ["4"]}),
                    ("a text", {"length": "45"}),
                    ("numbers", {"length": [4]}),
                    ("twice", {"length": ["4", "4"]}),
                ],
                says=("length",),
            ),
            "split": Things(
                wrong=[("no axis", ["length"]), ("a number", [3])], allows=("empty list",)
            ),
            "scale": Text(wrong=("huge", "SMOKE")),
        },
    ),
    Call(
        "grid.parse.values_of",
        values_of,
        lambda: {
            "parameter": Parameter("lags", "int", True, False, (1, 2), ""),
            "texts": ["1..3", "7"],
        },
        {
            "parameter": Things(wrong=[("its name", "lags")]),
            "texts": Things(
                wrong=[("a word", ["x"]), ("twice", ["1,1"]), ("none", [])], says=("lags",)
            ),
        },
    ),
    Call(
        "grid.runner.run",
        lambda **given: [each.spectral_radius for each in run(**given)],
        lambda: {"grid": small(), "jobs": 1, "store": filled()},
        {
            "grid": Things(wrong=[("a name", "spectrum"), ("the class", Grid)]),
            "jobs": Size(),
            "store": Things(wrong=[("its folder", FOLDER)], optional=True),
        },
    ),
    Call(
        "grid.runner.Run",
        lambda **given: Run(**given).total,
        lambda: {"grid": small(), "store": None},
        {
            "grid": Things(wrong=[("a name", "spectrum")]),
            "store": Things(wrong=[("its folder", FOLDER)], optional=True),
        },
    ),
    Call(
        "grid.spread.over_cores",
        lambda jobs: callable(over_cores(jobs)),
        lambda: {"jobs": 1},
        {"jobs": Size()},
    ),
    Call(
        "grid.store.Store",
        lambda folder: Store(folder).folder.name,
        lambda: {"folder": FOLDER / "cells"},
        {"folder": Things(wrong=[("a path as text", "here")], optional=True)},
    ),
    Call(
        "grid.store.Store.path",
        lambda cell: store().path(cell).name,
        lambda: {"cell": cell()},
        {"cell": NO_CELL},
    ),
    Call(
        "grid.store.Store.find",
        lambda cell: filled().find(cell)["experiment"],  # type: ignore[index]
        lambda: {"cell": cell()},
        {"cell": NO_CELL},
    ),
    Call(
        "grid.store.Store.result",
        lambda cell: filled().result(cell).spectral_radius,
        lambda: {"cell": cell()},
        {"cell": NO_CELL},
    ),
    Call(
        "grid.store.Store.keep",
        lambda **given: filled().keep(**given),
        lambda: {
            "cell": cell(),
            "result": pack_fields(filled().result(cell())),
            "seconds": 0.5,
        },
        {"cell": NO_CELL, "result": Kind(allows=("dictionary",)), "seconds": Number()},
    ),
    Call(
        "grid.store.result_class",
        lambda experiment: result_class(experiment).__name__,
        lambda: {"experiment": "spectrum"},
        {"experiment": Text(wrong=("specter",))},
    ),
]

CALLS = [*KEPT, *SHOWN, *MEASURED, *GRIDS]
