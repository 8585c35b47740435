"""Checkpoints: files that are whole or not there, and that can be loaded without running code."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from unrolled import validate_kinds

FORMAT = "unrolled checkpoint 1"
UNPICKLABLE = (pickle.PicklingError, AttributeError, TypeError)
"""What Python raises of objects that cannot be written, such as a function within another."""


class CheckpointError(RuntimeError):
    """A file is no checkpoint, not a whole one, or one of something else."""


def save(path: Path, kind: str, state: dict[str, Any]) -> None:
    """Write a file that is the old one or the new one, whole, at every moment.

    Args:
        path: Where to. Its folder is made when it is not there.
        kind: A word for what the state is of, which `load` compares.
        state: Tensors, numbers, strings, and lists and dictionaries of them.

    Raises:
        CheckpointError: The disk is full, or the state holds what `load` would refuse.
        TypeError: Not a path, a word and a dictionary.
    """
    _check(path, kind)
    validate_kinds.instance("state", state, dict)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")  # what a killed process left is overwritten
    try:
        with beside.open("wb") as file:
            torch.save({"format": FORMAT, "kind": kind, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())  # first the bytes, then the name
        load(beside, kind)  # what cannot be read must not replace what can
        os.replace(beside, path)
    except (OSError, RuntimeError, *UNPICKLABLE) as error:
        message = f"{path}: could not be written, and the file before it is untouched: {error}"
        raise CheckpointError(message) from error
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def load(path: Path, kind: str) -> dict[str, Any]:
    """Return the state that `save` wrote, on the CPU.

    Raises:
        FileNotFoundError: There is no such file.
        CheckpointError: The file is truncated, damaged, of another program or another kind.
        TypeError: Not a path and a word.
    """
    _check(path, kind)
    expected = f"expected a checkpoint of kind {kind!r}"
    with path.open("rb") as file:
        try:
            if damaged := zipfile.ZipFile(file).testzip():  # PyTorch does not compare checksums
                raise zipfile.BadZipFile(damaged)
            file.seek(0)
            content = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # PyTorch promises no kinds of them
            raise CheckpointError(f"{path}: {_wrong_with(error)}; {expected}") from error
    whole = isinstance(content, dict) and {"format", "kind", "state"} <= content.keys()
    if not whole or content["format"] != FORMAT or not isinstance(content["state"], dict):
        found = type(content).__name__ + _some_keys(content)
        raise CheckpointError(f"{path}: holds other data ({found}); {expected}")
    if content["kind"] != kind:
        raise CheckpointError(f"{path}: is of kind {content['kind']!r}; {expected}")
    state: dict[str, Any] = content["state"]
    return state


def load_weights(path: Path, model: nn.Module) -> None:
    """Load the weights that training wrote to `path` into `model`.

    Raises:
        FileNotFoundError, CheckpointError: As `load`, or the weights are of another model.
        TypeError: Not a path and a network.
    """
    validate_kinds.instance("model", model, nn.Module)
    fit(path, model, load(path, "weights"))


def fit(path: Path, model: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Load weights that came from `path`, or say in which they differ from the model's.

    Raises:
        CheckpointError: A name, a shape or a dtype differs. The model is as it was.
        TypeError: Not a path, a network and a dictionary.
    """
    validate_kinds.instance("path", path, Path)
    validate_kinds.instance("model", model, nn.Module)
    validate_kinds.instance("weights", weights, dict)
    wanted = {name: _looks(tensor) for name, tensor in model.state_dict().items()}
    found = {name: _looks(tensor) for name, tensor in weights.items()}
    differing = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    if differing:
        name = differing[0]
        raise CheckpointError(
            f"{path}: {len(differing)} of {len(wanted)} weights do not fit the model; "
            f"{name!r} is {found.get(name, 'missing')}, expected {wanted.get(name, 'none')}"
        )
    model.load_state_dict(weights)


def _check(path: Path, kind: str) -> None:
    validate_kinds.instance("path", path, Path)
    validate_kinds.text("kind", kind)


def _looks(tensor: object) -> str:
    if not isinstance(tensor, torch.Tensor):
        return f"no tensor but {validate_kinds.short(tensor)}"
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _wrong_with(error: Exception) -> str:
    if isinstance(error, pickle.UnpicklingError):  # and its checksums were right
        return "holds more than tensors and plain data, and could run code if it were loaded"
    return "truncated, damaged, or not a file of torch.save"


def _some_keys(content: object) -> str:
    return f" with {', '.join(map(repr, list(content)[:3]))}" if isinstance(content, dict) else ""


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, too, where the system can do that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
