"""The check of the exercise on the span of memory: do the conclusions follow from the numbers?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.check.findings import Findings, as_array, check_pairs, check_seeds, spread
from unrolled.check.guard import Found, attempt, undisturbed
from unrolled.check.report import Report
from unrolled.check.spans import Row, judge_difference, judge_span

SUBJECT = "memory span"
AGAIN = 0.01  # accuracies of one and the same run may differ by so much between machines


def memory_span(
    study: Mapping[tuple[str, int], Any],
    spans: Mapping[str, int | None],
    *,
    further: Sequence[tuple[str, str]] = (),
    run: Callable[[str, int, int], float] | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    learned: float = 0.75,
    chance: float = 0.5,
    tests: int = 2000,
) -> Report:
    """Say which of a reader's conclusions about memory follow from the accuracies, and why not.

    A length is learned when every seed is right in more than `learned` of the cases. A span is
    the longest length that is learned together with all shorter ones that were tried.

    Args:
        study: For each way of training and each length the accuracies, one a seed.
        spans: What the reader concluded for each way; None for no length at all.
        further: Pairs of ways; the first is claimed to reach further than the second.
        run: `run(way, length, seed)`, the function that made the first entry of the study; it
            is called twice, with the first seed.
        seeds: Those of the first entry, in its order.
        chance: The accuracy of a model that does not look.
        tests: Sequences in each test; they say how far a coin may be from `chance`.

    Raises:
        TypeError, ValueError: The check is called with something else.
    """
    # Four standard deviations: among a hundred accuracies of coins some are beyond three.
    learned = validate_kinds.share("learned", learned)
    chance = validate_kinds.share("chance", chance)
    noise = 4 * np.sqrt(chance * (1 - chance) / validate.size("tests", tests))
    rows = _rows(study, learned, (chance - noise, chance + noise))
    _check_arguments(rows, spans, further, seeds)
    if run is not None:
        validate_kinds.function("run", run)
    found = Findings()
    found.right.append(f"a coin gives {chance - noise:.2f} to {chance + noise:.2f}")
    _seeds(study, rows, found)
    _guessing(rows, found)
    for way, row in rows.items():
        judge_span(row, spans[way], found)
    for first, second in further:
        judge_difference(rows[first], rows[second], found)
    if run is not None:
        with undisturbed(seeded=True):
            _again(run, study, seeds[0], found)
    return found.report(SUBJECT)


def _rows(study: Any, learned: float, coin: tuple[float, float]) -> dict[str, Row]:
    if not isinstance(study, Mapping) or not study:
        raise TypeError("study: expected {(way, length): accuracies}, with at least one entry")
    rows: dict[str, Row] = {}
    for key, given in study.items():
        if not (isinstance(key, tuple) and len(key) == 2):
            raise TypeError(f"study: got the key {key!r}, expected (way, length)")
        way, length = key[0], validate.size(f"study[{key!r}]", key[1])
        try:
            numbers = np.atleast_1d(as_array(given)).astype(float)
        except ValueError as error:
            raise TypeError(f"study[{key!r}]: {error}, expected accuracies") from None
        if numbers.ndim != 1 or not len(numbers) or not ((numbers >= 0) & (numbers <= 1)).all():
            raise ValueError(f"study[{key!r}]: got {given!r}, expected shares between 0 and 1")
        row = rows.setdefault(way, Row(way, {}, learned, coin))
        row.accuracies[length] = numbers.tolist()
    return rows


def _check_arguments(
    rows: Mapping[str, Row], spans: Any, further: Any, seeds: Sequence[int]
) -> None:
    validate_kinds.instance("spans", spans, Mapping)
    if missing := sorted(set(rows) ^ set(spans), key=str):
        raise ValueError(f"spans: expected one for each way of the study, look at {missing[0]!r}")
    for way, span in spans.items():
        if span is not None:
            validate.size(f"spans[{way!r}]", span)
    check_pairs("further", further, "ways", tuple(rows))
    if not check_seeds(seeds):
        raise ValueError("seeds: expected at least one")


def _seeds(study: Mapping[Any, Any], rows: Mapping[str, Row], found: Findings) -> None:
    entries = [(r.way, T, a) for r in rows.values() for T, a in r.accuracies.items()]
    if few := [f"{way} at {T} ({len(a)})" for way, T, a in entries if len(a) < 3]:
        found.add(
            "too-few-seeds",
            f"fewer than three seeds: {', '.join(few[:4])}{', …' * (len(few) > 4)}",
            "Near the cliff one seed learns and the next does not. Run three or more wherever "
            "you draw a conclusion.",
        )
    else:
        found.right.append(f"{min(len(a) for *_, a in entries)} or more seeds everywhere")
    for row in rows.values():
        if row.all_seeds_alike():
            found.add(
                "seed-ignored",
                f"{row.way}: all seeds have the same accuracy at every length",
                "They are one run. Does the seed reach both the weights and the data?",
            )


def _guessing(rows: Mapping[str, Row], found: Findings) -> None:
    for row in rows.values():
        for length, numbers in row.accuracies.items():
            if min(numbers) < sum(row.coin) - row.learned:  # as far below as learned is above
                found.add(
                    "worse-than-chance",
                    f"{row.way} at {length}: {spread(numbers)}, below what a coin gives",
                    "A network that is reliably wrong knows the answer. Compare the labels "
                    "of training and test; or are there fewer tests than you said?",
                )
                break


def _again(run: Any, study: Mapping[Any, Any], seed: int, found: Findings) -> None:
    (way, length), told = next(iter(study.items()))
    named = f"run({way!r}, {length}, {seed})"
    try:
        once, again = (float(as_array(attempt(named, run, way, length, seed))) for _ in range(2))
    except Found as stop:
        found.wrong.append(stop.diagnosis)
        return
    except (TypeError, ValueError):
        found.add("shapes", f"{named} gives no number", "Return the accuracy, a float.")
        return
    first = float(np.atleast_1d(as_array(told))[0])
    if once != again:
        found.add(
            "unseeded",
            f"{named} twice: {once:.4f} and {again:.4f}",
            "Something is drawn outside the seed: the weights, or the sequences.",
        )
    elif abs(once - first) > AGAIN:
        found.add(
            "not-reproduced",
            f"{named} gives {once:.4f}, the study says {first:.4f}",
            "The number was made by other code or settings: another budget, rate or seed, or "
            "on the training sequences.",
        )
    else:
        found.right.append(f"{named} gives the study's number, twice")
