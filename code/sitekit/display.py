"""Show the source of something in the project's packages, read from its file."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

from sitekit.reach import parse


def source_of(name: str, roots: tuple[Path, ...]) -> tuple[str, Path, int]:
    """Return source text, file and first line of `module:qualname`; `module:` is the whole file.

    Raises:
        ValueError: There is no such module below the roots, or no such name in it.
    """
    module, colon, qualname = name.partition(":")
    if not colon:
        raise ValueError(f"display: got {name!r}, expected 'module:name'")
    file = _file(module, roots)
    text = file.read_text("utf-8")
    if not qualname:
        return text.rstrip(), file, 1
    node: ast.AST = parse(text)
    for part in qualname.split("."):
        node = _member(node, part, name)
    assert isinstance(node, ast.stmt)
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    lines = text.splitlines()[first - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines)), file, first


def _file(module: str, roots: tuple[Path, ...]) -> Path:
    for root in roots:
        here = root.joinpath(*module.split("."))
        for file in (here / "__init__.py", here.with_name(here.name + ".py")):
            if file.is_file():
                return file
    raise ValueError(f"display: there is no module {module!r} in the project")


def _member(node: ast.AST, part: str, name: str) -> ast.AST:
    body: list[ast.stmt] = getattr(node, "body", [])
    for child in body:
        named = [getattr(child, "name", None)]
        if isinstance(child, ast.Assign):
            named = [ast.unparse(target) for target in child.targets]
        elif isinstance(child, ast.AnnAssign):
            named = [ast.unparse(child.target)]
        if part in named:
            return child
    raise ValueError(f"display: {name!r} has no {part!r}")
