"""What it is to be refused by name, and every argument of the table for which it is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.badinput.kinds import Kind
from tests.badinput.table import CALLS


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
