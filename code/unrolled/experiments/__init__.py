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
    from unrolled.experiments.characters import character_model
    from unrolled.experiments.choosing import epoch_choice
    from unrolled.experiments.cliffs import loss_along_weight
    from unrolled.experiments.clipping import clipping_direction
    from unrolled.experiments.copying import copy_task
    from unrolled.experiments.denormals import denormal_cost, denormal_lags
    from unrolled.experiments.distance import agreement_by_lag
    from unrolled.experiments.footprint import training_memory
    from unrolled.experiments.forecasting import forecast_training
    from unrolled.experiments.generalisation import length_generalisation
    from unrolled.experiments.halves import halves_linear, halves_training
    from unrolled.experiments.highway import gate_highway
    from unrolled.experiments.influence import input_influence, last_trace
    from unrolled.experiments.jacobians import jacobian_norms
    from unrolled.experiments.lags import gradient_by_lag
    from unrolled.experiments.lengths import sequence_length
    from unrolled.experiments.lines import line_classification
    from unrolled.experiments.memorising import memorised_text
    from unrolled.experiments.memory import memory_map
    from unrolled.experiments.order import order_sensitivity
    from unrolled.experiments.padding import padding_drift
    from unrolled.experiments.peeking import next_character_loss
    from unrolled.experiments.positions import consistent_shuffle, unseen_positions
    from unrolled.experiments.recall import recall_at
    from unrolled.experiments.recurrence import dropped_recurrence
    from unrolled.experiments.resumption import resumed_training
    from unrolled.experiments.saturation import saturation_by_drive
    from unrolled.experiments.scans import scan_agreement, scan_speed
    from unrolled.experiments.segmentation import circle_segmentation
    from unrolled.experiments.sentences import sentence_order
    from unrolled.experiments.shares import weight_gradient_shares
    from unrolled.experiments.shifts import memory_shift
    from unrolled.experiments.spectra import spectrum
    from unrolled.experiments.streaming import streaming_speed, streaming_work
    from unrolled.experiments.temperature import sampling_temperature
    from unrolled.experiments.tiny import tiny_models
    from unrolled.experiments.truncation import truncation_error
    from unrolled.experiments.unclipped import unclipped_training
    from unrolled.experiments.witnesses import gated_witnesses

__all__ = [
    "agreement_by_lag",
    "character_model",
    "circle_segmentation",
    "clipping_direction",
    "consistent_shuffle",
    "copy_task",
    "denormal_cost",
    "denormal_lags",
    "dropped_recurrence",
    "epoch_choice",
    "forecast_baselines",
    "forecast_training",
    "gate_highway",
    "gated_witnesses",
    "gradient_by_lag",
    "halves_linear",
    "halves_training",
    "input_influence",
    "jacobian_norms",
    "last_trace",
    "length_generalisation",
    "line_classification",
    "loss_along_weight",
    "memorised_text",
    "memory_capacity",
    "memory_map",
    "memory_shift",
    "next_character_loss",
    "order_sensitivity",
    "padding_drift",
    "recall_at",
    "resumed_training",
    "sampling_temperature",
    "saturation_by_drive",
    "scan_agreement",
    "scan_speed",
    "sentence_order",
    "sequence_length",
    "spectrum",
    "streaming_speed",
    "streaming_work",
    "tiny_models",
    "training_memory",
    "truncation_error",
    "unclipped_training",
    "unseen_positions",
    "weight_gradient_shares",
    "who_bit_whom",
]

_MODULES = {
    "character_model": "characters",
    "agreement_by_lag": "distance",
    "circle_segmentation": "segmentation",
    "clipping_direction": "clipping",
    "consistent_shuffle": "positions",
    "copy_task": "copying",
    "denormal_cost": "denormals",
    "denormal_lags": "denormals",
    "dropped_recurrence": "recurrence",
    "epoch_choice": "choosing",
    "forecast_baselines": "baselines",
    "forecast_training": "forecasting",
    "gate_highway": "highway",
    "gated_witnesses": "witnesses",
    "gradient_by_lag": "lags",
    "halves_linear": "halves",
    "halves_training": "halves",
    "input_influence": "influence",
    "jacobian_norms": "jacobians",
    "last_trace": "influence",
    "length_generalisation": "generalisation",
    "line_classification": "lines",
    "loss_along_weight": "cliffs",
    "memorised_text": "memorising",
    "memory_capacity": "capacity",
    "memory_map": "memory",
    "memory_shift": "shifts",
    "next_character_loss": "peeking",
    "order_sensitivity": "order",
    "recall_at": "recall",
    "sampling_temperature": "temperature",
    "padding_drift": "padding",
    "resumed_training": "resumption",
    "saturation_by_drive": "saturation",
    "scan_agreement": "scans",
    "scan_speed": "scans",
    "sentence_order": "sentences",
    "sequence_length": "lengths",
    "spectrum": "spectra",
    "streaming_speed": "streaming",
    "streaming_work": "streaming",
    "tiny_models": "tiny",
    "training_memory": "footprint",
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
