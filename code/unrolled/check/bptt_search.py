"""Find the mistakes whose numbers are those of the reader's code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from unrolled.check.bptt_habits import (
    FORWARD,
    Habits,
    Problem,
    Terms,
    habits_of,
    run_backward,
    run_forward,
)
from unrolled.gradcheck import relative_error

BACKWARD = ("back", "slope", "loss", "keeps", "first", "reads_back")

# Of one gradient: what was done to the sum over the steps.
TAGS = {
    "mean": "averaged-over-steps",
    "last": "not-accumulated",
    "first": "not-accumulated",
    "zero": "gradient-zero",
    "no first step": "first-step-missing",
    "minus": "sign-flipped",
    "transposed": "gradient-transposed",
    "off by one": "off-by-one",
}


@dataclass(frozen=True)
class Explanation:
    """Mistakes that together give the reader's gradients, as far as they were found.

    Attributes:
        shared: Ids of mistakes that concern more than one gradient.
        own: Ids by the gradient that they concern.
        unexplained: Gradients that no tried mistake gives.
    """

    shared: frozenset[str]
    own: dict[str, frozenset[str]]
    unexplained: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        """All mistakes."""
        return self.shared.union(*self.own.values())

    def cost(self, known: set[str]) -> tuple[int, ...]:
        """Return what is compared: how little it explains, then how many mistakes it takes."""
        count = sum(map(len, self.own.values()))
        twice = sum(bool(self.shared & each) for each in self.own.values())  # one mistake, two ways
        return len(self.unexplained), len(self.ids - known), twice, count


def explain_forward(
    outputs: np.ndarray, states: np.ndarray | None, problem: Problem, tolerance: float
) -> tuple[Habits, frozenset[str]] | None:
    """Return the habits that give the outputs, with their ids; the states decide a tie."""
    fitting: list[tuple[int, bool, int, Habits, frozenset[str]]] = []
    for habits, ids in habits_of(2, FORWARD, Habits()):
        theirs, kept, _ = run_forward(habits, problem)
        if relative_error(theirs, outputs) < tolerance:
            differs = states is not None and relative_error(kept, states) > tolerance
            fitting.append((len(ids), differs, len(fitting), habits, ids))
    if not fitting:
        return None
    *_, habits, ids = min(fitting, key=lambda each: each[:3])
    return habits, ids


def explain_backward(
    gradients: dict[str, np.ndarray],
    problem: Problem,
    forward: Habits,
    known: set[str],
    tolerance: float,
) -> Explanation:
    """Return the fewest mistakes that give all gradients, or as many of them as can be.

    Args:
        forward: The habits that the outputs have shown.
        known: Ids of mistakes already found, which cost nothing.
    """
    tried = habits_of(2, BACKWARD, forward)
    if forward != Habits():
        tried += habits_of(2, BACKWARD, replace(forward, textbook=True))
    best = Explanation(frozenset(), {}, tuple(gradients))
    for habits, ids in sorted(tried, key=lambda each: len(each[1] - known)):
        if not best.unexplained and len(best.ids - known) < len(ids - known):
            break
        terms = run_backward(habits, problem)
        fits = {
            name: [
                tags
                for tags, theirs in _readings(name, terms, habits)
                if np.abs(theirs - gradient).max() <= tolerance * np.abs(gradient).max()
            ]
            for name, gradient in gradients.items()
        }
        best = min([best, *_combined(ids, fits)], key=lambda each: each.cost(known))
    return best


def _combined(ids: frozenset[str], fits: dict[str, list[tuple[str, ...]]]) -> Iterator[Explanation]:
    """Yield what explains all gradients together, from what explains each."""
    unexplained = tuple(name for name in fits if not fits[name])
    matched = [name for name in fits if fits[name]]
    for chosen in product(*(fits[name] for name in matched)):
        yield Explanation(ids, _ids(dict(zip(matched, chosen, strict=True))), unexplained)


def _readings(
    name: str, terms: Terms, habits: Habits
) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
    """Yield what one gradient comes to, right and by each mistake of its own."""
    ones = np.ones((len(terms.d_sums), 1))
    pairs = {
        "W_xh": [(terms.inputs, terms.d_sums)],
        "W_hh": [(terms.before, terms.d_sums), (terms.own, terms.d_sums)],
        "W_hy": [(terms.own, terms.d_outputs), (terms.before, terms.d_outputs)],
        "b_h": [(ones, terms.d_sums)],
        "b_y": [(ones, terms.d_outputs)],
    }[name]
    turned = habits.forth == "transposed" and not habits.textbook
    for index, (left, right) in enumerate(pairs):
        shifted: tuple[str, ...] = ("off by one",) * index
        if name == "W_hy" and habits.reads == "previous":
            shifted = ()  # then this is the gradient of the outputs that there are
        for tag, result in _sums(left, right):
            result = result.T if name == "W_hh" and turned else result
            yield (*shifted, *tag), result[0] if name[0] == "b" else result


def _sums(left: np.ndarray, right: np.ndarray) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
    """Yield the sum over the steps as it should be, and as it is got wrong."""
    total = left.T @ right
    yield (), total
    yield ("zero",), 0 * total
    sums = {
        (): total,
        ("last",): np.outer(left[-1], right[-1]),
        ("first",): np.outer(left[0], right[0]),
        ("no first step",): left[1:].T @ right[1:],
    }
    if total.shape[0] == total.shape[1]:
        sums["transposed",] = total.T
    for tag, result in sums.items():
        if tag:
            yield tag, result
        yield (*tag, "mean"), result / len(left)
        yield (*tag, "minus"), -result


def _ids(tags: dict[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Return the ids of what was done to each gradient; some depend on the others."""
    everywhere = {tag for tag in ("last", "first") if tag in tags.get("W_xh", ())}

    def id_of(name: str, tag: str) -> str:
        if tag == "last" and "last" in everywhere and "last" in tags.get("W_hh", ("last",)):
            return "last-step-only"
        if name == "b_h" and tag in ("last", "first", "zero") and tag not in everywhere:
            return "b-h-not-accumulated"
        if name == "b_y" and tag == "zero":
            return "b-y-missing"
        return TAGS[tag]

    return {name: frozenset(id_of(name, tag) for tag in each) for name, each in tags.items()}
