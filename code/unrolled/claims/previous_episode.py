"""Claims of the appendix on vision, as far as they need no torchvision."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch

from unrolled.claims.registry import claim
from unrolled.experiments.segmentation import CircleSegmentation, circle_segmentation
from unrolled.settings import Scale
from unrolled.vision.circles import HALFWAY, draw_circles
from unrolled.vision.masks import iou, pixel_accuracy

IMAGES = 500
_ALONE = f"Images of 64² pixels with one bright circle each, {IMAGES} a seed"


@claim(
    id="previous-episode-background",
    statement="Whoever has more than 90 % of the pixels right has found the object.",
    source="Segmentation exercises that ask for a pixel accuracy.",
    protocol=f"{_ALONE}; share of right pixels when every pixel is called background, per seed.",
    bound="0.925..0.945",
    verdict="does not hold",
    remark="Where the object is small, calling everything background is that good, and its IoU "
    "is zero.",
)
def background(seeds: Sequence[int], scale: Scale) -> list[float]:
    drawn = [draw_circles(IMAGES, seed=seed).masks for seed in seeds]
    return [float(pixel_accuracy(torch.zeros_like(true), true).mean()) for true in drawn]


@claim(
    id="previous-episode-threshold",
    statement="To find circles in noise takes a trained network.",
    source="Segmentation exercises on synthetic circles.",
    protocol=f"{_ALONE}; mean IoU of calling every pixel that is brighter than 0.5 a circle, per "
    "seed, where calling everything background has an IoU of zero.",
    bound="1..1",
    verdict="does not hold",
    remark="They are brighter than the rest, and one comparison finds them.",
)
def threshold(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [_overlap_of_threshold(seed) for seed in seeds]


def _overlap_of_threshold(seed: int) -> float:
    drawn = draw_circles(IMAGES, seed=seed)
    if iou(torch.zeros_like(drawn.masks), drawn.masks).any():
        raise ArithmeticError("an empty mask overlaps a circle: this says nothing any more")
    return float(iou(drawn.images.mean(dim=1) > HALFWAY, drawn.masks).mean())


@claim(
    id="previous-episode-shape",
    statement="A U-Net segments better than a threshold.",
    source="Exercises that compare the two on circles alone, where nothing is left to gain.",
    protocol="Images of 32² with a circle and a square as bright, 120 to learn from, 50 to test, "
    "12 epochs, first level of 12 channels; mean IoU of the network minus that of the threshold "
    "at 0.5, per seed; without the square the threshold's IoU is 1.",
    bound="0.35..0.6",
    verdict="only if",
    remark="the shape must be known; where brightness tells, one comparison is enough.",
)
def shape(seeds: Sequence[int], scale: Scale) -> list[float]:
    if min(map(_overlap_of_threshold, seeds)) < 1:
        raise ArithmeticError("the threshold fails without a square, too: it is no control")
    result = _among_squares(tuple(seeds), "smoke" if scale == "smoke" else "site")
    return [float(gain) for gain in result.iou[:, -1] - result.threshold[:, 1]]


@lru_cache(maxsize=2)
def _among_squares(seeds: tuple[int, ...], scale: Scale) -> CircleSegmentation:
    return circle_segmentation(seeds=seeds, beside="square", scale=scale)
