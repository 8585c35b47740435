"""What is of quite another kind than an argument is refused by its name.

Without drawn examples, so that `make mutants` can run it as often as it likes in one process.
"""

from __future__ import annotations

import pytest

from tests.badinput.call import Call
from tests.badinput.refused import assert_refused, rows
from tests.badinput.table import CALLS, Count

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


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
