"""Boxes, masks, circles and features, as far as they need no torchvision."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

from unrolled import vision
from unrolled.vision import (
    UNet,
    box_iou,
    crops,
    draw_circles,
    image_features,
    iou,
    pictures,
    pixel_accuracy,
    predict,
    similarities,
    suppress,
    suppress_per_class,
    upper_triangle,
)

BOX = torch.tensor([[0.0, 0, 10, 10]])


def boxes(count: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=generator) * 50
    return torch.cat([corner, corner + torch.rand(count, 2, generator=generator) * 30], dim=1)


def test_the_package_imports_nothing_slow() -> None:
    code = (
        "import sys, unrolled.vision; print('torch' in sys.modules, 'torchvision' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_every_name_is_there() -> None:
    for name in vision.__all__:
        assert getattr(vision, name).__module__ == f"unrolled.vision.{vision._MODULES[name]}"
        assert name not in vision._MODULES.values(), "a module would hide it once it is imported"
    with pytest.raises(AttributeError, match="detectron"):
        _ = vision.detectron


@pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is not None, reason="torchvision is installed"
)
def test_without_torchvision_the_error_names_the_command() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"torchvision.* `make test-vision` .*\[vision\]"):
        vision.build("resnet18")
    with pytest.raises(ModuleNotFoundError, match="make test-vision"):
        vision.detect_and_filter(nn.Identity().eval(), torch.rand(3, 8, 8))


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"model": nn.Identity}, TypeError),
        ({"model": lambda images: images}, TypeError),
        ({"model": nn.Identity().train()}, ValueError),
        ({"images": 3}, TypeError),
        ({"images": None}, TypeError),
        ({"images": "picture.png"}, TypeError),
        ({"images": [None]}, TypeError),
        ({"images": torch.rand(3, 8, 8).numpy()}, TypeError),
        ({"images": torch.rand(8, 8)}, ValueError),
        ({"images": torch.full((3, 8, 8), 255.0)}, ValueError),
        ({"score_threshold": None}, TypeError),
        ({"iou_threshold": math.nan}, ValueError),
    ],
)
def test_a_wrong_detection_is_refused_with_and_without_torchvision(
    change: dict[str, Any], error: type[Exception]
) -> None:
    given: dict[str, Any] = {"model": nn.Identity().eval(), "images": torch.rand(3, 8, 8)}
    with pytest.raises(error, match=rf"^{next(iter(change))}: "):
        vision.detect_and_filter(**given | change)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("name", None, TypeError),
        ("name", ["resnet18"], TypeError),
        ("seed", -1, ValueError),
        ("seed", 2**64, ValueError),
        ("seed", "1", TypeError),
        ("download", 1, TypeError),
    ],
)
def test_a_wrong_model_is_refused_with_and_without_torchvision(
    name: str, value: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"^{name}: got "):
        vision.build(**{"name": "resnet18", name: value})


def test_iou_of_boxes_by_hand() -> None:
    others = torch.tensor([[0.0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [2, 2, 2, 8]])
    assert box_iou(BOX, others)[0].tolist() == pytest.approx([1, 1 / 3, 0, 0])
    assert box_iou(others[3:], others[3:]).tolist() == [[0.0]], "no area, no overlap"
    assert box_iou(torch.empty(0, 4), others).shape == (0, 4)


@pytest.mark.parametrize("seed", range(5))
def test_suppression_keeps_what_no_better_kept_box_overlaps(seed: int) -> None:
    given, scores = boxes(40, seed), torch.rand(40, generator=torch.Generator().manual_seed(seed))
    kept = suppress(given, scores, 0.3).tolist()
    assert scores[kept].tolist() == sorted(scores[kept].tolist(), reverse=True)
    overlap = box_iou(given, given)
    for box in range(40):
        better = [k for k in kept if scores[k] > scores[box] and overlap[box, k] > 0.3]
        assert (box in kept) == (not better)


@pytest.mark.parametrize("seed", range(5))
def test_suppression_per_class_is_that_of_each_class_alone(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    given, scores = boxes(40, seed), torch.rand(40, generator=generator)
    labels = torch.randint(3, (40,), generator=generator)
    kept = set(suppress_per_class(given, scores, labels, 0.3).tolist())
    for label in range(3):
        own = (labels == label).nonzero().flatten()
        alone = own[suppress(given[own], scores[own], 0.3)]
        assert set(alone.tolist()) == kept & set(own.tolist())


def test_per_class_and_together_differ() -> None:
    given, scores = BOX.repeat(2, 1), torch.tensor([0.9, 0.8])
    assert suppress(given, scores, 0.5).tolist() == [0]
    assert suppress_per_class(given, scores, torch.tensor([1, 2]), 0.5).tolist() == [0, 1]
    assert suppress_per_class(given, scores, torch.tensor([1, 1]), 0.5).tolist() == [0]


def test_no_boxes_no_result() -> None:
    nothing = torch.empty(0, 4), torch.empty(0)
    assert suppress(*nothing, 0.5).tolist() == []
    assert suppress_per_class(*nothing, torch.empty(0, dtype=torch.int64), 0.5).tolist() == []


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"boxes": torch.tensor([[5.0, 0, 1, 4]])}, ValueError, r"\[5.0, 0.0, 1.0, 4.0\] at index"),
        ({"boxes": torch.tensor([[0.0, 4, 1, 3]])}, ValueError, "boxes: .* y1 <= y2"),
        ({"boxes": torch.tensor([[0.0, 0, 1, math.nan]])}, ValueError, "boxes: got NaN"),
        ({"boxes": torch.tensor([[0, 0, 1, 1]])}, TypeError, "boxes: got torch.int64"),
        ({"boxes": torch.rand(4)}, ValueError, r"boxes: got shape \(4,\), expected \(N, 4\)"),
        ({"boxes": [[0, 0, 1, 1]]}, TypeError, "boxes: got list"),
        ({"scores": torch.tensor([1.5])}, ValueError, "scores: got 1.5, expected .* 0 to 1"),
        ({"scores": torch.tensor([math.nan])}, ValueError, "scores: got nan"),
        ({"scores": torch.rand(2)}, ValueError, r"scores: got shape \(2,\), expected \(1,\)"),
        ({"scores": torch.tensor([1])}, TypeError, "scores: got torch.int64"),
        ({"labels": torch.tensor([1.0])}, TypeError, "labels: got torch.float32"),
        ({"labels": torch.tensor([1, 2])}, ValueError, "labels: got shape"),
        ({"iou_threshold": 1.1}, ValueError, "iou_threshold: got 1.1"),
        ({"iou_threshold": -0.1}, ValueError, "iou_threshold: got -0.1"),
        ({"iou_threshold": "0.5"}, TypeError, "iou_threshold: got '0.5'"),
    ],
)
def test_bad_boxes_are_refused(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    good = {"boxes": BOX, "scores": torch.tensor([0.5]), "labels": torch.tensor([1])}
    with pytest.raises(error, match=message):
        suppress_per_class(**{**good, "iou_threshold": 0.5, **change})


def test_masks_by_hand() -> None:
    true = torch.zeros(3, 2, 4, dtype=torch.bool)
    true[:2, 0] = True
    said = true.clone()
    said[0, 1] = True  # everything
    said[1, 0, 2:] = False
    assert pixel_accuracy(said, true).tolist() == [0.5, 0.75, 1.0]
    assert iou(said, true).tolist() == [0.5, 0.5, 1.0], "two empty masks agree"
    assert iou(torch.zeros_like(true), true).tolist() == [0, 0, 1]


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize("score", [iou, pixel_accuracy])
def test_bad_masks_are_refused(score: Any) -> None:
    mask = torch.zeros(1, 4, 4, dtype=torch.bool)
    with pytest.raises(TypeError, match=r"predicted: got torch.float32, expected .* torch.bool"):
        score(mask.float(), mask)
    with pytest.raises(ValueError, match=r"predicted: got shape .*, expected that of true"):
        score(mask.repeat(2, 1, 1), mask)
    with pytest.raises(ValueError, match=r"true: got shape \(4, 4\)"):
        score(mask, mask[0])


def test_circles_are_round_bright_and_whole() -> None:
    drawn = draw_circles(60, seed=3)
    assert drawn.images.shape == (60, 3, 64, 64)
    assert drawn.images.min() >= 0
    assert drawn.images.max() <= 1
    assert torch.equal(drawn.images.mean(dim=1) > 0.5, drawn.masks)
    assert not drawn.masks[:, [0, -1]].all(dim=2).any()
    area = drawn.masks.sum(dim=(1, 2))
    assert area.min() >= math.pi * 5.5**2
    assert area.max() <= math.pi * 13.5**2
    extent = drawn.masks.any(dim=1).sum(dim=1) / drawn.masks.any(dim=2).sum(dim=1)
    assert ((extent > 0.9) & (extent < 1.1)).all()


def test_squares_are_as_bright_and_not_marked() -> None:
    drawn = draw_circles(60, size=32, beside="square", seed=3)
    bright = drawn.images.mean(dim=1) > 0.5
    assert (drawn.masks & ~bright).sum() == 0
    assert ((bright & ~drawn.masks).sum(dim=(1, 2)) > 10).all()


def test_circles_are_those_of_their_seed() -> None:
    first, again, other = (draw_circles(2, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.images, again.images)
    assert not torch.equal(first.images, other.images)
    for options, error, message in (
        ({"count": 0}, ValueError, "count: got 0"),
        ({"count": 2, "size": 8}, ValueError, "size: got 8"),
        ({"count": 2, "beside": "star"}, ValueError, "beside: got 'star'"),
    ):
        with pytest.raises(error, match=message):
            draw_circles(seed=0, **options)  # type: ignore[arg-type]


def test_unet_has_the_shapes_and_the_widths_of_its_description() -> None:
    model = UNet(8)
    assert model(torch.rand(2, 3, 16, 24)).shape == (2, 16, 24)
    assert [layer.out_channels for layer in model.modules() if isinstance(layer, nn.Conv2d)] == [
        8, 8, 16, 16, 32, 32, 16, 16, 8, 8, 1,
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"images: got shape \(1, 3, 18, 16\)"):
        model(torch.rand(1, 3, 18, 16))
    with pytest.raises(ValueError, match="width: got 0"):
        UNet(0)


@pytest.mark.usefixtures("shapes_unchecked")
def test_unet_wants_three_channels() -> None:
    with pytest.raises(ValueError, match=r"images: got shape \(1, 1, 16, 16\)"):
        UNet(4)(torch.rand(1, 1, 16, 16))


def test_every_part_of_the_unet_learns() -> None:
    model = UNet(4)
    model(torch.rand(2, 3, 16, 16)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_prediction_refuses_a_model_in_training() -> None:
    model, images = UNet(4), torch.rand(2, 3, 16, 16)
    with pytest.raises(ValueError, match=r"model: is in training mode, expected model.eval\(\)"):
        predict(model, images)
    assert predict(model.eval(), images).dtype == torch.bool


class Headed(nn.Module):
    """A stand-in for a ResNet."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.fc = nn.Linear(3, 5), nn.Linear(5, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.fc(self.body(images.mean(dim=(2, 3))))
        return logits


