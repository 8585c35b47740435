"""What can be wrong with the models of the exercise on counting spikes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unrolled.check.findings import Findings, as_array, balanced, spread
from unrolled.check.guard import Found, attempt
from unrolled.check.spike_data import Data

FEW = 100  # training sequences of the controls
ALIKE = 0.98

Predict = Callable[[Any], Any]
Train = Callable[[Any, Any, int], Predict]


def judge(
    name: str, train: Train, data: list[Data], seeds: Sequence[int], found: Findings
) -> list[float]:
    """Note what is wrong with a model; return its balanced accuracy for each seed.

    Raises:
        Found: It cannot be trained, or gives no labels.
    """
    said, before = [], len(found.wrong)
    for each, seed in zip(data, seeds, strict=True):
        predict = _trained(name, train, *each.train.given, seed)
        said.append(_said(name, predict, each))
    if _steady(name, predict, data[-1], said[-1], found):
        _controls(name, train, data[0], seeds[0], found)
    labels = [each.test.y for each in data]
    scores = [balanced(*pair) for pair in zip(said, labels, strict=True)]
    _one_class(name, said, labels, scores, found)
    if len(found.wrong) == before:
        _not_learned(name, scores, min(map(len, labels)), found)
    right = np.mean([(s == y).mean() for s, y in zip(said, labels, strict=True)])
    major = np.mean([max(y.mean(), 1 - y.mean()) for y in labels])
    found.right.append(
        f"{name}: balanced accuracy {spread(scores)}, accuracy {right:.2f}, majority {major:.2f}"
    )
    return scores


def _trained(name: str, train: Train, x: Any, y: Any, seed: int) -> Predict:
    predict = attempt(f"{name}: train, seed {seed}", train, x, y, seed)
    if not callable(predict):
        what = f"{name}: train returns {type(predict).__name__}, expected a function"
        raise Found("shapes", what, "Return predict, where predict(x) gives labels.")
    return predict  # type: ignore[no-any-return]


def _said(name: str, predict: Predict, data: Data, part: slice = slice(None)) -> np.ndarray:
    """Return what a model says about the test sequences, (N,)."""
    given = data.test.given[0][part]
    try:
        said = as_array(attempt(f"{name}: predict", predict, given))
    except ValueError as error:
        raise Found("shapes", f"{name}: predict: {error}", "Return labels.") from None
    if said.shape != (len(given),) or not np.isin(said, (0, 1)).all():
        what = f"{name}: predict gives {said.shape}, expected ({len(given)},) of 0 and 1"
        cause = "Logits become labels by argmax(1), or by > 0 where there is one."
        raise Found("shapes", what, cause)
    return said.astype(int)


def _steady(name: str, predict: Predict, data: Data, said: np.ndarray, found: Findings) -> bool:
    """Return whether a model says the same whenever it is asked."""
    half = slice(0, len(said) // 2)
    changed = max(
        int((_said(name, predict, data) != said).sum()),
        int((_said(name, predict, data, half) != said[half]).sum()),
    )
    if changed:
        found.add(
            "predict-changes",
            f"{name}: {changed} of {len(said)} answers change when asked again, or in a "
            "smaller batch",
            "Dropout or batch normalisation is still training: call model.eval() before you "
            "predict.",
        )
    return not changed


def _controls(name: str, train: Train, data: Data, seed: int, found: Findings) -> None:
    """Train on few sequences: twice alike, with another seed, with the labels turned round."""
    x, y = (part[:FEW] for part in data.train.given)
    turned = ~y if as_array(y).dtype.kind == "b" else 1 - y

    def answers(labels: Any, seed: int) -> np.ndarray:
        return _said(name, _trained(name, train, x, labels, seed), data)

    once, again = answers(y, seed), answers(y, seed)
    other, opposite = answers(y, seed + 1), answers(turned, seed)
    if (once != again).any():
        found.add(
            "unseeded",
            f"{name}: the same seed twice, and {(once != again).sum()} of {len(once)} "
            "answers differ",
            "Call torch.manual_seed(seed) inside train, before the model is made and the "
            "batches are shuffled.",
        )
        return
    constant = len(set(once)) == 1
    if not constant and (once == opposite).mean() >= ALIKE:
        _unused(name, balanced(once, data.test.y), found)
    elif not constant and (once == other).all() and (once != data.test.y).any():
        found.add(
            "seed-ignored",
            f"{name}: seeds {seed} and {seed + 1} give the same answers, errors included",
            "Several seeds are then one start. Is there a fixed number in torch.manual_seed? "
            "Only a method without any randomness may ignore the seed.",
        )


def _unused(name: str, score: float, found: Findings) -> None:
    what = f"{name}: with all labels turned round it says the same"
    if score > 0.6:
        cause = (
            "It does not learn from the labels it is given, and yet it knows the answer. "
            "Is the rule written into it, or does it see other data, such as the test?"
        )
    else:
        cause = "Nothing is learned: is optimizer.step() called, on the weights of this model?"
    found.add("labels-unused", what, cause)


def _not_learned(name: str, scores: list[float], tests: int, found: Findings) -> None:
    if max(scores) < 0.5 + 1.5 / np.sqrt(tests):  # three standard errors of a coin
        found.add(
            "not-learned",
            f"{name}: balanced accuracy {spread(scores)}, a coin has 0.5",
            "No seed is beyond what luck gives. Does the training loss fall below that of "
            "guessing, 0.69? If not, look at the rate, at zero_grad, and at the shapes.",
        )


def _one_class(
    name: str,
    said: list[np.ndarray],
    labels: list[np.ndarray],
    scores: list[float],
    found: Findings,
) -> None:
    shares = [max(each.mean(), 1 - each.mean()) for each in said]
    flat = [s > 0.95 and score < 0.6 for s, score in zip(shares, scores, strict=True)]
    if not any(flat):
        return
    # The flagged seed that says its one class least: for the others "or more" is true.
    least = min(np.flatnonzero(flat), key=lambda seed: shares[seed])
    right = (said[least] == labels[least]).mean()
    major = max(labels[least].mean(), 1 - labels[least].mean())
    found.add(
        "majority-class",
        f"{name}: in {sum(flat)} of {len(flat)} seeds it says one class to "
        f"{int(100 * shares[least])}% or more. Where it says it least: accuracy {right:.3f}, "
        f"share of the larger class {major:.3f}, balanced accuracy {scores[least]:.2f}",
        "Always saying that class gives about the same accuracy. Report the balanced accuracy, "
        "and print the majority beside every accuracy.",
    )
