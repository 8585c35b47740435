"""The check of the exercise on counting spikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.check.findings import Findings, check_pairs, check_seeds, spread
from unrolled.check.guard import Found, undisturbed
from unrolled.check.report import Report
from unrolled.check.spike_data import data_of
from unrolled.check.spike_models import Train, judge

SUBJECT = "counting spikes"


def counting_spikes(
    make_data: Callable[[int], Any],
    models: Train | Mapping[str, Train],
    *,
    better: Sequence[tuple[str, str]] = (),
    threshold: float = 0.9,
    seeds: Sequence[int] = (0, 1, 2),
) -> Report:
    """Train a reader's models on the reader's data, and look for ways in which they fool.

    Each model is trained once for each seed, and four times on 100 sequences: twice alike, with
    another seed, and with all labels turned round.

    Args:
        make_data: `make_data(seed)` gives `((x_train, y_train), (x_test, y_test))`,
            x (N, 20) or (N, 20, 1), y (N,) of 0 and 1.
        models: `train(x, y, seed)`, or several with their names; it gives `predict(x)`, which
            gives labels (N,).
        better: Pairs of names; the first is claimed to be better than the second.
        threshold: Label 1 means more than 3 numbers above it.

    Raises:
        TypeError, ValueError: The check is called with something else.
    """
    named = _named(models)
    _check_arguments(make_data, named, better, seeds)
    limit = validate.number("threshold", threshold)
    found = Findings()
    if len(seeds) < 3:
        _too_few(len(seeds), found)
    with undisturbed(seeded=True):
        try:
            data = data_of(make_data, seeds, limit, found)
            if any(each.id != "too-few-seeds" for each in found.wrong):
                found.right.append("no model was trained: mend the data first")
                return found.report(SUBJECT)
            scores = {name: judge(name, train, data, seeds, found) for name, train in named.items()}
        except Found as stop:
            found.wrong.append(stop.diagnosis)
            return found.report(SUBJECT)
    for first, second in better:
        _compare(first, second, scores, found)
    return found.report(SUBJECT)


def _named(models: Any) -> Mapping[str, Train]:
    if isinstance(models, Mapping):
        return models
    return {"model": validate_kinds.function("models", models)}


def _check_arguments(
    make_data: Any, models: Mapping[str, Any], better: Any, seeds: Sequence[int]
) -> None:
    validate_kinds.function("make_data", make_data)
    for name, function in models.items():
        validate_kinds.function(f"models[{name!r}]", function)
    if not models or not check_seeds(seeds) or len(set(seeds)) < len(seeds):
        raise ValueError("models, seeds: expected at least one of each, and no seed twice")
    check_pairs("better", better, "names", tuple(models))


def _too_few(count: int, found: Findings) -> None:
    found.add(
        "too-few-seeds",
        f"{count} seed{'s' * (count > 1)}",
        "What one run gives is an anecdote: the next seed may turn it round. Take three or "
        "more, and show the spread.",
    )


def _compare(first: str, second: str, scores: dict[str, list[float]], found: Findings) -> None:
    a, b = scores[first], scores[second]
    numbers = f"{first} {spread(a)}, {second} {spread(b)}"
    if min(a) > max(b):
        found.right.append(f"{first} is better than {second} in every seed")
    elif np.mean(a) <= np.mean(b):
        found.add(
            "wrong-way-round",
            f"{first} is said to be better than {second}, but: {numbers}",
            "The means are the other way round, or equal.",
        )
    else:
        found.add(
            "difference-within-spread",
            f"{first} is said to be better than {second}, but the seeds overlap: {numbers}",
            f"The means differ by {np.mean(a) - np.mean(b):.3f}, less than the seeds of one "
            "model do. Say that these runs do not tell, or take more seeds.",
        )
