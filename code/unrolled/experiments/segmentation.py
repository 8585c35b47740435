"""A U-Net that finds circles, against two ways that need no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from unrolled.asked import asked_scale, asked_seeds
from unrolled.settings import Scale, device
from unrolled.vision.circles import HALFWAY, Circles, draw_circles
from unrolled.vision.masks import iou, pixel_accuracy, predict
from unrolled.vision.unet import UNet

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped


class Budget(NamedTuple):
    """Channels of the first level, side of the images, how many to learn from and to test on.

    And the passes over those to learn from.
    """

    width: int
    side: int
    images: int
    tests: int
    epochs: int


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(4, 16, 16, 10, 2),
    "site": Budget(12, 32, 120, 50, 12),
    "full": Budget(64, 64, 200, 50, 30),
}
BATCH, RATE = 8, 5e-3
HELD_OUT = 1_000_000
"""Added to a seed for the images of the test."""


@dataclass(frozen=True, eq=False)
class CircleSegmentation:
    """Pixel accuracy and IoU on held-out images, mean over the images; a row a seed."""

    seeds: tuple[int, ...]
    beside: str
    width: int
    side: int
    images: int
    tests: int
    accuracy: Float[np.ndarray, "seeds epochs"]
    """Of the network after each epoch."""
    iou: Float[np.ndarray, "seeds epochs"]
    background: Float[np.ndarray, " seeds"]
    """Pixel accuracy of calling everything background, the IoU of which is zero."""
    threshold: Float[np.ndarray, "seeds 2"]
    """Pixel accuracy and IoU of calling everything brighter than 0.5 a circle."""
    found: Shaped[np.ndarray, "seeds 3 side side"]
    """The network's masks for the first three held-out images."""


def held_out(seed: int, *, beside: str = "nothing", scale: Scale | None = None) -> Circles:
    """Return the images that `circle_segmentation` tests on for a seed."""
    budget = BUDGETS[asked_scale(scale)]
    return draw_circles(budget.tests, size=budget.side, beside=beside, seed=seed + HELD_OUT)


def circle_segmentation(
    *, seeds: Sequence[int] = (0, 1, 2), beside: str = "nothing", scale: Scale | None = None
) -> CircleSegmentation:
    """Train a U-Net to find circles, and test it after each epoch on fresh images.

    Adam with a rate that falls linearly from 5e-3 to 0, batches of 8, binary cross-entropy per
    pixel. At "full" the images are 64², elsewhere they and the network are smaller. Nothing is
    chosen by the test; the last epoch counts. A seed sets images, weights and the order of the
    batches. Leaves PyTorch's random state as it was.

    Args:
        beside: "nothing", or "square": each image holds one, as bright as the circle.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    budget = BUDGETS[asked_scale(scale)]
    asked_seeds(seeds)
    accuracy = np.empty((len(seeds), budget.epochs))
    overlap = np.empty_like(accuracy)
    background, threshold = np.empty(len(seeds)), np.empty((len(seeds), 2))
    found = []
    for row, seed in enumerate(seeds):
        test = held_out(seed, beside=beside, scale=scale)
        background[row], _ = _scores(torch.zeros_like(test.masks), test)
        threshold[row] = _scores(test.images.mean(dim=1) > HALFWAY, test)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = UNet(budget.width).to(device())
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            training = draw_circles(budget.images, size=budget.side, beside=beside, seed=seed)
            optimizer = torch.optim.Adam(model.parameters(), RATE, fused=True)
            schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, budget.epochs)
            for epoch in range(budget.epochs):
                _train(model, optimizer, training)
                schedule.step()
                said = predict(model.eval(), test.images.to(device())).cpu()
                accuracy[row, epoch], overlap[row, epoch] = _scores(said, test)
        found.append(said[:3].numpy())
    return CircleSegmentation(
        tuple(seeds), beside, *budget[:4], accuracy, overlap, background, threshold,
        np.array(found),
    )  # fmt: skip


def _train(model: UNet, optimizer: torch.optim.Optimizer, data: Circles) -> None:
    """Pass over the data once, in a new order."""
    model.train()
    for batch in torch.randperm(len(data.images)).split(BATCH):  # type: ignore[no-untyped-call]
        logits = model(data.images[batch].to(device()))
        loss = binary_cross_entropy_with_logits(logits, data.masks[batch].float().to(device()))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _scores(masks: torch.Tensor, test: Circles) -> tuple[float, float]:
    return (
        float(pixel_accuracy(masks, test.masks).mean()),
        float(iou(masks, test.masks).mean()),
    )
