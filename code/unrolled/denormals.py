"""Numbers too small to be normal, which some processors compute with many times more slowly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

TINY = float(np.finfo(np.float32).tiny)
"""The smallest normal float32; what is smaller and not zero is denormal."""


def flushes_denormals() -> bool:
    """Return whether this thread takes denormal numbers for zero."""
    return bool(np.array([TINY], np.float32) / np.float32(4) == 0)


@contextmanager
def flushed() -> Iterator[bool]:
    """Take denormal numbers for zero meanwhile, in this thread, where the processor can do that.

    A mode of the processor, which NumPy obeys as well; afterwards it is what it was before.
    Yields whether it can.
    """
    import torch

    before = flushes_denormals()
    try:
        yield torch.set_flush_denormal(True)
    finally:
        torch.set_flush_denormal(before)
