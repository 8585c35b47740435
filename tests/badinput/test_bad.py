"""A bad argument is refused by its name: no other error, and no answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.badinput.call import Call
from tests.badinput.kinds import Array, Kind, Tensor
from tests.badinput.same import has_nan
from tests.badinput.table import CALLS, Count

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


def tried(function: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """Return the answer, or the error in its place."""
    try:
        return function(), None
    except Exception as error:
        return None, error


def assert_refused(names: tuple[str, ...], function: Callable[[], Any], *more: type) -> None:
    """Exactly one of these errors, with a message that begins with one of the names."""
    result, error = tried(function)
    assert error is not None, f"accepted, and the answer is {result!r:.300}"
    message = f"{type(error).__name__}: {error}"
    assert type(error) in (ValueError, TypeError, *more), message
    begins = "|".join(map(re.escape, names))
    assert re.match(rf"(\w+, )*({begins})(: |, |\[.*\]: )", str(error)), message


def rows(*, only: Callable[[Kind], bool] = lambda kind: True) -> list[Any]:
    return [
        pytest.param(call, argument, id=f"{call.name}: {argument}")
        for call in CALLS
        for argument, kind in call.kinds.items()
        if only(kind)
    ]


@pytest.mark.parametrize("call", [pytest.param(call, id=call.name) for call in CALLS])
def test_the_valid_call_is_answered(call: Call) -> None:
    """Without this, what is refused below might be refused for another reason."""
    valid = call.valid()
    assert valid.keys() >= call.kinds.keys()
    call.function(**valid)


@pytest.mark.parametrize(("call", "argument"), rows())
def test_all_of_another_kind_is_refused_by_name(call: Call, argument: str) -> None:
    kind = call.kinds[argument]
    for make in kind.junk().values():
        Count.cases += 1
        given = call.valid() | {argument: make()}
        assert_refused(
            (argument, *kind.says), lambda given=given: call.function(**given), *call.raises
        )


@pytest.mark.parametrize(("call", "argument"), rows())
@settings(max_examples=18)
@given(data=st.data())
def test_it_is_refused_by_name(call: Call, argument: str, data: st.DataObject) -> None:
    valid, kind = call.valid(), call.kinds[argument]
    _, bad = data.draw(kind.bad(valid[argument]), label="wrong")
    Count.cases += 1
    names = (argument, *kind.says)
    assert_refused(names, lambda: call.function(**valid | {argument: bad}), *call.raises)


def _shows(kind: Kind) -> bool:
    if isinstance(kind, Tensor):
        return kind.below is None and kind.read
    return isinstance(kind, Array) and not kind.finite


@pytest.mark.parametrize(("call", "argument"), rows(only=_shows))
@settings(max_examples=8)
@given(data=st.data())
def test_nan_is_refused_or_shows(call: Call, argument: str, data: st.DataObject) -> None:
    valid, kind = call.valid(), call.kinds[argument]
    assert isinstance(kind, Array | Tensor)
    _, bad = data.draw(kind.poisoned(valid[argument]), label="wrong")
    Count.cases += 1
    result, error = tried(lambda: call.function(**valid | {argument: bad}))
    if error is None:
        assert has_nan(result)
    else:
        assert type(error) is ValueError
        assert str(error).startswith(f"{argument}: ")
