"""The three vision exercises of the appendix: detection, segmentation, features.

Each part lives in a module of its own, which is loaded when its name is first used. Only
what names torchvision in its description needs torchvision; the package imports without it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unrolled.vision.boxes import box_iou
    from unrolled.vision.circles import Circles, draw_circles
    from unrolled.vision.detect import Detections, detect_and_filter
    from unrolled.vision.features import image_features, similarities, upper_triangle
    from unrolled.vision.images import crops, pictures
    from unrolled.vision.masks import iou, pixel_accuracy, predict
    from unrolled.vision.nms import suppress, suppress_per_class
    from unrolled.vision.unet import UNet
    from unrolled.vision.weights import Built, build

__all__ = [
    "Built",
    "Circles",
    "Detections",
    "UNet",
    "box_iou",
    "build",
    "crops",
    "detect_and_filter",
    "draw_circles",
    "image_features",
    "iou",
    "pictures",
    "pixel_accuracy",
    "predict",
    "similarities",
    "suppress",
    "suppress_per_class",
    "upper_triangle",
]

_MODULES = {
    "Built": "weights",
    "Circles": "circles",
    "Detections": "detect",
    "UNet": "unet",
    "box_iou": "boxes",
    "build": "weights",
    "crops": "images",
    "detect_and_filter": "detect",
    "draw_circles": "circles",
    "image_features": "features",
    "iou": "masks",
    "pictures": "images",
    "pixel_accuracy": "masks",
    "predict": "masks",
    "similarities": "features",
    "suppress": "nms",
    "suppress_per_class": "nms",
    "upper_triangle": "features",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
