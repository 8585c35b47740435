"""Detection and filtering, with detectors that say what they are told to."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from unrolled.vision import Detections, build, detect_and_filter, pictures, suppress_per_class
from unrolled.vision.weights import DETECTOR

IMAGE = torch.rand(3, 20, 30)
NOTHING = {
    "boxes": torch.empty(0, 4),
    "scores": torch.empty(0),
    "labels": torch.empty(0, dtype=torch.int64),
}
RIDER = {
    "boxes": torch.tensor([[10.0, 10, 50, 90], [12, 8, 52, 88], [8, 30, 54, 95], [0, 0, 5, 5]]),
    "scores": torch.tensor([0.95, 0.90, 0.85, 0.40]),
    "labels": torch.tensor([1, 1, 2, 1]),
}


class Says(nn.Module):
    """A detector that gives the same answer to every image."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer
        self.eval()

    def forward(self, images: list[torch.Tensor]) -> list[Any]:
        return [self.answer for _ in images]


class First(nn.Module):
    """Forgets all answers but one."""

    def forward(self, answers: list[Any]) -> list[Any]:
        return answers[:1]


def test_raw_sure_and_kept() -> None:
    found = detect_and_filter(Says(RIDER), IMAGE)
    assert isinstance(found, Detections)
    assert (found.raw, found.confident, len(found)) == (4, 3, 2)
    boxes, scores, labels = found
    assert scores.tolist() == pytest.approx([0.95, 0.85])
    assert labels.tolist() == [1, 2], "the bicycle overlaps the person, and stays"
    assert torch.equal(boxes, RIDER["boxes"][[0, 2]])


@pytest.mark.parametrize(
    ("thresholds", "kept"),
    [((0.0, 1.0), 4), ((0.4, 1.0), 4), ((0.41, 1.0), 3), ((0.0, 0.5), 3), ((1.0, 0.0), 0)],
)
def test_thresholds_include_their_ends(thresholds: tuple[float, float], kept: int) -> None:
    score, overlap = thresholds
    found = detect_and_filter(Says(RIDER), IMAGE, score_threshold=score, iou_threshold=overlap)
    assert len(found) == kept


def test_nothing_found_is_a_result() -> None:
    found = detect_and_filter(Says(NOTHING), IMAGE)
    assert (found.raw, found.confident, len(found)) == (0, 0, 0)
    assert [tuple(part.shape) for part in found] == [(0, 4), (0,), (0,)]


def test_several_images_several_results() -> None:
    assert detect_and_filter(Says(RIDER), []) == ()
    found = detect_and_filter(Says(RIDER), [IMAGE, torch.rand(3, 5, 5)])
    assert [len(one) for one in found] == [2, 2]


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"boxes": RIDER["boxes"][:, [2, 1, 0, 3]]}, ValueError, "boxes: .* expected x1 <= x2"),
        ({"boxes": RIDER["boxes"][:3]}, ValueError, r"scores: got shape \(4,\), expected \(3,\)"),
        ({"scores": RIDER["scores"] + 0.1}, ValueError, "scores: got 1.05, expected .* 0 to 1"),
        ({"scores": RIDER["scores"] * math.nan}, ValueError, "scores: got nan"),
        ({"labels": RIDER["labels"].float()}, TypeError, "labels: got torch.float32"),
    ],
)
def test_bad_answers_are_refused(
    change: dict[str, torch.Tensor], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        detect_and_filter(Says({**RIDER, **change}), IMAGE)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (torch.rand(1, 20, 30), ValueError, r"images: got shape \(1, 20, 30\)"),
        (torch.rand(2, 3, 20, 30), ValueError, "images: got shape"),
        (torch.rand(3, 0, 30), ValueError, "images: got shape"),
        (IMAGE * 255, ValueError, "images: .* divide pixels"),
        (IMAGE * math.nan, ValueError, "images: got numbers outside"),
        (IMAGE.byte(), TypeError, "images: got torch.uint8"),
        ([[1.0]], TypeError, "images: got list"),
    ],
)
def test_bad_images_are_refused(images: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        detect_and_filter(Says(RIDER), images)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize("name", ["score_threshold", "iou_threshold"])
@pytest.mark.parametrize(
    ("value", "error"),
    [(-0.1, ValueError), (1.01, ValueError), (math.nan, ValueError), ("0.5", TypeError)],
)
def test_bad_thresholds_are_refused(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"{name}: got"):
        detect_and_filter(Says(RIDER), IMAGE, **{name: value})


def test_bad_models_are_refused() -> None:
    with pytest.raises(ValueError, match="model: is in training mode"):
        detect_and_filter(Says(RIDER).train(), IMAGE)
    with pytest.raises(ValueError, match="its answer has no boxes, labels"):
        detect_and_filter(Says({"scores": torch.empty(0)}), IMAGE)
    with pytest.raises(ValueError, match="expected a list of 2 answers"):
        detect_and_filter(nn.Sequential(Says(RIDER), First()).eval(), [IMAGE, IMAGE])
    with pytest.raises(TypeError, match="its answer is Tensor, expected a dictionary"):
        detect_and_filter(nn.Identity().eval(), IMAGE)


def test_a_real_detector_filters_as_ours_does() -> None:
    """Its own suppression and threshold, against ours on what it says without them."""
    options = {"min_size": 160, "max_size": 200, "rpn_post_nms_top_n_test": 40}
    picture = pictures()["photograph"]
    bare = build(DETECTOR, box_nms_thresh=1.0, box_detections_per_img=9999, **options)
    with torch.no_grad():
        raw = bare.model([picture])[0]
    found = detect_and_filter(bare.model, picture, score_threshold=0.5, iou_threshold=0.4)
    sure = raw["scores"] >= 0.5
    assert (found.raw, found.confident) == (len(sure), int(sure.sum()))
    boxes, scores, labels = (raw[name][sure] for name in ("boxes", "scores", "labels"))
    kept = suppress_per_class(boxes, scores, labels, 0.4)
    torch.testing.assert_close(found.boxes, boxes[kept])
    assert 0 < len(found) < found.confident < found.raw
