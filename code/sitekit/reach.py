"""Which files of the project a piece of Python can reach by importing, read from its text.

Imports inside functions count, so do those of imported modules, and theirs. What is
imported under a computed name cannot be seen here; the worker reports it after the run.
"""

from __future__ import annotations

import ast
import os
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path


class Modules:
    """The modules and data files below the project's import folders, as they are on disk now.

    Args:
        roots: Folders on the import path that belong to the project.
    """

    def __init__(self, roots: Iterable[Path]) -> None:
        self.files: dict[str, list[tuple[Path, str]]] = defaultdict(list)
        self.data: dict[Path, list[Path]] = defaultdict(list)
        self.imports: dict[Path, tuple[str, ...]] = {}
        for root in roots:
            for folder, folders, names in os.walk(root):
                folders[:] = [name for name in folders if name.isidentifier()]
                package = ".".join(Path(folder).relative_to(root).parts)
                for name in names:
                    self._add(Path(folder, name), package)

    def reach(self, sources: Iterable[str]) -> set[Path]:
        """Return every module that the sources can import, with the data files beside it.

        A source that does not parse reaches nothing.
        """
        found: set[Path] = set()
        seen: set[str] = set()
        pending = [name for source in sources for name in imported_names(source, "")]
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            pending.append(name.rpartition(".")[0])  # importing a.b.c imports a and a.b
            for path, package in self.files.get(name, ()):
                if path not in found:
                    found.add(path)
                    pending += self._imports(path, package)
        folders = {path.parent for path in found}
        return found.union(*(self.data.get(folder, ()) for folder in folders))

    def _add(self, path: Path, package: str) -> None:
        if path.suffix != ".py":
            self.data[path.parent].append(path)
        elif path.stem == "__init__":
            self.files[package].append((path, package))
        else:
            self.files[f"{package}.{path.stem}".lstrip(".")].append((path, package))

    def text(self, path: Path) -> str:
        """Return what a module says; nothing if it is gone meanwhile."""
        try:
            return path.read_text("utf-8", "replace")
        except OSError:
            return ""

    def _imports(self, path: Path, package: str) -> tuple[str, ...]:
        if path not in self.imports:
            self.imports[path] = imported_names(self.text(path), package)
        return self.imports[path]


@cache
def parse(source: str) -> ast.Module:
    """Return the syntax tree of a text; every build clears this memory when it starts."""
    return ast.parse(source)


@lru_cache(maxsize=8192)  # more than there are: a smaller one would forget each before its turn
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
