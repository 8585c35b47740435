"""What is read from the text of the experiments is what they are."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from unrolled import experiments
from unrolled.grid.describe import describe, names
from unrolled.grid.helps import COMMON
from unrolled.grid.store import result_class

NOT_WRITTEN = {"epoch_choice": {"training"}}
"""Parameters that a command line cannot give."""


@pytest.mark.parametrize("name", names())
def test_described_as_it_is(name: str) -> None:
    described = describe(name)
    signature = inspect.signature(getattr(experiments, name))
    found = {each.name: each for each in described.parameters}
    assert list(found) == [each for each in signature.parameters if each != "scale"]
    assert described.scaled == ("scale" in signature.parameters)
    for parameter in found.values():
        default = signature.parameters[parameter.name].default
        if parameter.kind == "dtype":
            default = np.dtype(default).name
        assert parameter.default == default
        assert bool(parameter.kind) != (parameter.name in NOT_WRITTEN.get(name, ()))
        assert parameter.help, f"{name}: say in `helps` or under Args: what {parameter.name} is"
        assert parameter.help[-1] == ".", parameter.help
    assert list(result_class(name).__dataclass_fields__) == list(described.axes)
    assert described.summary.endswith((".", "?"))


def test_common_helps_are_used() -> None:
    used = {each.name for name in names() for each in describe(name).parameters}
    assert set(COMMON) <= used


def test_near_misses() -> None:
    with pytest.raises(ValueError, match="did you mean sequence_length"):
        describe("sequence_lenght")
    with pytest.raises(ValueError, match="lists them"):
        describe("xyzzy")
