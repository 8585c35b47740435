"""A bad argument is refused by its name: no other error, and no answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.badinput.call import Call
from tests.badinput.kinds import Array, Kind, Tensor
from tests.badinput.refused import assert_refused, rows, tried
from tests.badinput.same import has_nan
from tests.badinput.table import Count

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


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
