"""What an argument may be, what it must not be, and what must make no difference to it.

A kind makes two strategies from a valid value: of bad values, each with a word for what is
wrong, and of harmless ones, which say the same in another form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

Some = st.SearchStrategy[tuple[str, Any]]

JUNK: dict[str, Callable[[], Any]] = {
    "text": lambda: "nonsense",
    "empty text": str,
    "number as text": lambda: "3",
    "bytes": lambda: b"3",
    "object": object,
    "function": lambda: len,
    "class": lambda: int,
    "complex": lambda: 3j,
    "empty list": list,
    "list": lambda: [1, 2],
    "dictionary": lambda: {"a": 1},
    "set": lambda: {1},
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "NumPy's True": lambda: np.True_,
    "array of two": lambda: np.array([1.0, 2.0]),
    "complex of NumPy": lambda: np.complex128(1),
    "date": lambda: np.datetime64("2020-01-01"),
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus infinity": lambda: -float("inf"),
}


def junk(*, without: Iterable[str] = ()) -> Some:
    names = [name for name in JUNK if name not in {*without}]
    return st.sampled_from(names).map(lambda name: (name, JUNK[name]()))


def labelled(label: str, values: st.SearchStrategy[Any]) -> Some:
    return values.map(lambda value: (label, value))


@dataclass(frozen=True)
class Kind:
    """Anything of which nothing is known: only junk is bad."""

    optional: bool = False
    says: tuple[str, ...] = ()
    """Other names that a message may give; what has to fit together can be wrong in both."""
    allows: tuple[str, ...] = ()
    """Words for bad values that this argument takes nevertheless."""

    def accepted(self) -> set[str]:
        return {*self.allows, *(("None",) if self.optional else ())}

    def junk(self) -> dict[str, Callable[[], Any]]:
        """Values of quite another kind, which do not hang on a valid one."""
        return {name: make for name, make in JUNK.items() if name not in self.accepted()}

    def bad(self, valid: Any) -> Some:
        return junk(without=self.accepted())

    def harmless(self, valid: Any) -> Some:
        return st.just(("the same", valid))


@dataclass(frozen=True)
class Size(Kind):
    """An integer with a least value, and perhaps a largest."""

    least: int = 1
    most: int | None = None

    def bad(self, valid: Any) -> Some:
        small = st.integers(max_value=self.least - 1)
        kinds = [
            junk(without=self.accepted()),
            labelled("too small", small),
            labelled("just too small", st.just(self.least - 1)),
            labelled("too small, of NumPy", st.integers(-99, self.least - 1).map(np.int64)),
            labelled("not whole", st.floats()),
            labelled("whole, but a float", st.integers(1, 9).map(float)),
            labelled("float of NumPy", st.integers(1, 9).map(np.float64)),
        ]
        if self.most is not None:
            kinds.append(labelled("too large", st.integers(min_value=self.most + 1)))
        return st.one_of(kinds)

    def harmless(self, valid: Any) -> Some:
        if valid is None:
            return st.just(("the same", None))
        types = [int, np.int64, np.int32, np.uint8]
        return st.sampled_from([(each.__name__, each(valid)) for each in types])


@dataclass(frozen=True)
class Number(Kind):
    """A finite real number."""

    def bad(self, valid: Any) -> Some:
        huge = st.sampled_from([10**400, -(10**400), Fraction(10**400, 3)])
        return st.one_of(junk(without=self.accepted()), labelled("beyond floats", huge))

    def harmless(self, valid: Any) -> Some:
        if valid is None:
            return st.just(("the same", None))
        forms = [float(valid), np.float64(valid), Fraction(valid)]
        return st.sampled_from([(type(each).__name__, each) for each in forms])


@dataclass(frozen=True)
class Positive(Number):
    """A finite number above zero."""

    def bad(self, valid: Any) -> Some:
        return st.one_of(
            super().bad(valid),
            labelled("zero", st.sampled_from([0, 0.0, -0.0, np.float32(0)])),
            labelled("negative", st.floats(max_value=-1e-300, allow_infinity=False)),
            labelled("negative integer", st.integers(-(10**9), -1)),
        )


@dataclass(frozen=True)
class Share(Number):
    """A probability; `open_top` leaves out 1."""

    open_top: bool = False

    def bad(self, valid: Any) -> Some:
        return st.one_of(
            super().bad(valid),
            labelled("below 0", st.floats(max_value=-1e-9)),
            labelled("above 1", st.floats(min_value=1.0 if self.open_top else 1.0 + 1e-9)),
        )


@dataclass(frozen=True)
class Choice(Kind):
    """One of some words."""

    words: tuple[str, ...] = ()

    def bad(self, valid: Any) -> Some:
        word = st.text(max_size=8).filter(lambda text: text not in self.words)
        near = st.sampled_from([*map(str.upper, self.words), *(f"{w} " for w in self.words)])
        return st.one_of(
            junk(without=self.accepted()), labelled("word", word), labelled("near", near)
        )


@dataclass(frozen=True)
class Flag(Kind):
    """True or False."""

    def accepted(self) -> set[str]:
        return super().accepted() | {"True", "False", "NumPy's True"}


@dataclass(frozen=True)
class DType(Kind):
    """NumPy's float32 or float64."""

    def bad(self, valid: Any) -> Some:
        others = [np.float16, np.int64, np.complex64, np.object_, bool, "U3", "nonsense"]
        return st.one_of(
            junk(without=self.accepted()),
            labelled("dtype", st.sampled_from([*others, torch.float32])),
        )


