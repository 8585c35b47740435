"""Taken apart and put together again, every experiment gives what one call of it gives."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from unrolled import experiments
from unrolled.grid import Run, grid
from unrolled.grid.describe import describe, names
from unrolled.grid.merge import join
from unrolled.packing import NotKept

SEEDS = (3, 5)
CASES = [(name, split) for name in names() for split in describe(name).splits]
# What else keeps these short.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "agreement_by_lag": {"lags": (1, 3), "length": 5},
    "denormal_cost": {"length": 20, "repeats": 1},
    "halves_linear": {"sizes": ((3, 2), (2, 5))},
    "unclipped_training": {"gains": (1.0, 2.0), "length": 5},
    "streaming_speed": {"positions": (10, 20), "repeats": 1},
    "scan_speed": {"length": 20, "widths": (4, 8), "repeats": 1},
    "line_classification": {"models": ("packed", "bag")},
    "memory_map": {"starts": ("tanh", "gru"), "lengths": (3, 6)},
}


def test_every_experiment_can_be_split_or_says_why_not() -> None:
    for name in names():
        described = describe(name)
        source = inspect.getsource(inspect.getmodule(getattr(experiments, name)))  # type: ignore[arg-type]
        assert described.split or "SPLIT = None\n" in source, name


@pytest.mark.parametrize(("name", "split"), CASES, ids=[f"{n}-{s}" for n, s in CASES])
def test_split_is_whole(name: str, split: str) -> None:
    described = describe(name)
    scale = "smoke" if described.scaled else None
    seeds = SEEDS if split == "seeds" else SEEDS[:1]
    given = {"seeds": seeds} | ARGUMENTS.get(name, {})
    cells = Run(grid(name, split=split, scale=scale, **given))
    assert cells.total > 1, "choose arguments with several elements"
    assert len(list(cells.compute())) == cells.total
    (together,) = cells.merged()
    whole = getattr(experiments, name)(**given, **({"scale": scale} if scale else {}))
    assert type(together) is type(whole)
    for field, value in vars(whole).items():
        found = getattr(together, field)
        if isinstance(value, np.ndarray):
            assert (found.shape, found.dtype) == (value.shape, value.dtype), field
            if field != "seconds":
                np.testing.assert_array_equal(found, value, err_msg=field)
        elif isinstance(found, tuple):
            assert len(found) == len(value)
            kinds = [each.kind for each in found if isinstance(each, NotKept)]
            assert kinds == [type(each).__name__ for each in value] if kinds else found == value
        else:
            assert found == value or found == NotKept(type(value).__name__), field


def test_two_sequences_at_once() -> None:
    whole = experiments.truncation_error(seeds=SEEDS, windows=(2, 5, 50), length=50)
    run = Run(grid("truncation_error", split=("seeds", "windows"), seeds=SEEDS, windows=(2, 5, 50)))
    assert run.total == 6
    assert len(list(run.compute())) == 6
    (together,) = run.merged()
    assert together.windows == (2, 5, 50)
    assert together.seeds == SEEDS
    np.testing.assert_array_equal(together.cosine, whole.cosine)


def test_what_differs_between_parts_is_not_put_together() -> None:
    parts = [
        experiments.weight_gradient_shares(seeds=(0,), lengths=lengths) for lengths in ((5,), (6,))
    ]
    with pytest.raises(ValueError, match=r"share: differs between parts.* split by lengths"):
        join(parts, describe("weight_gradient_shares").axes, "lengths")
