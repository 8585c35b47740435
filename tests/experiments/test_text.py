"""What padding does, and how lines are classified; at smoke scale."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled import experiments
from unrolled.data.snippets import TASKS, snippets


def test_padding_drift() -> None:
    result = experiments.padding_drift(seeds=(0, 1, 2), read=5, padded_to=50)
    assert result.moved.shape == result.apart.shape == (3, 46)
    np.testing.assert_array_equal(result.moved[:, 0], 0)
    np.testing.assert_array_equal(result.apart[:, 0], 1)
    assert (result.moved[:, 1:] > 0.5).all()
    assert (np.diff(np.log(result.apart)) < 0).all()
    assert (result.apart[:, -1] < 1e-6).all()
    assert (result.packed < 1e-12).all()


def test_without_padding_nothing_moves() -> None:
    result = experiments.padding_drift(seeds=(0,), read=5, padded_to=5)
    assert result.moved.shape == (1, 1)
    assert result.moved[0, 0] == 0


@pytest.mark.parametrize("task", TASKS)
def test_line_classification(task: str) -> None:
    result = experiments.line_classification(seeds=(0, 1), task=task, scale="smoke")
    lines = snippets("held-out", task, limit=result.modules)
    labels = np.array([line.label for line in lines])
    assert result.accuracy.shape == (2, 5)
    assert result.probability.shape == (2, 5, len(lines), 4)
    np.testing.assert_allclose(result.probability.sum(axis=-1), 1, rtol=1e-5)
    right = (result.probability.argmax(axis=-1) == labels).mean(axis=-1)
    np.testing.assert_allclose(result.accuracy, right)
    diagonal = np.trace(result.confusion, axis1=2, axis2=3)
    np.testing.assert_allclose(result.accuracy, diagonal / len(lines))
    np.testing.assert_array_equal(result.confusion.sum(axis=3)[0, 0], np.bincount(labels))
    np.testing.assert_allclose(result.majority, np.bincount(labels).max() / len(lines))


def test_neighbours_matter_only_where_batches_are_padded_and_read_at_the_end() -> None:
    result = experiments.line_classification(seeds=(0, 1, 2), scale="smoke")
    rebatched = dict(zip(result.models, result.rebatched.T, strict=True))
    assert (rebatched.pop("longest") > 0).any()
    for name, share in rebatched.items():
        np.testing.assert_array_equal(share, 0, err_msg=name)


def test_a_bag_does_not_see_the_order() -> None:
    result = experiments.line_classification(
        seeds=(0,), models=("packed", "bag"), task="target", scale="smoke"
    )
    lines = snippets("held-out", "target", limit=result.modules)
    assert len(lines) < 1000  # so that the sample is all of them
    assert result.shuffled[0, 1] == pytest.approx(result.accuracy[0, 1])


@pytest.mark.usefixtures("shapes_unchecked")
def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="models: got 'lstm', expected one of 'packed'"):
        experiments.line_classification(models=("lstm",))
    with pytest.raises(ValueError, match="task: got 'mood', expected one of 'kind'"):
        experiments.line_classification(task="mood")
    with pytest.raises(ValueError, match="padded_to: got 3, expected an integer of at least 5"):
        experiments.padding_drift(read=5, padded_to=3)
    with pytest.raises(ValueError, match="texts: got 1, expected an integer of at least 2"):
        experiments.padding_drift(texts=1)
