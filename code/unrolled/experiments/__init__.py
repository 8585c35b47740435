"""Seeded experiments: plain functions that return what they measured.

Each lives in a module of its own, which is loaded when its name is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unrolled.experiments.generalisation import length_generalisation
    from unrolled.experiments.order import order_sensitivity
    from unrolled.experiments.recurrence import dropped_recurrence
    from unrolled.experiments.truncation import truncation_error

__all__ = [
    "dropped_recurrence",
    "length_generalisation",
    "order_sensitivity",
    "truncation_error",
]

_MODULES = {
    "dropped_recurrence": "recurrence",
    "length_generalisation": "generalisation",
    "order_sensitivity": "order",
    "truncation_error": "truncation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
