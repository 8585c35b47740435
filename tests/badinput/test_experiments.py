"""Every argument of every experiment: what is wrong is refused by its name, before any training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.badinput.kinds import JUNK, DType
from tests.badinput.refused import assert_refused
from tests.badinput.table import Count
from unrolled import VanillaRNN, experiments
from unrolled.grid.describe import Parameter, describe

pytestmark = pytest.mark.usefixtures("shapes_unchecked", "no_training")

SCALE = Parameter("scale", "str", many=False, optional=True, default=None, help="")
ANY_NUMBER = {"biases"}
"""Floats that may be zero or negative."""
MAY_BE_EMPTY = {"bits"}
"""Sequences of what is done after a training, which may be nothing."""
BEYOND: dict[tuple[str, str], Any] = {
    ("agreement_by_lag", "lags"): 16,
    ("agreement_by_lag", "length"): 1,
    ("copy_task", "lengths"): 33,
    ("forecast_training", "forcing"): 1.5,
    ("halves_linear", "sizes"): (1, 5),
    ("halves_training", "length"): 1,
    ("loss_along_weight", "points"): 1,
    ("memory_map", "lengths"): 1,
    ("memory_shift", "lengths"): 1,
    ("next_character_loss", "directions"): 3,
    ("padding_drift", "padded_to"): 4,
    ("padding_drift", "texts"): 1,
    ("recall_at", "directions"): 3,
    ("sampling_temperature", "draws"): 99,
    ("sampling_temperature", "vocab_size"): 1,
    ("sequence_length", "lengths"): 1,
    ("tiny_models", "bits"): 9,
    ("who_bit_whom", "animals"): 1,
}
"""What is out of range here, and would not be elsewhere."""

ELEMENTS: dict[str, tuple[Any, ...]] = {
    "int": (-1, 1.5, 2.0, "3", None, True, float("nan"), [3]),
    "float": (float("nan"), float("inf"), 10**400, "0.1", None, True, 3j, [0.1]),
    "str": ("nonsense", "", None, 3, ["tanh"]),
    "pair": (3, "30x5", (30,), (30, 0), (30, 5.0), (30, 5, 1), None),
}
"""Bad values of a sequence, by the kind of those it may have."""


def cases() -> Iterator[tuple[str, Parameter]]:
    for name in experiments.__all__:
        described = describe(name)
        yield from ((name, each) for each in described.parameters)
        if described.scaled:
            yield name, SCALE


def wrong(experiment: str, parameter: Parameter) -> Iterator[Any]:
    """Values of another kind, and of the right kind but out of range."""
    kind = parameter.kind
    least = 0 if parameter.name == "seeds" or parameter.default == 0 else 1
    elements = list(ELEMENTS.get(kind, ()))
    elements += [least - 1] * (kind == "int")
    elements += [0.0, -1.0] * (kind == "float" and parameter.name not in ANY_NUMBER)
    if kind == "float" and parameter.default == 0:
        elements.remove(0.0)
    if (experiment, parameter.name) in BEYOND:
        elements.append(BEYOND[experiment, parameter.name])
    if parameter.many:
        yield from ([*parameter.default, each] for each in elements)
    else:
        yield from (each for each in elements if each is not None)
    left = {"list", "None"} if parameter.many or parameter.optional else set()
    left |= {"empty list"} if parameter.name in MAY_BE_EMPTY else set()
    left |= DType().accepted() if kind == "dtype" else set()
    yield from (make() for word, make in JUNK.items() if word not in left)
    if parameter.name == "seeds":
        yield [2**63]


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*given: Any, **named: Any) -> None:
        raise AssertionError("something was trained before this was refused")

    monkeypatch.setattr(torch.Tensor, "backward", forbidden)
    monkeypatch.setattr(VanillaRNN, "backward", forbidden)
    monkeypatch.setattr("unrolled.experiments.lengths.train", forbidden)


@pytest.mark.parametrize(
    ("experiment", "parameter"),
    [pytest.param(*case, id=f"{case[0]}: {case[1].name}") for case in cases()],
)
def test_refused_before_it_trains(experiment: str, parameter: Parameter) -> None:
    function = getattr(experiments, experiment)
    usual = {"scale": "smoke"} if describe(experiment).scaled else {}
    failed: list[str] = []
    for value in wrong(experiment, parameter):
        Count.cases += 1
        given = {**usual, "seeds": (0,), parameter.name: value}
        try:
            assert_refused((parameter.name,), lambda given=given: function(**given))
        except AssertionError as error:
            failed.append(f"{value!r}: {error}")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize(("setting", "value"), [("steps", 300.5), ("stock", -1), ("hidden_dim", 0)])
def test_what_a_setting_cannot_be(setting: str, value: float) -> None:
    given = {"setting": setting, "values": [4, value], "seeds": (0,), "scale": "smoke"}
    assert_refused(("values",), lambda: experiments.memory_shift(**given))
