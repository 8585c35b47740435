"""All rows of the table, and a count of the cases that ran."""

from __future__ import annotations

from tests.badinput import (
    calls_numpy,
    calls_running,
    calls_text,
    calls_tools,
    calls_torch,
    calls_vision,
)
from tests.badinput.call import Call

PARTS = (calls_numpy, calls_text, calls_torch, calls_tools, calls_running, calls_vision)
CALLS: list[Call] = [call for part in PARTS for call in part.CALLS]


class Count:
    """How often a property was tried since this was last read."""

    cases = 0


def taken() -> int:
    cases, Count.cases = Count.cases, 0
    return cases
