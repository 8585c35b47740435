"""Are two results the same, and did a call leave its arguments as they were?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


def assert_same(got: Any, expected: Any, *, tolerance: float) -> None:
    """Compare what functions return: arrays within rounding, all else exactly."""
    if isinstance(expected, torch.Tensor):
        got, expected = got.detach().numpy(), expected.detach().numpy()
    if isinstance(expected, np.ndarray | float):
        assert np.shape(got) == np.shape(expected)
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)
    elif isinstance(expected, Mapping):
        assert got.keys() == expected.keys()
        for name in expected:
            assert_same(got[name], expected[name], tolerance=tolerance)
    elif isinstance(expected, list | tuple):
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_same(one, other, tolerance=tolerance)
    elif dataclasses.is_dataclass(expected):
        for each in dataclasses.fields(expected):
            values = (getattr(result, each.name) for result in (got, expected))
            assert_same(*values, tolerance=tolerance)
    else:
        assert got == expected


def has_nan(result: Any) -> bool:
    if isinstance(result, torch.Tensor):
        return bool(result.isnan().any())
    if isinstance(result, np.ndarray | float):
        return bool(np.isnan(result).any())
    if isinstance(result, Mapping):
        return any(map(has_nan, result.values()))
    return isinstance(result, list | tuple) and any(map(has_nan, result))


def frozen(value: Any) -> Any:
    """What can be compared with a later one: the bytes of arrays, by name."""
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Mapping):
        return {name: frozen(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [frozen(each) for each in value]
    return value if isinstance(value, str | int | float) else None
