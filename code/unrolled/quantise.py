"""Weights in a few bits: whole numbers, and a scale that turns them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped
    from numpy.typing import ArrayLike

MATRICES = ("W_xh", "W_hh", "W_hy")


@dataclass(frozen=True, eq=False)
class Quantised:
    """A matrix as whole numbers, one scale for each column."""

    codes: Shaped[np.ndarray, "rows columns"]
    scale: Float[np.ndarray, " columns"]

    def restored(self) -> Float[np.ndarray, "rows columns"]:
        """Return codes times scale, float32: each number within half a step of the old one."""
        weights: np.ndarray = self.codes.astype(np.float32) * self.scale
        return weights

    @property
    def nbytes(self) -> int:
        """Bytes of codes and scales together, as they are stored here."""
        return self.codes.nbytes + self.scale.nbytes


def quantise(weights: ArrayLike, *, bits: int = 8, per_column: bool = True) -> Quantised:
    """Round `weights`, (rows, columns), to whole numbers of `bits` bits with a sign.

    The largest absolute value of a column, or of the whole matrix, becomes the largest
    code, 2^(bits-1) - 1; zero stays zero. Codes are int8 whatever the bits.

    Raises:
        TypeError, ValueError: Not a matrix of finite numbers; bits below 2 or above 8.
    """
    per_column = validate_kinds.flag("per_column", per_column)
    bits = validate.size("bits", bits, least=2)
    if bits > 8:
        raise ValueError(f"bits: got {bits}, expected at most 8, codes are stored as int8")
    given = validate.array("weights", weights, np.dtype(np.float32), ("rows", "columns"))
    largest = abs(given).max(axis=0) if per_column else np.full(given.shape[1], abs(given).max())
    step = largest / np.float32(2 ** (bits - 1) - 1)
    scale = np.where(step > 0, step, 1).astype(np.float32)
    return Quantised(np.rint(given / scale).astype(np.int8), scale)


def rounded(
    weights: dict[str, np.ndarray], *, bits: int = 8, per_column: bool = True
) -> dict[str, np.ndarray]:
    """Return the same weights with the three matrices quantised and turned back; biases stay.

    Raises:
        TypeError, ValueError: Not arrays by name, one of the three missing, or as `quantise`.
    """
    validate_kinds.named("weights", weights, *MATRICES)
    return weights | {
        name: quantise(weights[name], bits=bits, per_column=per_column).restored()
        for name in MATRICES
    }
