"""The exported file computes what PyTorch computes, and is as small as it must be."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from unrolled.data.tiny_text import held_out_text, lanes
from unrolled.onnx_export import Stepper, save
from unrolled.quantise import rounded
from unrolled.tiny import TinyChar, matrices, with_matrices


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return matrices(TinyChar(161))


def test_file_is_within_the_budget(weights: dict[str, np.ndarray], tmp_path: Path) -> None:
    path = tmp_path / "tiny.onnx"
    size = save(weights, path)
    assert size == path.stat().st_size
    matrices_alone = 65 * 161 + 161 * 161 + 161 * 65
    assert matrices_alone + 4 * (2 * (161 + 161 + 65) - 161) < size <= 50_000


def test_same_logits(weights: dict[str, np.ndarray], tmp_path: Path) -> None:
    save(weights, tmp_path / "tiny.onnx")
    pieces = lanes(held_out_text(), 30)[:4]
    outside = Stepper(tmp_path / "tiny.onnx", batch=4).read(pieces)
    with torch.inference_mode():
        inside = with_matrices(rounded(weights))(torch.from_numpy(pieces)).numpy()
    assert outside.shape == (4, 30, 65)
    np.testing.assert_allclose(outside, inside, rtol=0, atol=1e-5)


def test_the_state_is_carried(weights: dict[str, np.ndarray], tmp_path: Path) -> None:
    save(weights, tmp_path / "tiny.onnx")
    pieces = lanes(held_out_text(), 20)[:1]
    whole = Stepper(tmp_path / "tiny.onnx").read(pieces)
    step = Stepper(tmp_path / "tiny.onnx")
    parts = np.concatenate([step.read(pieces[:, :7]), step.read(pieces[:, 7:])], axis=1)
    np.testing.assert_array_equal(parts, whole)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected one that save wrote"):
        Stepper(tmp_path / "missing.onnx")


def test_a_missing_package_is_named(
    weights: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tiny.onnx"
    save(weights, path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r"pip install onnx$"):
        save(weights, path)
    with pytest.raises(ImportError, match="pip install onnxruntime"):
        Stepper(path)