@dataclass(frozen=True)
class Text(Kind):
    """A text; `wrong` are those that will not do."""

    wrong: tuple[str, ...] = ()

    def accepted(self) -> set[str]:
        return super().accepted() | {"text", "empty text", "number as text"}

    def bad(self, valid: Any) -> Some:
        others = junk(without=self.accepted())
        return st.one_of(others, *(labelled("wrong text", st.just(text)) for text in self.wrong))


ARRAY_JUNK = {
    "text": lambda: "nonsense",
    "bytes": lambda: b"3",
    "None": lambda: None,
    "object": object,
    "function": lambda: len,
    "dictionary": lambda: {"a": 1},
    "set": lambda: {1},
    "empty list": list,
    "ragged": lambda: [[1.0, 2.0], [3.0]],
    "scalar": lambda: 1.0,
    "True": lambda: True,
    "needs a gradient": lambda: torch.ones(2, 3, requires_grad=True),
}


@dataclass(frozen=True)
class Array(Kind):
    """Real, finite numbers in some shape.

    Attributes:
        ranks: Numbers of axes that are allowed; by default that of the valid value.
        fixed: Axes that must keep their length; by default all.
        single: Converted to float32, in which 1e300 is infinite.
        finite: Whether NaN must be refused. If not, it must be seen in the result.
        lists: Whether nested lists do as well.
    """

    ranks: tuple[int, ...] = ()
    fixed: tuple[int, ...] | None = None
    single: bool = False
    finite: bool = True
    lists: bool = True

    def bad(self, valid: Any) -> Some:
        kinds = [self._junk(), self._dtypes(valid), self._shapes(valid), self._empty(valid)]
        kinds += [self._values(valid)] if self.finite else []
        return st.one_of(kinds)

    def junk(self) -> dict[str, Callable[[], Any]]:
        return {name: make for name, make in ARRAY_JUNK.items() if name not in self.accepted()}

    def poisoned(self, valid: Any) -> Some:
        return labelled("NaN inside", places(valid).map(lambda at: _with(valid, at, np.nan)))

    def _junk(self) -> Some:
        without = self.accepted()
        names = [name for name in ARRAY_JUNK if name not in without]
        return st.sampled_from(names).map(lambda name: (name, ARRAY_JUNK[name]()))

    def _dtypes(self, valid: np.ndarray) -> Some:
        made = [np.asarray(valid).astype(each) for each in ("complex128", object, "U9", "S9")]
        made += [np.zeros(np.shape(valid), "datetime64[s]"), np.zeros(np.shape(valid), "i4,f4")]
        return st.sampled_from([(f"dtype {array.dtype}", array) for array in made])

    def _shapes(self, valid: np.ndarray) -> Some:
        array = np.asarray(valid)
        made: list[tuple[str, np.ndarray]] = []
        ranks = self.ranks or (array.ndim,)
        if array.ndim + 1 not in ranks:
            made += [("one axis more", array[None]), ("one axis more at the end", array[..., None])]
        if array.ndim - 1 not in ranks and array.ndim:
            made += [("one axis less", array[0])]
        made += [("four axes more", array[None, None, None, None])] * ("rank" not in self.allows)
        for axis in range(array.ndim) if self.fixed is None else self.fixed:
            longer = np.concatenate([array, array.take([0], axis)], axis)
            made += [(f"axis {axis} too long", longer)]
            made += [(f"axis {axis} too short", array.take(range(array.shape[axis] - 1), axis))]
        return st.sampled_from(made) if made else self._junk()

    def _empty(self, valid: np.ndarray) -> Some:
        array = np.asarray(valid)
        if not array.ndim or "empty" in self.allows:
            return self._junk()
        axes = st.integers(0, array.ndim - 1)
        return labelled("empty", axes.map(lambda axis: array.take(range(0), axis)))

    def _values(self, valid: np.ndarray) -> Some:
        poison = [np.nan, np.inf, -np.inf, *([1e300, -1e300] if self.single else [])]
        return st.tuples(places(valid), st.sampled_from(poison)).map(
            lambda drawn: (f"{drawn[1]} inside", _with(valid, drawn[0], drawn[1]))
        )

    def harmless(self, valid: Any) -> Some:
        if valid is None:
            return st.just(("the same", None))
        forms = views(np.asarray(valid))
        if self.lists:
            forms |= {"list": np.asarray(valid).tolist()}
        return st.sampled_from([*forms.items()])


