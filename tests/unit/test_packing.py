"""Results survive the way to JSON and back: every bit, dtype and shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from unrolled.packing import NotKept, pack, pack_fields, unpack, unpack_fields

DTYPES = ("float64", "float32", "float16", "int64", "int8", "uint64", "bool", "complex128")
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(np.dtype(dtype), arrays.array_shapes(min_dims=0, min_side=0))
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


def through(value: Any) -> Any:
    return unpack(json.loads(json.dumps(pack(value))))


@given(ARRAYS)
def test_arrays(array: np.ndarray) -> None:
    found = through(array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found, array)
    if array.dtype.kind == "f":
        numbers = ~np.isnan(array)  # -0.0 stays; the sign of a NaN means nothing
        np.testing.assert_array_equal(np.signbit(found)[numbers], np.signbit(array)[numbers])


@given(st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4).map(tuple)))
def test_numbers_texts_and_tuples(value: Any) -> None:
    found = through(value)
    assert repr(found) == repr(value)
    assert type(found) is type(value)


def test_other_orders_in_memory_and_of_bytes() -> None:
    array = np.arange(6.0).reshape(2, 3)
    for given_array in (array.T, array[:, ::2], array.astype(">f8")):
        np.testing.assert_array_equal(through(given_array), given_array)
    assert through(np.float64(0.1)) == 0.1
    assert through(np.int32(7)) == 7


@dataclass(frozen=True, eq=False)
class Result:
    seeds: tuple[int, ...]
    network: object
    loss: Any


def test_what_is_not_kept_says_so() -> None:
    result = Result((0, 1), {1: 2}, np.array(["a"]))
    found = unpack_fields(Result, json.loads(json.dumps(pack_fields(result))))
    assert found.seeds == (0, 1)
    assert found.network == NotKept("dict")
    assert found.loss == NotKept("ndarray")
    assert pack(found.network) == {"not kept": "dict"}
    with pytest.raises(AttributeError, match=r"parameters: a dict is not kept"):
        found.network.parameters()


def test_other_fields_and_other_data() -> None:
    packed = pack_fields(Result((0,), None, 1.5))
    del packed["loss"]
    with pytest.raises(ValueError, match="Result: the fields differ in loss"):
        unpack_fields(Result, packed)
    with pytest.raises(ValueError, match="expected an array"):
        unpack({"dtype": "float64"})
