"""What the experiments are called, take and return, read from their text.

Importing them would import PyTorch, which takes seconds; a list and a help text should not.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from unrolled import experiments, validate_kinds
from unrolled.grid.helps import help_for

FOLDER = Path(experiments.__file__).parent
KINDS = {
    "int": "int",
    "float": "float",
    "str": "str",
    "tuple[int, int]": "pair",
    "DTypeLike": "dtype",
}
"""Annotations of the parameters that can be written on a command line."""


@dataclass(frozen=True)
class Parameter:
    """One argument of an experiment.

    Attributes:
        kind: One of the values of `KINDS`; empty for what cannot be written on a command line.
        many: Whether it is a sequence of that kind.
        optional: Whether it may be None.
    """

    name: str
    kind: str
    many: bool
    optional: bool
    default: Any
    help: str


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes:
        scaled: Whether it has a parameter `scale`, which is not among the others.
        result: The name of the class it returns.
        axes: The fields of that class; for an array the names of its axes, for a tuple its own.
        splits: Parameters by which a call can be split into calls with one element each.
        split: Those by which it is unless told otherwise.
    """

    name: str
    module: str
    summary: str
    parameters: tuple[Parameter, ...]
    scaled: bool
    result: str
    axes: dict[str, tuple[str, ...]]
    splits: tuple[str, ...]
    split: tuple[str, ...]

    @property
    def timed(self) -> bool:
        """Whether it measures times, so that nothing else should run meanwhile."""
        return "seconds" in self.axes


def names() -> tuple[str, ...]:
    """Return the names of all experiments."""
    return tuple(sorted(experiments.__all__))


def describe(name: str) -> Experiment:
    """Return what there is to know of an experiment.

    Raises:
        TypeError: Not a text.
        ValueError: There is none of this name; the message says which are similar.
    """
    return _described(validate_kinds.text("experiment", name))


@cache
def _described(name: str) -> Experiment:
    if name not in experiments.__all__:
        near = difflib.get_close_matches(name, experiments.__all__, 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`experiments` lists them"
        raise ValueError(f"experiment: there is no {name!r}; {hint}")
    module = experiments._MODULES[name]
    body = ast.parse((FOLDER / f"{module}.py").read_bytes()).body
    function = next(n for n in body if isinstance(n, ast.FunctionDef) and n.name == name)
    constants = {
        node.targets[0].id: node.value
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    result = ast.unparse(function.returns) if function.returns else ""
    axes = _axes(next(n for n in body if isinstance(n, ast.ClassDef) and n.name == result))
    docstring = ast.get_docstring(function) or ""
    given = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    every = [_parameter(arg, default, constants, docstring) for arg, default in given]
    parameters = tuple(each for each in every if each.name != "scale")
    splits = _splits(parameters, axes, constants)
    wanted = _constant(constants, "SPLIT", "seeds")
    split = (wanted,) if wanted in splits else ()
    summary = docstring.partition("\n\n")[0].replace("\n", " ")
    scaled = len(every) > len(parameters)
    return Experiment(
        name, f"unrolled.experiments.{module}", summary, parameters, scaled, result, axes, splits,
        split,
    )  # fmt: skip


def _splits(
    parameters: tuple[Parameter, ...], axes: dict[str, tuple[str, ...]], constants: dict[str, Any]
) -> tuple[str, ...]:
    """Return the sequences that are axes of the result, and that can be taken apart."""
    if _constant(constants, "SPLIT", "seeds") is None:
        return ()
    together = _constant(constants, "WHOLE", ())
    known = {axis for named in axes.values() for axis in named}
    listed = [each.name for each in parameters if each.many and each.name in known & axes.keys()]
    return tuple(name for name in listed if name not in together)


def _axes(cls: ast.ClassDef) -> dict[str, tuple[str, ...]]:
    """Return the axes of each field: `Float[np.ndarray, "seeds lags"]` has two."""
    found: dict[str, tuple[str, ...]] = {}
    for node in cls.body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        name, kind = node.target.id, node.annotation
        found[name] = ()
        if isinstance(kind, ast.Subscript) and isinstance(kind.slice, ast.Tuple):
            last = kind.slice.elts[-1]
            if isinstance(last, ast.Constant) and isinstance(last.value, str):
                found[name] = tuple(last.value.split())
            elif isinstance(last, ast.Constant) and last.value is Ellipsis:
                found[name] = (name,)
    return found


def _parameter(
    arg: ast.arg, default: ast.expr | None, constants: dict[str, Any], docstring: str
) -> Parameter:
    kind = ast.unparse(arg.annotation) if arg.annotation else ""
    optional = kind.endswith(" | None")
    kind = kind.removesuffix(" | None")
    many = kind.startswith("Sequence[")
    kind = KINDS.get(kind.removeprefix("Sequence[").removesuffix("]" * many), "")
    help = help_for(arg.arg, docstring)
    return Parameter(arg.arg, kind, many, optional, _value(default, constants), help)


def _value(node: ast.expr | None, constants: dict[str, Any]) -> Any:
    """Return what an expression says: a literal, a constant of the module, or its keys."""
    match node:
        case ast.Name(id=name):
            return _value(constants[name], constants)
        case ast.Call(func=ast.Name(id="tuple"), args=[ast.Name(id=name)]):
            return tuple(ast.literal_eval(key) for key in constants[name].keys)
        case ast.Attribute(value=ast.Name(id="np"), attr=dtype):
            return dtype
        case None:
            raise ValueError("default: expected one for every parameter of an experiment")
    return ast.literal_eval(node)


def _constant(constants: dict[str, Any], name: str, default: Any) -> Any:
    return ast.literal_eval(constants[name]) if name in constants else default
