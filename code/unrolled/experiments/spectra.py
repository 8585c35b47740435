"""Eigenvalues and singular values: what does a matrix do when it is applied again and again?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped


@dataclass(frozen=True, eq=False)
class Spectrum:
    """W_hh before training and its powers; a row a seed."""

    seeds: tuple[int, ...]
    eigenvalues: Shaped[np.ndarray, "seeds H"]
    """Complex."""
    spectral_radius: Float[np.ndarray, " seeds"]
    """The largest absolute value of an eigenvalue, ρ."""
    largest_singular: Float[np.ndarray, " seeds"]
    """The most that W_hh stretches any vector, σ_max."""
    power_norm: Float[np.ndarray, "seeds powers_and_0"]
    """σ_max of the k-th power of W_hh, from k = 0."""


def spectrum(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    start: str = "default",
    gain: float = 1.0,
    spectral_radius: float | None = None,
    powers: int = 50,
    hidden_dim: int = 64,
) -> Spectrum:
    """Decompose the W_hh of untrained networks, and raise it to powers.

    Args:
        spectral_radius: Rescale W_hh to have this; `None` leaves it.
        powers: The highest power.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    powers = validate.size("powers", powers)
    hidden_dim = validate.size("hidden_dim", hidden_dim)
    asked_seeds(seeds)
    eigenvalues = np.empty((len(seeds), hidden_dim), complex)
    radius, largest = np.empty(len(seeds)), np.empty(len(seeds))
    power_norm = np.empty((len(seeds), powers + 1))
    for row, seed in enumerate(seeds):
        W = untrained(start, gain=gain, hidden_dim=hidden_dim, seed=seed).W_hh
        if spectral_radius is not None:
            wanted = validate.positive("spectral_radius", spectral_radius)
            W = W * wanted / abs(np.linalg.eigvals(W)).max()
        eigenvalues[row] = np.linalg.eigvals(W)
        radius[row] = abs(eigenvalues[row]).max()
        largest[row] = np.linalg.norm(W, 2)
        power_norm[row] = norms_of_powers(W, powers)
    return Spectrum(tuple(seeds), eigenvalues, radius, largest, power_norm)


def norms_of_powers(W: Float[np.ndarray, "H H"], powers: int) -> Float[np.ndarray, " powers_and_0"]:
    """Return σ_max of W⁰ … W^powers: the most that so many steps can stretch a vector."""
    power, norms = np.eye(len(W)), [1.0]
    for _ in range(powers):
        power = power @ W
        norms.append(float(np.linalg.norm(power, 2)))
    return np.array(norms)