@dataclass(frozen=True)
class Integers(Array):
    """Integers from 0 to below a limit."""

    below: int | None = None

    def _dtypes(self, valid: np.ndarray) -> Some:
        floats = [("float64", valid + 0.5), ("whole, but float64", valid.astype(float))]
        flags = [("bool", valid.astype(bool))]
        return st.one_of(super()._dtypes(valid), st.sampled_from(floats + flags))

    def _values(self, valid: np.ndarray) -> Some:
        wrong = [-1, -(2**40), *([] if self.below is None else [self.below, 2**40])]
        return st.tuples(places(valid), st.sampled_from(wrong)).map(
            lambda drawn: (f"{drawn[1]} inside", _with(valid, drawn[0], drawn[1]))
        )


@dataclass(frozen=True)
class Tensor(Kind):
    """A tensor of one dtype in some shape; NaN must be seen in the result."""

    ranks: tuple[int, ...] = ()
    fixed: tuple[int, ...] | None = None
    dtypes: tuple[torch.dtype, ...] = (torch.float32,)
    below: int | None = None
    """For integers: the limit."""
    read: bool = True
    """Whether the result depends on every number."""

    def bad(self, valid: Any) -> Some:
        plain = Array(allows=self.allows, optional=self.optional)
        kinds = [plain._junk(), self._dtypes(valid)]
        shapes = Array(ranks=self.ranks, fixed=self.fixed, allows=self.allows)
        array = valid.detach().numpy()
        kinds.append(
            st.one_of(shapes._shapes(array), shapes._empty(array)).map(
                lambda made: (
                    (made[0], torch.tensor(made[1])) if isinstance(made[1], np.ndarray) else made
                )
            )
        )
        if self.below is not None:
            inside = Integers(below=self.below)._values(array)
            kinds.append(inside.map(lambda made: (made[0], torch.tensor(made[1]))))
        kinds.append(st.just(("array of NumPy", array.copy())))
        kinds.append(st.just(("nested list", array.tolist())))
        return st.one_of(kinds)

    def junk(self) -> dict[str, Callable[[], Any]]:
        return Array(optional=self.optional, allows=self.allows).junk()

    def poisoned(self, valid: Any) -> Some:
        array = valid.detach().numpy()
        return Array().poisoned(array).map(lambda made: (made[0], torch.tensor(made[1])))

    def _dtypes(self, valid: torch.Tensor) -> Some:
        every = (torch.float16, torch.float32, torch.float64, torch.complex64, torch.int64)
        every += (torch.int16, torch.int32, torch.bool)
        whole = (torch.int32, torch.int16, torch.int64) if self.below is not None else ()
        others = [each for each in every if each not in (*self.dtypes, *whole)]
        return st.sampled_from([(str(each), valid.to(each)) for each in others])

    def harmless(self, valid: Any) -> Some:
        if valid is None:
            return st.just(("the same", None))
        padded = torch.stack([valid, torch.zeros_like(valid)], dim=-1)[..., 0]
        turned = valid.T.contiguous().T if valid.ndim == 2 else padded
        if valid.ndim > 2:
            turned = valid.transpose(0, -1).contiguous().transpose(0, -1)
        forms = {"every second": padded, "turned": turned, "the same": valid.clone()}
        if valid.is_floating_point():
            forms["needs a gradient"] = valid.clone().requires_grad_()
        return st.sampled_from([*forms.items()])


