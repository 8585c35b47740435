"""A checkpoint is whole or not there, and what is no checkpoint is refused by name."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import unrolled
from unrolled import checkpoint
from unrolled.checkpoint import CheckpointError


def weights(seed: int = 0) -> dict[str, torch.Tensor]:
    return {"w": torch.randn(40, 30, generator=torch.Generator().manual_seed(seed))}


class Model(nn.Module):
    def __init__(self, rows: int = 40) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(rows, 30))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.pt"
    state = {"w": weights()["w"], "losses": [0.5, 0.25], "name": "Adam", "step": 3, "none": None}
    checkpoint.save(path, "run", state)
    loaded = checkpoint.load(path, "run")
    assert torch.equal(loaded.pop("w"), state.pop("w"))
    assert loaded == state
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("fails", ["torch.save", "os.fsync", "os.replace"])
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path = tmp_path / "a.pt"
    checkpoint.save(path, "weights", weights(1))
    old = path.read_bytes()

    def no_space(*arguments: Any) -> None:
        if fails == "torch.save":
            arguments[1].write(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fails, no_space)
    with pytest.raises(checkpoint.CheckpointError, match=r"untouched: .*No space"):
        checkpoint.save(path, "weights", weights(2))
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
@pytest.mark.parametrize("dies_in", ["torch.save", "os.fsync", "os.replace"])
def test_a_killed_write_leaves_the_old_file(tmp_path: Path, dies_in: str) -> None:
    path = tmp_path / "a.pt"
    checkpoint.save(path, "weights", weights(1))
    old = path.read_bytes()
    module, name = dies_in.split(".")
    program = f"""
import os, pathlib, signal, sys, torch
from unrolled import checkpoint
def die(*arguments):
    if {name!r} == "save":
        arguments[1].write(b"half a file")
        arguments[1].flush()
    os.kill(os.getpid(), signal.SIGKILL)
{module}.{name} = die
checkpoint.save(pathlib.Path(sys.argv[1]), "weights", {{"w": torch.zeros(40, 30)}})
"""
    environment = os.environ | {"PYTHONPATH": str(Path(unrolled.__file__).parents[1])}
    ended = subprocess.run([sys.executable, "-c", program, str(path)], env=environment)
    assert ended.returncode == -9
    assert path.read_bytes() == old
    checkpoint.save(path, "weights", weights(2))  # what was left lying does not stand in the way
    assert torch.equal(checkpoint.load(path, "weights")["w"], weights(2)["w"])


def test_the_bytes_are_on_the_disk_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def called(*arguments: Any, name: str = name, real: Any = real) -> None:
            calls.append(name)
            real(*arguments)

        monkeypatch.setattr(os, name, called)
    checkpoint.save(tmp_path / "a.pt", "weights", weights())
    assert calls[:2] == ["fsync", "replace"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_truncated(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.pt"
    checkpoint.save(path, "weights", weights())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    message = r"a\.pt: truncated, damaged, or not a file of torch.save; expected .* 'weights'"
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load(path, "weights")


def test_no_damage_goes_unnoticed(tmp_path: Path) -> None:
    """A changed byte is either reported, or is one of those that mean nothing."""
    path = tmp_path / "a.pt"
    checkpoint.save(path, "weights", weights())
    whole, right = path.read_bytes(), weights()["w"]
    rng = random.Random(0)
    reported = 0
    for _ in range(200):
        place = rng.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert torch.equal(checkpoint.load(path, "weights")["w"], right)
        except CheckpointError:
            reported += 1
    assert reported > 150


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("this code ran",)


def test_code_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.pt"
    torch.save({"format": checkpoint.FORMAT, "kind": "run", "state": Evil()}, path)
    with pytest.raises(CheckpointError, match=r"a\.pt: holds more than tensors and plain data"):
        checkpoint.load(path, "run")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (weights(), r"a\.pt: holds other data \(dict with 'w'\); expected"),
        ([1, 2], r"a\.pt: holds other data \(list\)"),
        (torch.zeros(3), r"a\.pt: holds other data \(Tensor\)"),
    ],
)
def test_foreign(tmp_path: Path, content: object, message: str) -> None:
    path = tmp_path / "a.pt"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load(path, "weights")


def test_text_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_text("epoch 3: loss 0.5")
    with pytest.raises(CheckpointError, match=r"not a file of torch\.save"):
        checkpoint.load(path, "weights")


def test_what_cannot_be_written(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a.pt", "run", {"step": 1})
    for held in (lambda: 3, (n for n in range(3))):
        with pytest.raises(CheckpointError, match=r"a\.pt: could not be written, .*untouched"):
            checkpoint.save(tmp_path / "a.pt", "run", {"held": held})
    assert checkpoint.load(tmp_path / "a.pt", "run") == {"step": 1}


@pytest.mark.usefixtures("shapes_unchecked")
def test_weights_that_are_none(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a.pt", "weights", {"w": 3})
    with pytest.raises(CheckpointError, match=r"'w' is no tensor but 3, expected \(40, 30\)"):
        checkpoint.load_weights(tmp_path / "a.pt", Model())


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"a\.pt"):
        checkpoint.load(tmp_path / "a.pt", "weights")


def test_another_kind(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a.pt", "run", {})
    with pytest.raises(CheckpointError, match=r"a\.pt: is of kind 'run'; expected .*'weights'"):
        checkpoint.load_weights(tmp_path / "a.pt", Model())


@pytest.mark.parametrize(
    ("rows", "given", "message"),
    [
        (41, weights(), r"1 of 1 .* 'w' is \(40, 30\) float32, expected \(41, 30\) float32"),
        (40, {"w": weights()["w"].double()}, r"'w' is \(40, 30\) float64, expected .* float32"),
        (40, {}, r"'w' is missing, expected \(40, 30\) float32"),
        (40, weights() | {"b": torch.zeros(2)}, r"'b' is \(2,\) float32, expected none"),
    ],
)
def test_weights_that_do_not_fit(tmp_path: Path, rows: int, given: Any, message: str) -> None:
    model = Model(rows)
    checkpoint.save(tmp_path / "a.pt", "weights", given)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load_weights(tmp_path / "a.pt", model)
    assert not model.w.any()


def test_weights_that_fit(tmp_path: Path) -> None:
    model = Model()
    checkpoint.save(tmp_path / "a.pt", "weights", weights())
    checkpoint.load_weights(tmp_path / "a.pt", model)
    assert torch.equal(model.w, weights()["w"])
