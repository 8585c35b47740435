"""Images of one bright circle each, and if wanted of one bright square, with the circle's mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from unrolled import validate

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

RADII = (6 / 64, 13 / 64)
"""Of the side of the image."""
DARK, BRIGHT = (0.1, 0.4), (0.6, 0.9)
NOISE = 0.08
BESIDE = ("nothing", "square")
HALFWAY = 0.5
"""Between the brightest background and the darkest shape, noise included."""


@dataclass(frozen=True, eq=False)
class Circles:
    """Images, and what belongs to the circle."""

    images: Float[torch.Tensor, "N 3 size size"]
    masks: Bool[torch.Tensor, "N size size"]


def draw_circles(count: int, *, size: int = 64, beside: str = "nothing", seed: int) -> Circles:
    """Draw images of one bright circle on a dark ground, with noise of ±0.08.

    Radii are uniform from 6/64 to 13/64 of the side. Ground and shapes are of one colour each,
    uniform from 0.1 to 0.4 and from 0.6 to 0.9, so the brightness 0.5 separates them.

    Args:
        size: Height and width in pixels.
        beside: "nothing", or "square": apart from the circle, as bright, with the area of
            another circle drawn in the same way. It belongs to the ground.

    Raises:
        TypeError, ValueError: `count`, `size` or `seed` is no integer, or too small; `beside` is
            another word.
    """
    seed = validate.size("seed", seed, least=0)
    count, size = validate.size("count", count), validate.size("size", size, least=16)
    square = validate.choice("beside", beside, BESIDE) == "square"
    rng = np.random.default_rng([seed, size, square])
    images = np.empty((count, 3, size, size), np.float32)
    masks = np.empty((count, size, size), bool)
    for image, mask in zip(images, masks, strict=True):
        mask[:], other = _shapes(rng, size)
        image[:] = rng.uniform(*DARK, (3, 1, 1))
        for shape in (mask, other & square):
            image[:, shape] = rng.uniform(*BRIGHT, (3, 1))
        image += rng.uniform(-NOISE, NOISE, image.shape)
    return Circles(torch.from_numpy(images), torch.from_numpy(masks))


def _shapes(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels of a circle, and of a square apart from it."""
    columns = np.arange(size) + 0.5
    rows = columns[:, None]
    while True:
        radius, other = rng.uniform(*RADII, 2) * size
        half = other * np.sqrt(np.pi) / 2  # of the side of a square with the circle's area
        y, x = rng.uniform(radius, size - radius, 2)
        v, u = rng.uniform(half, size - half, 2)
        if np.hypot(y - v, x - u) > radius + half * np.sqrt(2) + 1:
            break
    circle = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
    square = (abs(rows - v) <= half) & (abs(columns - u) <= half)
    return circle, square
