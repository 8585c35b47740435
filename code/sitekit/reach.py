"""Which files of the project a piece of Python can reach by importing, read from its text.

Imports inside functions count, so do those of imported modules, and theirs. What is
imported under a computed name cannot be seen here; the worker reports it after the run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path


def reach(sources: Iterable[str], roots: tuple[Path, ...]) -> set[Path]:
    """Return every module below `roots` that the sources can import, with its data files.

    Args:
        sources: Python texts; one that does not parse reaches nothing.
        roots: Folders on the import path that belong to the project.
    """
    found: set[Path] = set()
    pending = [name for source in sources for name in imported_names(source, "")]
    seen: set[str] = set()
    ours = {entry.stem for root in roots if root.is_dir() for entry in root.iterdir()}
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.partition(".")[0] not in ours:
            continue
        for path, package in _files(name, roots):
            if path in found:
                continue
            found.add(path)
            pending += imported_names(path.read_text("utf-8", "replace"), package)
    data = {data for folder in {path.parent for path in found} for data in _data_in(folder)}
    return found | data


@cache
def parse(source: str) -> ast.Module:
    """Return the syntax tree of a text; every build clears this memory when it starts."""
    return ast.parse(source)


@lru_cache(maxsize=512)
def imported_names(source: str, package: str) -> tuple[str, ...]:
    """Return the dotted names a text imports, relative ones made absolute in `package`."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError):
        return ()
    names: list[str] = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            pending += node.orelse
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
        pending += (
            child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)
        )
    return tuple(names)


def _is_type_checking(test: ast.expr) -> bool:
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _files(name: str, roots: tuple[Path, ...]) -> list[tuple[Path, str]]:
    """Return the files loaded on the way to a dotted name, each with its package."""
    files: list[tuple[Path, str]] = []
    parts = name.split(".")
    for root in roots:
        for depth in range(1, len(parts) + 1):
            here = root.joinpath(*parts[:depth])
            dotted = ".".join(parts[:depth])
            if (here / "__init__.py").is_file():
                files.append((here / "__init__.py", dotted))
            if here.with_name(here.name + ".py").is_file():
                files.append((here.with_name(here.name + ".py"), dotted.rpartition(".")[0]))
    return files


def _data_in(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.suffix != ".py" and file.is_file()]
