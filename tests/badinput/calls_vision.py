"""Boxes, masks, circles and features, as far as they need no torchvision."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.badinput.call import Call, tensor
from tests.badinput.kinds import Choice, Flag, Share, Size, Tensor, Things
from unrolled.vision import boxes, circles, features, images, masks, nms, unet

FLOATS = (torch.float16, torch.float32, torch.float64)
WHOLE = (torch.int64, torch.int32, torch.int16)
N = 3


class Headed(nn.Module):
    """A stand-in for a ResNet."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.fc(images.mean(dim=(2, 3)))
        return logits


@cache
def headed() -> Headed:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Headed().eval()


@cache
def small_unet() -> unet.UNet:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return unet.UNet(2).eval()


def some_boxes() -> torch.Tensor:
    return torch.tensor([[0.0, 0, 4, 4], [0, 1, 4, 5], [6, 6, 9, 8]])


def scores() -> torch.Tensor:
    return torch.tensor([0.5, 1.0, 0.0])


def mask(seed: int) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).integers(0, 2, (N, 2, 4)).astype(bool))


def boxes_kind(**more: Any) -> Tensor:
    """No boxes at all are valid, and so are those of any float dtype."""
    return Tensor(dtypes=FLOATS, allows=("empty",), **more)


BOTH = {"true": Tensor(dtypes=(torch.bool,), read=False, says=("predicted",))}
BOTH |= {"predicted": Tensor(dtypes=(torch.bool,), read=False, says=("true",))}

CALLS = [
    Call(
        "vision.boxes.box_iou",
        boxes.box_iou,
        lambda: {"boxes": some_boxes(), "others": some_boxes()[1:]},
        {"boxes": boxes_kind(fixed=(1,)), "others": boxes_kind(fixed=(1,))},
    ),
    Call(
        "vision.nms.suppress",
        nms.suppress,
        lambda: {"boxes": some_boxes(), "scores": scores(), "iou_threshold": 0.5},
        {
            "boxes": boxes_kind(says=("scores",)),
            "scores": Tensor(dtypes=FLOATS),
            "iou_threshold": Share(),
        },
    ),
    Call(
        "vision.nms.suppress_per_class",
        nms.suppress_per_class,
        lambda: {
            "boxes": some_boxes(),
            "scores": scores(),
            "labels": torch.tensor([1, 2, 1]),
            "iou_threshold": 0.5,
        },
        {
            "boxes": boxes_kind(says=("scores",)),
            "scores": Tensor(dtypes=FLOATS),
            "labels": Tensor(dtypes=WHOLE, read=False),
            "iou_threshold": Share(),
        },
    ),
    Call(
        "vision.masks.pixel_accuracy",
        masks.pixel_accuracy,
        lambda: {"predicted": mask(0), "true": mask(1)},
        BOTH,
    ),
    Call(
        "vision.masks.iou",
        masks.iou,
        lambda: {"predicted": mask(0), "true": mask(1)},
        BOTH,
    ),
    Call(
        "vision.circles.draw_circles",
        lambda **given: circles.draw_circles(**given).images,
        lambda: {"count": 2, "size": 16, "beside": "square", "seed": 1},
        {
            "count": Size(),
            "size": Size(least=16),
            "beside": Choice(words=circles.BESIDE),
            "seed": Size(least=0),
        },
    ),
    Call(
        "vision.unet.UNet",
        lambda width: [tuple(each.shape) for each in unet.UNet(width).parameters()],
        lambda: {"width": 2},
        {"width": Size()},
    ),
    Call(
        "vision.unet.UNet.forward",
        lambda images: small_unet()(images),
        lambda: {"images": tensor(1, 3, 4, 8)},
        {"images": Tensor(fixed=(1, 2, 3))},
    ),
    Call(
        "vision.masks.predict",
        masks.predict,
        lambda: {"model": small_unet(), "images": tensor(1, 3, 4, 8)},
        {
            "model": Things(wrong=[("in training", unet.UNet(2)), ("the class", unet.UNet)]),
            "images": Tensor(fixed=(1, 2, 3), read=False),
        },
    ),
    Call(
        "vision.features.image_features",
        features.image_features,
        lambda: {"model": headed(), "images": tensor(N, 3, 4, 4), "batch": 2},
        {
            "model": Things(
                wrong=[
                    ("without fc", nn.Linear(2, 2).eval()),
                    ("in training", Headed()),
                    ("the class", Headed),
                ]
            ),
            "images": Tensor(fixed=(1,)),
            "batch": Size(),
        },
    ),
    Call(
        "vision.features.similarities",
        features.similarities,
        lambda: {"features": tensor(N, 4) + 3, "centred": False},
        {
            "features": Tensor(dtypes=FLOATS, fixed=(), allows=("needs a gradient",)),
            "centred": Flag(),
        },
    ),
    Call(
        "vision.features.upper_triangle",
        features.upper_triangle,
        lambda: {"matrix": tensor(N, N)},
        {"matrix": Tensor(dtypes=FLOATS, read=False)},
    ),
    Call(
        "vision.images.crops",
        lambda **given: images.crops(**given)[0],
        lambda: {"count": 1, "size": 3, "seed": 2},
        {"count": Size(), "size": Size(), "seed": Size(least=0)},
    ),
]
