"""One key for all the code that a module can reach within its package.

The key changes with whatever can change what the module does, and not with comments,
docstrings or layout. It is the same under every supported Python.
"""

from __future__ import annotations

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

from unrolled import validate_kinds
from unrolled.reach import ROOT, is_lazy, is_table, only_checked, parse, reach

CODE = {".py", ".pyc", ".pyi", ".typed"}


def key(module: str, *, root: Path = ROOT) -> str:
    """Return a hash of the code of `module` and of all it can reach, data files included.

    Raises:
        ModuleNotFoundError: There is no such module below `root`.
        TypeError: Not a name and a folder.
    """
    validate_kinds.text("module", module)
    validate_kinds.instance("root", root, Path)
    digest = hashlib.sha256()
    for name, file in sorted(reach(module, root=root).items()):
        digest.update(f"{name} {_hash(file.read_bytes(), is_lazy(file))}\n".encode())
        if file.name == "__init__.py":
            for data in _data(file.parent):
                content = hashlib.sha256(data.read_bytes()).hexdigest()
                digest.update(f"{name}/{data.name} {content}\n".encode())
    return digest.hexdigest()


def normal(source: bytes, *, tables: bool = True) -> str:
    """Return what a text does, as a text without comments, docstrings and layout.

    What only type checkers see does nothing.

    Args:
        tables: Count dictionaries of names, and `__all__`. What a package loads lazily by them is
            counted where it is loaded, so that a new entry changes no one else's key.

    Raises:
        TypeError, ValueError: Not the bytes of a Python file.
    """
    validate_kinds.instance("source", source, bytes)
    tables = validate_kinds.flag("tables", tables)
    try:
        body = [node for node in parse(source).body if not only_checked(node)]
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"source: expected the text of a Python file, but {error}") from error
    if not tables:
        body = [node for node in body if not _is_list_of_names(node)]
    return _dump(ast.Module(body, []))


def _is_list_of_names(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return is_table(node) or any(getattr(each, "id", "") == "__all__" for each in targets)


@lru_cache(maxsize=512)
def _hash(source: bytes, lazy: bool) -> str:
    return hashlib.sha256(normal(source, tables=not lazy).encode()).hexdigest()


def _data(folder: Path) -> list[Path]:
    files = (file for file in folder.iterdir() if file.is_file())
    return sorted(file for file in files if file.suffix not in CODE)


def _dump(node: object) -> str:
    """Write a syntax tree the same way under every Python; `ast.dump` does not."""
    if isinstance(node, list):
        return f"[{','.join(map(_dump, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = {name: value for name, value in ast.iter_fields(node) if value not in (None, [])}
    for ignored in ("ctx", "kind", "type_comment"):
        fields.pop(ignored, None)
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        fields["body"] = [each for each in node.body if not _is_text(each)]
    inner = ",".join(f"{name}={_dump(value)}" for name, value in fields.items())
    return f"{type(node).__name__}({inner})"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
