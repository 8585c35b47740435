"""What can be wrong with the data of the exercise on counting spikes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unrolled.check.findings import Findings, as_array
from unrolled.check.guard import Found, attempt

STEPS, MORE_THAN = 20, 3
LEAK = 0.9  # an honest column gives about 0.6


@dataclass(frozen=True)
class Split:
    """Data as the reader made them, and as arrays: x (N, columns), y (N,)."""

    given: tuple[Any, Any]
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Data:
    """What one seed gives."""

    train: Split
    test: Split


def data_of(
    make: Callable[..., Any], seeds: Sequence[int], threshold: float, found: Findings
) -> list[Data]:
    """Return the data of all seeds, and note what is wrong with them.

    Raises:
        Found: They cannot be read at all.
    """
    all_data = [_read(make, seed) for seed in seeds]
    first = all_data[0]
    if not _same(first, _read(make, seeds[0])):
        found.add(
            "unseeded",
            f"make_data({seeds[0]}) twice gives two different data sets",
            "Something is drawn outside the seed. Give every draw a generator made from "
            "the seed, as in torch.Generator().manual_seed(seed).",
        )
    elif len(all_data) > 1 and _same(first, all_data[1]):
        found.add(
            "seed-ignored",
            f"make_data gives the same data for seeds {seeds[0]} and {seeds[1]}",
            "The seed does not reach the generator, so several seeds are one data set.",
        )
    _values(first, threshold, found)
    if len(set(first.train.y)) == 2:
        _leaks(first.train, found)
    _seen(first, found)
    return all_data


def _read(make: Callable[..., Any], seed: int) -> Data:
    given = attempt(f"make_data({seed})", make, seed)
    try:
        (x, y), (x_test, y_test) = given
    except (TypeError, ValueError):
        raise Found(
            "shapes",
            "make_data does not return two pairs",
            "Expected ((x_train, y_train), (x_test, y_test)).",
        ) from None
    return Data(_split("train", x, y), _split("test", x_test, y_test))


def _split(name: str, x: Any, y: Any) -> Split:
    try:
        inputs, labels = as_array(x), as_array(y)
    except ValueError as error:
        raise Found("shapes", f"{name}: {error}", "Expected numbers.") from None
    if inputs.ndim == 3 and inputs.shape[2] == 1:
        inputs = inputs[:, :, 0]
    if inputs.ndim != 2 or inputs.shape[1] < STEPS or labels.shape != inputs.shape[:1]:
        what = f"{name}: x {inputs.shape}, y {labels.shape}"
        raise Found("shapes", what, f"Expected x (N, {STEPS}) and y (N,).")
    if not (np.isfinite(inputs).all() and np.isin(labels, (0, 1)).all()):
        what = f"{name}: values that are no number, or labels other than 0 and 1"
        raise Found("shapes", what, "Look at x.isnan() and y.unique().")
    return Split((x, y), inputs.astype(float), labels.astype(int))


def _same(one: Data, other: Data) -> bool:
    return all(
        np.array_equal(a, b) for a, b in ((one.train.x, other.train.x), (one.test.x, other.test.x))
    )


def _values(data: Data, threshold: float, found: Findings) -> None:
    x, y = data.train.x, data.train.y
    share = y.mean()
    uniform = x[:, :STEPS].min() >= 0 and x[:, :STEPS].max() <= 1
    if uniform:
        found.add(
            "uniform-numbers",
            f"all numbers lie in {x.min():.2f} to {x.max():.2f}; {share:.1%} are labelled 1",
            "torch.rand is uniform on 0 to 1, torch.randn normal. A uniform number is never "
            "above 1.5.",
        )
    elif min(len(set(y)), len(set(data.test.y))) < 2:
        found.add(
            "one-class",
            f"all labels are alike ({share:.0%} are 1)",
            "Then every model that says one thing is right. Look at the threshold and at "
            "the axis of the sum.",
        )
    else:
        _rule(x[:, :STEPS], y, threshold, found)


def _rule(x: np.ndarray, y: np.ndarray, threshold: float, found: Findings) -> None:
    counts = (x > threshold).sum(axis=1)
    wrong = int((y != (counts > MORE_THAN)).sum())
    if not wrong:
        found.right.append(f"labels follow the rule, {y.mean():.1%} are 1")
        return
    cause = f"Label 1 means: more than {MORE_THAN} of the {STEPS} numbers above {threshold:g}."
    if np.array_equal(y, counts >= MORE_THAN):
        cause += " Yours says 3 or more; 3 is not more than 3."
    elif np.array_equal(y, counts <= MORE_THAN):
        cause += " Yours are the other way round."
    found.add("labels-off", f"{wrong} of {len(y)} labels do not follow the rule", cause)


def _leaks(train: Split, found: Findings) -> None:
    scores = [_one_column(column, train.y) for column in train.x.T]
    best = int(np.argmax(scores))
    if scores[best] < LEAK:
        found.right.append(f"no column tells the label alone (best {scores[best]:.2f})")
        return
    found.add(
        "leaked-label",
        f"column {best} of {len(scores)} alone gives a balanced accuracy of {scores[best]:.2f}",
        "A model need not count, it can read the answer there. Was the label, or something "
        "computed from it, joined to x? If you sort each row, do it inside the model.",
    )


def _one_column(column: np.ndarray, y: np.ndarray) -> float:
    """Return the balanced accuracy of the best cut through one column, either way round."""
    order = np.argsort(column, kind="stable")
    ends = np.flatnonzero(np.diff(column[order], append=np.inf) > 0)
    below = np.cumsum(y[order] == 1)[ends] / max(1, (y == 1).sum())
    below_0 = np.cumsum(y[order] == 0)[ends] / max(1, (y == 0).sum())
    return float(np.max(0.5 + np.abs(below - below_0) / 2))


def _seen(data: Data, found: Findings) -> None:
    """Find rows of the test in the training data: the same, in another order, or nearly."""
    train, test = data.train.x[:, :STEPS], data.test.x[:, :STEPS]
    places = {row.tobytes() for row in np.round(np.sort(train, axis=1), 6) + 0.0}
    again = [row.tobytes() in places for row in np.round(np.sort(test, axis=1), 6) + 0.0]
    # How close the sequences of the test are to each other says what is closer than chance.
    usual = np.quantile(_nearest(test, test, itself=True), 0.05)
    near = _nearest(test, train) < 0.3 * usual
    both = np.asarray(again) | near
    if not both.any():
        found.right.append("no test sequence was in training")
        return
    exact = sum(row.tobytes() in {each.tobytes() for each in train} for row in test)
    found.add(
        "test-in-training",
        f"{both.sum()} of {len(test)} test sequences are in training too, {exact} of them "
        "exactly, the others shuffled or slightly changed",
        "Split first, then copy, shuffle or add noise, and only to the training part. Do both "
        "parts come from one seed?",
    )


def _nearest(rows: np.ndarray, others: np.ndarray, *, itself: bool = False) -> np.ndarray:
    """Return the distance of each row to the nearest of the others, (N,)."""
    squares = (rows**2).sum(1)[:, None] + (others**2).sum(1) - 2 * rows @ others.T
    if itself:
        np.fill_diagonal(squares, np.inf)
    nearest: np.ndarray = np.sqrt(np.maximum(squares, 0).min(axis=1))
    return nearest
