"""Sequences are (B, T, ·), or (T, ·) for one; networks work inside with time first, (T, B, ·)."""

from __future__ import annotations

import numpy as np


def time_first(array: np.ndarray, batched: bool) -> np.ndarray:
    """Return a contiguous copy (T, B, ·) of (B, T, ·), or of one sequence (T, ·)."""
    return np.array(array.swapaxes(0, 1) if batched else array[:, None], order="C")


def outside(array: np.ndarray, batched: bool) -> np.ndarray:
    """Return (B, T, ·), or (T, ·) for one sequence, of (T, B, ·); a view."""
    return array.swapaxes(0, 1) if batched else array[:, 0]
