"""What is not refused by name yet, each with its reason: where it is, this file fails.

Recorded results hang on the source of these modules; a change of it would make them stale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.badinput.test_bad import assert_refused
from unrolled import VanillaRNN
from unrolled.beginnings import beginning
from unrolled.data.first import FirstNumber
from unrolled.initial import initial_weights
from unrolled.population import Recipe, train

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


def population(**changed: Any) -> Callable[[], Any]:
    def call() -> Any:
        given: dict[str, Any] = {
            "members": [beginning("tanh", hidden_dim=2, seed=n) for n in range(2)],
            "batches": [FirstNumber(3, 2, n) for n in range(2)],
            "rates": [0.1, 0.01],
            "recipe": Recipe(steps=2),
        }
        return train(**given | changed)

    return call


def weights(**changed: Any) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    given: dict[str, Any] = {"rng": rng, "shape": (2, 2), "init": "uniform", "scale": 1.0}
    return lambda: initial_weights(**given | changed)


def numbers(**options: Any) -> Callable[[], Any]:
    return lambda: next(FirstNumber(3, 2, 1, **options))


def stopped(**changed: Any) -> Callable[[], Any]:
    return lambda: population(recipe=Recipe(steps=2, **changed))()


GAPS: dict[str, tuple[str, Callable[[], Any]]] = {
    "another word gives an orthogonal matrix": ("init", weights(init="nonsense")),
    "a negative scale gives other weights": ("scale", weights(scale=-1.0, init="identity")),
    "NaN as scale gives NaN": ("scale", weights(scale=float("nan"), init="identity")),
    "a scale too large for a float": ("scale", lambda: VanillaRNN(2, 2, 1, scale=10**400)),
    "a seed too large for PyTorch, of a network": ("seed", lambda: beginning("gru", seed=2**70)),
    "a seed too large for PyTorch, of data": ("seed", lambda: FirstNumber(3, 2, 2**70)),
    "a dtype of NumPy, of a network": ("dtype", lambda: beginning("gru", dtype=np.float32)),
    "a dtype of integers, of a network": ("dtype", lambda: beginning("gru", dtype=torch.int64)),
    "a dtype of NumPy, of data": ("dtype", numbers(dtype=np.float32)),
    "a dtype of integers, of data": (
        "dtype",
        lambda: next(FirstNumber(3, 2, 1, dtype=torch.int64)),
    ),
    "members that are no networks": ("members", population(members=[1, 2])),
    "a negative rate climbs": ("rates", population(rates=[-0.1, 0.1])),
    "NaN as rate": ("rates", population(rates=[float("nan"), 0.1])),
    "rates as texts": ("rates", population(rates=["0.1", "0.1"])),
    "one rate for all": ("rates", population(rates=0.1)),
    "lists of batches are no streams": ("batches", population(batches=[[], []])),
    "no recipe": ("recipe", population(recipe=None)),
    "NaN as goal is never reached": ("recipe.goal", stopped(goal=float("nan"))),
    "smoothing above 1": ("recipe.smoothing", stopped(smoothing=2.0)),
}


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.xfail(strict=True, raises=AssertionError, reason="recorded results hang on the source")
def test_gap(gap: str) -> None:
    name, call = GAPS[gap]
    assert_refused((name,), call)