def test_features_are_what_enters_the_last_layer() -> None:
    model, images = Headed().eval(), torch.rand(7, 3, 4, 4)
    rows = image_features(model, images, batch=3)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    expected = model.body((images.mean(dim=(2, 3)) - mean) / deviation)
    torch.testing.assert_close(rows, expected.detach())
    assert not model.fc._forward_pre_hooks
    with pytest.raises(ValueError, match="training mode"):
        image_features(model.train(), images)
    with pytest.raises(TypeError, match="called fc"):
        image_features(UNet(4).eval(), images)


def test_similarities_against_the_definition() -> None:
    rows = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    for centred in (False, True):
        given = (rows - rows.mean(dim=0) if centred else rows).double()
        one = torch.stack([torch.cosine_similarity(row[None], given) for row in given])
        torch.testing.assert_close(similarities(rows, centred=centred), one)
    pairs = upper_triangle(torch.arange(9.0).reshape(3, 3))
    assert pairs.tolist() == [1, 2, 5]


@pytest.mark.usefixtures("shapes_unchecked")
def test_bad_features_are_refused() -> None:
    with pytest.raises(ValueError, match="row 1 is zero"):
        similarities(torch.tensor([[1.0, 0], [0, 0]]))
    with pytest.raises(ValueError, match="NaN or infinity"):
        similarities(torch.tensor([[1.0, math.inf]]))
    with pytest.raises(ValueError, match=r"features: got shape \(3,\)"):
        similarities(torch.rand(3))
    for shape in ((3, 2), (1, 1)):
        with pytest.raises(ValueError, match="matrix: got shape"):
            upper_triangle(torch.rand(shape))


def test_pictures_are_there_and_pieces_are_of_them() -> None:
    every = pictures()
    assert list(every) == ["photograph", "drawing", "scan"]
    for picture in every.values():
        assert picture.shape[0] == 3
        assert 0 <= picture.min() < picture.max() <= 1
    pieces, names = crops(7, size=16, seed=1)
    assert pieces.shape == (7, 3, 16, 16)
    assert names == [*every, *every, "photograph"]
    assert torch.equal(pieces, crops(7, size=16, seed=1)[0])
    assert 0 <= pieces.min() < pieces.max() <= 1.001
