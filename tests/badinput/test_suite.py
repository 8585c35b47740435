"""The suite itself: it sees what it is for, and no public function is left out in silence."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.badinput.call import Call, numbers
from tests.badinput.kinds import views
from tests.badinput.refused import assert_refused
from tests.badinput.same import assert_same, frozen, has_nan
from tests.badinput.table import CALLS


def raising(error: Exception) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: 3, "accepted, and the answer is 3"),
        (raising(KeyError("x")), "KeyError"),
        (raising(RuntimeError("x: got 3")), "RuntimeError: x"),
        (raising(UnicodeDecodeError("utf-8", b"", 0, 1, "x: got")), "UnicodeDecodeError"),
        (raising(ValueError("shapes do not match")), "shapes do not match"),
        (raising(ValueError("xs: got 3")), "xs: got 3"),
        (raising(ValueError("the value of x: got 3")), "the value of x"),
    ],
)
def test_an_answer_or_another_error_is_seen(call: Callable[[], Any], seen: str) -> None:
    with pytest.raises(AssertionError, match=seen):
        assert_refused(("x",), call)


@pytest.mark.parametrize("message", ["x: got 3", "y, x: got 3", "x['W_hh']: got 3", "x[1]: got 3"])
def test_a_refusal_by_name_is_seen(message: str) -> None:
    assert_refused(("x",), raising(ValueError(message)))


def test_a_changed_argument_and_another_answer_are_seen() -> None:
    given = {"x": numbers(2, 3), "more": [numbers(3)]}
    before = frozen(given)
    given["more"][0][0] += 1
    assert frozen(given) != before
    with pytest.raises(AssertionError):
        assert_same({"W": np.ones(3)}, {"W": np.array([1, 1, 1.01])}, tolerance=1e-4)
    with pytest.raises(AssertionError):
        assert_same([np.ones((3, 1))], [np.ones(3)], tolerance=1e-4)
    assert has_nan({"W": [np.array([1.0, np.nan])]})
    assert not has_nan({"W": [np.array([1.0, np.inf])]})


def test_harmless_forms_differ_in_memory_alone() -> None:
    array = numbers(3, 4)
    forms = [*views(array).values()]
    for form in forms:
        np.testing.assert_array_equal(form, array)
    flags = [form.flags for form in forms]
    assert any(not each.c_contiguous and not each.f_contiguous for each in flags)
    assert any(not each.writeable for each in flags)


MODULES = (
    "rnn",
    "rnn_simple",
    "lstm",
    "gru",
    "gradcheck",
    "clipping",
    "truncated",
    "initial",
    "starts",
    "beginnings",
    "sampling",
    "ngram",
    "quantise",
    "forecast",
    "scan",
    "stacked",
    "logistic",
    "cliff",
    "attention",
    "statespace",
    "streaming",
    "text_statistics",
    "training",
    "data.first",
    "data.halves",
    "data.agreement",
    "data.seasonal",
    "data.corpora",
    "data.snippets",
    "data.tiny_text",
    "models.char",
    "models.bags",
    "models.seq2seq",
    "models.sequence",
    "models.text",
    "population.training",
    "layers",
    "parity",
    "parity_gated",
    "footprint",
    "denormals",
    "nextchar",
    "tiny",
    "onnx_export",
    "charlm",
    "charlm_checkpoint",
    "checkpoint",
    "files",
    "sources",
    "packing",
    "record",
    "results",
    "reach",
    "page",
    "settings",
    "provenance",
    "shapes",
    "run",
    "counts",
    "threads",
    "remeasure",
    "asked",
    "grid.cells",
    "grid.describe",
    "grid.figure",
    "grid.helps",
    "grid.merge",
    "grid.parse",
    "grid.runner",
    "grid.spread",
    "grid.store",
    "grid.summary",
    "grid.table",
    "grid.work",
    "vision.boxes",
    "vision.circles",
    "vision.detect",
    "vision.features",
    "vision.images",
    "vision.masks",
    "vision.needed",
    "vision.nms",
    "vision.unet",
    "vision.weights",
    "drawing",
    "drawing_gates",
    "drawing_seq2seq",
    "check.bptt_report",
    "check.memory_span",
    "check.counting_spikes",
)

INNER = "is called once a step, from inside a loop, with what the caller has checked"
NONE = "takes no argument that could be wrong, or a record of what was computed"
CHECK = "is itself the check"
ASKED_BY_KEY = "is called by `reach` and `sources` alone, with what they have read"
OF_A_GRID = "takes what `grid`, `run` or the command line has made of checked arguments"
TORCHVISION = "a valid call needs torchvision; tests/unit/test_vision.py has wrong ones"
NOT_IN_THE_TABLE = {
    "lstm.sigmoid": INNER,
    "lstm.step": INNER,
    "lstm.step_back": INNER,
    "gru.step": INNER,
    "gru.step_back": INNER,
    "models.text.last_layer": INNER,
    "models.text.at_lengths": INNER,
    "streaming.RecurrentStream": INNER,
    "streaming.AttentionStream": INNER,
    "models.char.detached": "takes whatever `forward` returned",
    "models.text.check_texts": CHECK,
    "training.pairs": CHECK,
    "streaming.count_parameters": NONE,
    "quantise.Quantised": NONE,
    "text_statistics.TextStatistics": NONE,
    "data.corpora.Corpus": NONE,
    "data.corpora.python_library": NONE,
    "data.corpora.shakespeare": NONE,
    "data.seasonal.Windows": NONE,
    "data.seasonal.Parts": NONE,
    "data.snippets.Snippet": NONE,
    "data.snippets.Encoded": NONE,
    "data.tiny_text.training_text": NONE,
    "data.tiny_text.held_out_text": NONE,
    "population.training.Outcome": NONE,
    "nextchar.Text": NONE,
    "nextchar.source_text": NONE,
    "denormals.flushes_denormals": NONE,
    "denormals.flushed": NONE,
    "charlm_checkpoint.Checkpoint": NONE,
    "checkpoint.CheckpointError": NONE,
    "packing.pack": "takes anything; of what it cannot keep it makes a note",
    "packing.NotKept": NONE,
    "record.Provenance": NONE,
    "results.ResultError": NONE,
    "reach.parse": ASKED_BY_KEY,
    "reach.only_checked": ASKED_BY_KEY,
    "reach.is_lazy": ASKED_BY_KEY,
    "reach.is_table": ASKED_BY_KEY,
    "settings.scale": NONE,
    "settings.device": NONE,
    "settings.data_dir": NONE,
    "settings.cache_dir": NONE,
    "provenance.versions": NONE,
    "provenance.commit": NONE,
    "provenance.date": NONE,
    "shapes.Run": NONE,
    "run.Epoch": NONE,
    "counts.Counts": "is called by `NGram` alone, with what that has checked",
    "threads.one_thread": NONE,
    "remeasure.Asked": NONE,
    "remeasure.Again": NONE,
    "asked.asked_scale": CHECK,
    "asked.asked_each": CHECK,
    "asked.asked_seeds": CHECK,
    "grid.cells.Cell": NONE,
    "grid.cells.Grid": "is made by `grid`, which checks",
    "grid.cells.write": OF_A_GRID,
    "grid.describe.Parameter": NONE,
    "grid.describe.Experiment": NONE,
    "grid.describe.names": NONE,
    "grid.figure.draw": OF_A_GRID,
    "grid.figure.save_figure": OF_A_GRID,
    "grid.helps.help_for": OF_A_GRID,
    "grid.merge.merge": OF_A_GRID,
    "grid.merge.join": OF_A_GRID,
    "grid.runner.CellError": OF_A_GRID,
    "grid.runner.describe_cell": OF_A_GRID,
    "grid.runner.refusals": OF_A_GRID,
    "grid.spread.in_process": OF_A_GRID,
    "grid.spread.cluster": "a valid call needs a scheduler; tests/grid has wrong ones",
    "grid.summary.Axis": NONE,
    "grid.summary.Quantity": NONE,
    "grid.summary.quantities": OF_A_GRID,
    "grid.table.tables": OF_A_GRID,
    "grid.work.Task": NONE,
    "grid.work.compute": OF_A_GRID,
    "grid.work.failure": OF_A_GRID,
    "vision.boxes.check_boxes": CHECK,
    "vision.boxes.check_scores": CHECK,
    "vision.boxes.check_labels": CHECK,
    "vision.boxes.share": CHECK,
    "vision.circles.Circles": NONE,
    "vision.detect.Detections": NONE,
    "vision.detect.detect_and_filter": TORCHVISION,
    "vision.images.pictures": NONE,
    "vision.needed.torchvision": "is called with names of torchvision's modules alone",
    "vision.unet.double": "is called by `UNet` alone, with what that has checked",
    "vision.weights.Built": NONE,
    "vision.weights.build": TORCHVISION,
    "vision.weights.weights_file": "takes an address that torchvision has",
    "vision.weights.main": NONE,
    "record.record_of": "is called by the command line alone, with a grid and what it gave",
    "drawing.folded_network": NONE,
    "drawing_gates.lstm_cell": NONE,
    "drawing_gates.gru_cell": NONE,
}


def _public(module: str) -> Iterator[str]:
    found = importlib.import_module(f"unrolled.{module}")
    for name, value in vars(found).items():
        own = getattr(value, "__module__", "") == found.__name__ and not name.startswith("_")
        if own and (inspect.isclass(value) or callable(value)):
            yield name


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_is_in_the_table(module: str) -> None:
    package = module.split(".")[0]
    rows = {call.name.split(",")[0] for call in CALLS}
    for name in _public(module):
        names = {f"{module}.{name}", *([f"models.{name}"] if package == "models" else [])}
        names |= {f"{package}.{name}"} if package in ("population", "check") else set()
        covered = any(row == each or row.startswith(f"{each}.") for row in rows for each in names)
        assert covered != (f"{module}.{name}" in NOT_IN_THE_TABLE), f"{module}.{name}"


def test_no_two_rows_have_one_name() -> None:
    names = [call.name for call in CALLS]
    assert len(set(names)) == len(names)
    assert all(isinstance(call, Call) and call.kinds for call in CALLS)
