"""The same numbers in another form give the same answer, and no call changes what it is given."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.badinput.call import Call
from tests.badinput.same import assert_same, frozen
from tests.badinput.table import CALLS, Count

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


@cache
def plain(name: str) -> Any:
    (call,) = (call for call in CALLS if call.name == name)
    return call.function(**call.valid())


@pytest.mark.parametrize("call", [pytest.param(call, id=call.name) for call in CALLS])
@settings(max_examples=15)
@given(data=st.data())
def test_the_same_in_another_form(call: Call, data: st.DataObject) -> None:
    valid = call.valid()
    for argument, kind in call.kinds.items():
        _, valid[argument] = data.draw(kind.harmless(valid[argument]), label=argument)
    before = frozen(valid)
    Count.cases += 1
    got = call.function(**valid)
    assert frozen(valid) == before
    assert_same(got, plain(call.name), tolerance=1e-4)
