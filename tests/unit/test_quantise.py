"""Rounding to whole numbers: no number moves by more than half a step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unrolled.quantise import MATRICES, quantise, rounded

WEIGHTS = arrays(
    np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(-8, 8, width=16)
)


@given(WEIGHTS, st.integers(2, 8), st.booleans())
def test_at_most_half_a_step(weights: np.ndarray, bits: int, per_column: bool) -> None:
    small = quantise(weights, bits=bits, per_column=per_column)
    assert small.codes.dtype == np.int8
    assert abs(small.codes.astype(int)).max() <= 2 ** (bits - 1) - 1
    moved = abs(small.restored() - weights)
    assert (moved <= small.scale * 0.5001).all()
    assert (small.restored()[weights == 0] == 0).all()


def test_by_hand() -> None:
    small = quantise([[1.27, 0.0], [-0.634, 0.0]])
    np.testing.assert_array_equal(small.codes, [[127, 0], [-63, 0]])
    np.testing.assert_allclose(small.scale, [0.01, 1])
    assert small.nbytes == 4 + 8


def test_one_scale_for_all() -> None:
    small = quantise([[1.0, 100.0]], per_column=False)
    np.testing.assert_array_equal(small.codes, [[1, 127]])


def test_biases_stay() -> None:
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(size=(3, 3)).astype(np.float32) for name in MATRICES}
    weights |= {"b_h": rng.normal(size=3), "b_y": rng.normal(size=3)}
    small = rounded(weights, bits=3)
    assert list(small) == list(weights)
    assert all(small[name] is weights[name] for name in ("b_h", "b_y"))
    assert all((small[name] != weights[name]).any() for name in MATRICES)


@pytest.mark.parametrize(
    ("weights", "bits", "message"),
    [
        ([[1.0]], 1, "bits: got 1, expected an integer of at least 2"),
        ([[1.0]], 9, "bits: got 9, expected at most 8"),
        ([1.0], 8, r"weights: got shape \(1,\), expected \(rows, columns\)"),
        ([[np.nan]], 8, "weights: got 1 of 1 entries NaN or infinite"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_refusals(weights: list[object], bits: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quantise(weights, bits=bits)
