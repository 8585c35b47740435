"""Words of a command line become arguments, or are refused by name before anything starts."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from unrolled.grid import Run
from unrolled.grid.describe import describe, names
from unrolled.grid.parse import read, values_of
from unrolled.grid.runner import CellError, refusals
from unrolled.grid.spread import cluster

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


@pytest.mark.parametrize(
    ("name", "parameter", "texts", "values"),
    [
        ("sequence_length", "seeds", ["0..3", "7"], (0, 1, 2, 3, 7)),
        ("sequence_length", "start", ["lstm forget 5, gru"], ("lstm forget 5", "gru")),
        ("sequence_length", "rate", ["1e-3, 2"], (0.001, 2.0)),
        ("sequence_length", "steps", ["none,4"], (None, 4)),
        ("sequence_length", "stock", ["0"], (0,)),
        ("halves_linear", "sizes", ["30x5,6x2"], ((30, 5), (6, 2))),
        ("memory_capacity", "dtype", ["float64"], ("float64",)),
    ],
)  # fmt: skip
def test_values(name: str, parameter: str, texts: list[str], values: Any) -> None:
    (found,) = (each for each in describe(name).parameters if each.name == parameter)
    assert values_of(found, texts) == values


def test_a_grid() -> None:
    words = {"start": ["tanh,gru"], "rate": ["0.1", "0.2"], "lengths": ["4,5"], "goal": ["0.99"]}
    made = read("sequence_length", words, ("seeds", "lengths"), "smoke")
    assert made.axes == {"start": ("tanh", "gru"), "rate": (0.1, 0.2)}
    assert made.fixed == {"lengths": (4, 5)}, "0.99 is the default"
    assert len(made.points) == 4
    assert len(made.cells(made.points[0])) == 6
    words = made.command.split()
    assert words[:5] == ["python", "-m", "unrolled", "run", "sequence_length"]
    options = "--lengths 4,5 --start tanh,gru --rate 0.1,0.2 --split seeds,lengths --scale smoke"
    assert words[5:] == options.split()
    assert read("sequence_length", {}, ("none",), "").split == ()


@pytest.mark.parametrize(
    ("parameter", "text", "part"),
    [
        ("seeds", "-1", "seeds: got -1, expected an integer of at least 0"),
        ("seeds", "1.5", "seeds: got '1.5', expected an integer"),
        ("seeds", "5..2", "seeds: got '', expected values that differ"),
        ("seeds", "1,1", "seeds: got '1,1', expected values that differ"),
        ("hidden_dim", "0", "hidden_dim: got 0, expected an integer of at least 1"),
        ("rate", "nan", "rate: got nan, expected a finite number"),
        ("rate", "fast", "rate: got 'fast', expected a number"),
        ("start", "", "start: got '', expected a word"),
        ("steps", "None", "steps: got 'None', expected an integer"),
    ],
)
def test_unreadable(parameter: str, text: str, part: str) -> None:
    with pytest.raises(ValueError, match=f"^{part}"):
        read("sequence_length", {parameter: [text]}, (), "smoke")


@pytest.mark.parametrize("address", ["here", "tcp://host", "", "a b:80", None, 8786, ["h:1"]])
def test_no_address(address: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^dask: got "), cluster(address):
        pass


CASES = [
    (name, each.name, {"str": "nonsense", "dtype": "nonsense", "float": "nan", "pair": "0x0"}.get(
        each.kind, "-1"))
    for name in names() for each in describe(name).parameters if each.kind
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameter", "word"), CASES)
def test_every_parameter_refuses_rubbish_by_name(name: str, parameter: str, word: str) -> None:
    assert refusal(name, parameter, word).startswith(f"{parameter}: ")


def refusal(name: str, parameter: str, word: str) -> str:
    """Return what is said to a word, at whichever of three moments."""
    described = describe(name)
    try:
        made = read(name, {"seeds": ["0"], parameter: [word]}, (), "smoke" * described.scaled)
    except ValueError as error:
        return str(error)
    function = getattr(importlib.import_module(described.module), name)
    for _, message in refusals(made, function):
        return message
    with pytest.raises(CellError) as caught:
        list(Run(made).compute())
    return caught.value.refused
