"""Weights: random ones that say so, and pretrained ones from a local file."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torchvision.models import get_model, get_model_weights

from unrolled.vision import build, image_features
from unrolled.vision.weights import DETECTOR, weights_file


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for weights, and no network."""

    def offline(*_: object, **__: object) -> None:
        raise URLError("no network in a test")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", offline)
    return tmp_path


def file_of(name: str) -> Path:
    file = weights_file(get_model_weights(name).DEFAULT.url)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def test_random_weights_say_so_and_are_those_of_their_seed() -> None:
    before = torch.random.get_rng_state()
    first, again, other = (build("resnet18", seed=seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert not first.pretrained
    assert first.notice == "RANDOM WEIGHTS: nothing was learned"
    assert not first.model.training
    weights = [built.model.fc.weight for built in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_local_file_is_used_through_torchvisions_own_way(home: Path) -> None:
    torch.manual_seed(7)
    known = get_model("resnet18", weights=None).eval()
    file = file_of("resnet18")
    assert file.is_relative_to(home)
    torch.save(known.state_dict(), file)
    built = build("resnet18", seed=1)
    assert built.pretrained
    assert built.notice == "pretrained: ResNet18_Weights.IMAGENET1K_V1"
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(image_features(built.model, images), image_features(known, images))


def test_a_detector_takes_its_file_and_its_options(home: Path) -> None:
    torch.manual_seed(7)
    known = get_model(DETECTOR, weights=None, weights_backbone=None)
    torch.save(known.state_dict(), file_of(DETECTOR))
    built = build(DETECTOR, box_nms_thresh=0.9)
    assert built.pretrained
    assert built.model.roi_heads.nms_thresh == 0.9
    assert torch.equal(built.model.rpn.head.cls_logits.weight, known.rpn.head.cls_logits.weight)


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_named(content: bytes) -> None:
    file_of("resnet18").write_bytes(content)
    with pytest.raises(ValueError, match=r"resnet18-.*\.pth: does not hold .*; delete it"):
        build("resnet18")


def test_weights_of_another_model_are_refused() -> None:
    torch.save({"fc.weight": torch.zeros(3)}, file_of("resnet18"))
    with pytest.raises(ValueError, match="does not hold ResNet18_Weights"):
        build("resnet18")


def test_without_a_network_the_error_says_where_the_file_belongs() -> None:
    with pytest.raises(ConnectionError, match=r"cannot fetch https.*; put it at .*resnet18-"):
        build("resnet18", download=True)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ValueError, match="torchvision has no model 'resnet17'"):
        build("resnet17")


@pytest.mark.parametrize(("name", "width"), [("resnet18", 512), ("resnet50", 2048)])
def test_features_are_what_is_left_without_the_last_layer(name: str, width: int) -> None:
    built = build(name)
    images = torch.rand(3, 3, 48, 48)
    rows = image_features(built.model, images, batch=2)
    assert rows.shape == (3, width)
    built.model.fc = torch.nn.Identity()
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    normal = (images - torch.tensor(mean)[:, None, None]) / torch.tensor(deviation)[:, None, None]
    with torch.no_grad():
        torch.testing.assert_close(rows, built.model(normal), rtol=1e-4, atol=1e-4)
