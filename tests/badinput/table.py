"""All rows of the table, and a count of the cases that ran."""

from __future__ import annotations

from tests.badinput import calls_numpy, calls_text, calls_torch
from tests.badinput.call import Call

CALLS: list[Call] = [*calls_numpy.CALLS, *calls_text.CALLS, *calls_torch.CALLS]


class Count:
    """How often a property was tried since this was last read."""

    cases = 0


def taken() -> int:
    cases, Count.cases = Count.cases, 0
    return cases
