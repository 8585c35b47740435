"""Read the arguments of an experiment from the words of a command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from unrolled import validate, validate_kinds
from unrolled.grid.cells import Grid, grid, write
from unrolled.grid.describe import Experiment, Parameter, describe
from unrolled.settings import Scale


def read(experiment: str, given: dict[str, list[str]], split: Sequence[str], scale: str) -> Grid:
    """Return the grid that the words ask for.

    A sequence takes all its values; another parameter with several values becomes an axis.

    Args:
        given: By parameter; what is left out stays at its default.
        split: Names, `none` alone for whole calls, or nothing for the experiment's own choice.
        scale: Empty for what `UNROLLED_SCALE` says.

    Raises:
        TypeError: Not texts by parameter.
        ValueError: The message begins with the parameter's name.
    """
    described = describe(experiment)
    validate_kinds.instance("given", given, dict)
    for name in given.keys() - {each.name for each in described.parameters}:
        raise ValueError(f"given: {experiment} has no parameter {name!r}")
    validate_kinds.sequence("split", split)
    validate_kinds.text("scale", scale)
    axes: dict[str, tuple[Any, ...]] = {}
    fixed: dict[str, Any] = {}
    for parameter in described.parameters:
        if not (texts := given.get(parameter.name)):
            continue
        values = values_of(parameter, texts)
        if parameter.many:
            fixed[parameter.name] = values
        elif len(values) > 1:
            axes[parameter.name] = values
        else:
            fixed[parameter.name] = values[0]
    fixed = {name: fixed[name] for name in fixed if fixed[name] != _default(described, name)}
    wanted = None if not split else () if tuple(split) == ("none",) else tuple(split)
    level: Scale | None = None
    if scale:
        level = validate.choice("scale", scale, ("smoke", "site", "full"))  # type: ignore[assignment]
    return grid(experiment, split=wanted, axes=axes, scale=level, **fixed)


def values_of(parameter: Parameter, texts: Sequence[str]) -> tuple[Any, ...]:
    """Return the values in texts such as `1,2`, `0..4` or `30x5,60x5`.

    Raises:
        TypeError: Not a list of texts.
        ValueError: One cannot be read, or is there twice.
    """
    validate_kinds.instance("parameter", parameter, Parameter)
    for text in validate_kinds.sequence(parameter.name, texts):
        validate_kinds.text(parameter.name, text)
    values: list[Any] = []
    for word in (word.strip() for text in texts for word in text.split(",")):
        if parameter.optional and word == "none":
            values.append(None)
        elif parameter.many and parameter.kind == "int" and ".." in word:
            first, _, last = word.partition("..")
            values += range(_read(parameter, first), _read(parameter, last) + 1)
        else:
            values.append(_read(parameter, word))
    for value in values:
        _check(parameter, value)
    if len({*values}) < len(values) or not values:
        twice = write(tuple(values))
        raise ValueError(f"{parameter.name}: got {twice!r}, expected values that differ")
    return tuple(values)


def _check(parameter: Parameter, value: Any) -> None:
    """Refuse what no experiment can mean: counts below 1, and floats that are not finite."""
    may_be_none = parameter.name == "seeds" or parameter.default == 0
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int):
            validate.size(parameter.name, each, least=0 if may_be_none else 1)
        elif isinstance(each, float):
            validate.number(parameter.name, each)


def _pair(word: str) -> tuple[int, int]:
    first, _, second = word.partition("x")
    return int(first), int(second)


def _word(word: str) -> str:
    if not word:
        raise ValueError(word)
    return word


READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "int": (int, "an integer"),
    "float": (float, "a number"),
    "str": (_word, "a word"),
    "dtype": (_word, "a dtype"),
    "pair": (_pair, "two integers, such as 30x5"),
}
"""How each kind is read, and what to call it."""


def _read(parameter: Parameter, word: str) -> Any:
    reader, expected = READERS[parameter.kind]
    try:
        return reader(word)
    except ValueError:
        raise ValueError(f"{parameter.name}: got {word!r}, expected {expected}") from None


def _default(described: Experiment, name: str) -> Any:
    return next(each.default for each in described.parameters if each.name == name)
