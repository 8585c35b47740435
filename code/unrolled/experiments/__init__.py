"""Seeded experiments: plain functions that return what they measured.

Each lives in a module of its own, which is loaded when its name is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unrolled.experiments.baselines import forecast_baselines
    from unrolled.experiments.biting import who_bit_whom
    from unrolled.experiments.capacity import memory_capacity
    from unrolled.experiments.cliffs import loss_along_weight
    from unrolled.experiments.clipping import clipping_direction
    from unrolled.experiments.copying import copy_task
    from unrolled.experiments.denormals import denormal_cost, denormal_lags
    from unrolled.experiments.forecasting import forecast_training
    from unrolled.experiments.generalisation import length_generalisation
    from unrolled.experiments.influence import input_influence, last_trace
    from unrolled.experiments.jacobians import jacobian_norms
    from unrolled.experiments.lags import gradient_by_lag
    from unrolled.experiments.order import order_sensitivity
    from unrolled.experiments.positions import consistent_shuffle, unseen_positions
    from unrolled.experiments.recurrence import dropped_recurrence
    from unrolled.experiments.saturation import saturation_by_drive
    from unrolled.experiments.sentences import sentence_order
    from unrolled.experiments.shares import weight_gradient_shares
    from unrolled.experiments.spectra import spectrum
    from unrolled.experiments.truncation import truncation_error
    from unrolled.experiments.unclipped import unclipped_training

__all__ = [
    "clipping_direction",
    "consistent_shuffle",
    "copy_task",
    "denormal_cost",
    "denormal_lags",
    "dropped_recurrence",
    "forecast_baselines",
    "forecast_training",
    "gradient_by_lag",
    "input_influence",
    "jacobian_norms",
    "last_trace",
    "length_generalisation",
    "loss_along_weight",
    "memory_capacity",
    "order_sensitivity",
    "saturation_by_drive",
    "sentence_order",
    "spectrum",
    "truncation_error",
    "unclipped_training",
    "unseen_positions",
    "weight_gradient_shares",
    "who_bit_whom",
]

_MODULES = {
    "clipping_direction": "clipping",
    "consistent_shuffle": "positions",
    "copy_task": "copying",
    "denormal_cost": "denormals",
    "denormal_lags": "denormals",
    "dropped_recurrence": "recurrence",
    "forecast_baselines": "baselines",
    "forecast_training": "forecasting",
    "gradient_by_lag": "lags",
    "input_influence": "influence",
    "jacobian_norms": "jacobians",
    "last_trace": "influence",
    "length_generalisation": "generalisation",
    "loss_along_weight": "cliffs",
    "memory_capacity": "capacity",
    "order_sensitivity": "order",
    "saturation_by_drive": "saturation",
    "sentence_order": "sentences",
    "spectrum": "spectra",
    "truncation_error": "truncation",
    "unclipped_training": "unclipped",
    "unseen_positions": "positions",
    "weight_gradient_shares": "shares",
    "who_bit_whom": "biting",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