@dataclass(frozen=True)
class Named(Kind):
    """Arrays by name, all of which must be real numbers."""

    names: tuple[str, ...] = ()
    finite: bool = False
    shapes: bool = False
    """Whether each array has the one shape that fits the others."""

    def bad(self, valid: Mapping[str, Any]) -> Some:
        kinds = [
            junk(without=self.accepted()),
            labelled("nothing", st.builds(dict)),
            st.sampled_from([*valid]).flatmap(lambda name: self._one(valid, name)),
        ]
        if self.names:
            missing = st.sampled_from(self.names)
            kinds.append(
                labelled(
                    "one missing", missing.map(lambda n: {k: valid[k] for k in valid if k != n})
                )
            )
        return st.one_of(kinds)

    def _one(self, valid: Mapping[str, Any], name: str) -> Some:
        array = Array()
        kinds = [array._dtypes(valid[name]), st.sampled_from([("None", None), ("text", "x")])]
        kinds += [array._values(valid[name])] if self.finite else []
        kinds += [array._shapes(valid[name])] if self.shapes else []
        return st.one_of(kinds).map(lambda made: (f"{name}: {made[0]}", {**valid, name: made[1]}))

    def harmless(self, valid: Mapping[str, Any]) -> Some:
        each = {
            name: Array(lists=False, single=array.dtype == np.float32).harmless(array)
            for name, array in valid.items()
        }
        return st.fixed_dictionaries(each).map(
            lambda made: (
                ", ".join(f"{name}: {form}" for name, (form, _) in made.items()),
                {name: array for name, (_, array) in made.items()},
            )
        )


@dataclass(frozen=True)
class Things(Kind):
    """A collection of objects; `wrong` are bad ones made by hand, `plain` says if junk is too."""

    wrong: Sequence[tuple[str, Any]] = field(default=())
    plain: bool = True

    def junk(self) -> dict[str, Callable[[], Any]]:
        return super().junk() if self.plain else {}

    def bad(self, valid: Any) -> Some:
        mine = [st.sampled_from(self.wrong)] if self.wrong else []
        return st.one_of(*mine, *([junk(without=self.accepted())] if self.plain else []))


def places(valid: np.ndarray) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*(st.integers(0, length - 1) for length in np.shape(valid)))


def _with(valid: np.ndarray, at: tuple[int, ...], value: float) -> np.ndarray:
    changed = np.array(valid)
    changed[at] = value
    return changed


def views(array: np.ndarray) -> dict[str, np.ndarray]:
    """The same numbers in other places in memory, in other orders, not to be written to."""
    wide = np.repeat(array[..., None], 2, axis=-1)
    wide[..., 1] = 0
    backwards = np.ascontiguousarray(array[..., ::-1])[..., ::-1] if array.ndim else array.copy()
    fixed = array.copy()
    fixed.flags.writeable = False
    forms = {
        "the same": array.copy(),
        "Fortran order": np.asfortranarray(array.copy()),
        "every second": wide[..., 0],
        "negative strides": backwards,
        "read-only": fixed,
        "other order of bytes": array.astype(array.dtype.newbyteorder(">")),
    }
    if array.dtype.kind == "f":
        forms |= {"float32": array.astype(np.float32)}
    if array.dtype.kind == "i":
        forms |= {"int32": array.astype(np.int32), "uint8": array.astype(np.uint8)}
    return forms
