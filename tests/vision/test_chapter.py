"""The chapter in its own environment: every block runs, none is left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from sitekit.blocks import find_blocks
from sitekit.execute import Executor
from sitekit.jobs import Page
from unrolled.vision import build
from unrolled.vision.weights import MODELS, weights_file

ROOT = Path(__file__).parents[2]
PAGE = "docs/chapters/previous-episode.md"
NEEDY = {"detector", "twice", "alike", "alike-figure"}


def run(monkeypatch: pytest.MonkeyPatch, scratch: Path, home: Path) -> dict[str, str]:
    """Execute the page with this Python, from no cache; return what each block printed."""
    monkeypatch.setenv("UNROLLED_CACHE", str(scratch))
    monkeypatch.setenv("TORCH_HOME", str(home))
    path = ROOT / PAGE
    assert path.read_text("utf-8").startswith("---\nenvironment: vision\n---\n")
    blocks, problems = find_blocks(path.read_text("utf-8"), PAGE)
    assert problems == []
    assert {block.id for block in blocks if block.needs == "torchvision"} == NEEDY
    name = "chapters/previous-episode.md"
    page = Page(name, "previous-episode", PAGE, tuple(blocks))
    done = Executor(ROOT, ROOT / "code", "").execute([page])
    assert [str(problem) for problem in done.problems] == []
    assert done.missing == done.left_out == {}
    yielded = done.outcomes[name]["blocks"]
    assert list(yielded) == [block.id for block in blocks]
    return {
        id: "".join(output.get("text", "") for output in block["outputs"])
        for id, block in yielded.items()
    }


def test_this_is_the_environment_of_the_chapter() -> None:
    assert Path(sys.prefix).resolve() == (ROOT / ".venv-vision").resolve(), (
        "the pages are executed by .venv-vision: run this with `make test-vision`"
    )


@pytest.mark.slow
def test_the_chapter_runs_with_random_weights_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    printed = run(monkeypatch, tmp_path / "cache", tmp_path / "no-weights")
    for id in ("detector", "alike"):
        assert "RANDOM WEIGHTS: nothing was learned" in printed[id]
    assert "(100, 512) (100, 2048) 4950 pairs" in printed["alike"]


@pytest.mark.slow
def test_the_chapter_runs_with_weights_from_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Files of the right shape under the right names: what they hold was not learned either."""
    from torchvision.models import get_model_weights

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UNROLLED_SCALE", "smoke")
    for name in MODELS:
        file = weights_file(get_model_weights(name).DEFAULT.url)
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.save(build(name, seed=5).model.state_dict(), file)
    printed = run(monkeypatch, tmp_path / "cache", tmp_path / "home")
    assert "pretrained: FasterRCNN_ResNet50_FPN_V2_Weights.COCO_V1" in printed["detector"]
    assert "pretrained: ResNet18_Weights.IMAGENET1K_V1" in printed["alike"]
