"""Real pictures that Matplotlib ships, and pieces of them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import interpolate

from unrolled import validate

if TYPE_CHECKING:
    from jaxtyping import Float


def pictures() -> dict[str, torch.Tensor]:
    """Return a photograph, a drawing and a scan of a head, (3, rows, columns), from 0 to 1.

    Source: the sample data of Matplotlib.
    """
    from matplotlib.cbook import get_sample_data
    from matplotlib.image import imread

    def read(name: str) -> np.ndarray:
        pixels = np.asarray(imread(str(get_sample_data(name, asfileobj=False))))
        return pixels / (255.0 if pixels.dtype == np.uint8 else 1.0)

    with gzip.open(str(get_sample_data("s1045.ima.gz", asfileobj=False))) as file:
        scan = np.frombuffer(file.read(), np.uint16).reshape(256, 256).astype(float)
    drawing = read("Minduka_Present_Blue_Pack.png")
    opaque = drawing[..., 3:]
    found = {
        "photograph": read("grace_hopper.jpg"),
        "drawing": drawing[..., :3] * opaque + (1 - opaque),  # on white
        "scan": np.repeat((scan / scan.max())[..., None], 3, axis=2),
    }
    return {name: _tensor(pixels) for name, pixels in found.items()}


def crops(
    count: int, *, size: int = 64, seed: int = 0
) -> tuple[Float[torch.Tensor, "count 3 size size"], list[str]]:
    """Cut random squares out of the pictures in turn, and bring them to one size.

    The side is uniform from a quarter to a half of the picture's shorter one, so pieces of one
    picture may overlap.

    Returns:
        The pieces, and for each the name of its picture.

    Raises:
        TypeError, ValueError: `count` or `size` is no positive integer, or `seed` is none from 0.
    """
    seed = validate.size("seed", seed, least=0)
    count, size = validate.size("count", count), validate.size("size", size)
    rng = np.random.default_rng(seed)
    every = list(pictures().items())
    pieces, names = [], []
    for index in range(count):
        name, picture = every[index % len(every)]
        rows, columns = picture.shape[1:]
        side = int(rng.uniform(0.25, 0.5) * min(rows, columns))
        y, x = rng.integers(rows - side), rng.integers(columns - side)
        piece = picture[None, :, y : y + side, x : x + side]
        pieces.append(interpolate(piece, (size, size), mode="bilinear", antialias=True))
        names.append(name)
    return torch.cat(pieces), names


def _tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32))
