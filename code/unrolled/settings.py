"""What the reader or the build may choose from outside: scale, device, data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, cast, get_args

Scale = Literal["smoke", "site", "full"]
"""How much work experiments do: tests, the published site, an evening on a GPU."""

Device = Literal["cpu", "cuda", "mps"]


def scale() -> Scale:
    """Return the scale named by `UNROLLED_SCALE`, `site` when it is unset.

    Raises:
        ValueError: The variable holds another word; set it to one of the three.
    """
    return cast(Scale, _choice("UNROLLED_SCALE", "site", get_args(Scale)))


def device() -> Device:
    """Return the device named by `UNROLLED_DEVICE`; `auto` takes the best one PyTorch sees.

    Raises:
        ValueError: The variable holds another word.
        RuntimeError: The named device is not available to PyTorch on this machine.
    """
    import torch

    wanted = _choice("UNROLLED_DEVICE", "auto", ("auto", *get_args(Device)))
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        wanted = next(name for name, usable in available.items() if usable)
    if not available[wanted]:
        usable = ", ".join(name for name, found in available.items() if found)
        raise RuntimeError(f"UNROLLED_DEVICE={wanted}, but PyTorch sees only: {usable}")
    return cast(Device, wanted)


def data_dir() -> Path:
    """Return the folder for downloaded corpora, `UNROLLED_DATA` or the user's cache folder."""
    if chosen := os.environ.get("UNROLLED_DATA"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "unrolled"


def cache_dir() -> Path:
    """Return the folder for results that can be computed again, `UNROLLED_CACHE` or `.cache`."""
    return Path(os.environ.get("UNROLLED_CACHE") or ".cache")


def _choice(variable: str, default: str, allowed: tuple[str, ...]) -> str:
    chosen = os.environ.get(variable) or default
    if chosen not in allowed:
        raise ValueError(f"{variable}={chosen!r}: expected one of {', '.join(allowed)}")
    return chosen
