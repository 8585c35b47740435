"""Which modules of its package a module can import, read from their text alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from unrolled import validate_kinds

ROOT = Path(__file__).resolve().parents[1]
Names = set[str]


def reach(module: str, *, root: Path = ROOT) -> dict[str, Path]:
    """Return the files of `module` and of all modules of its package that it can import, by name.

    Imports within functions count. What a package loads lazily, by `__getattr__`, counts when
    its name is imported; all of it does when the package itself is, or when a module is
    imported under a computed name.

    Raises:
        ModuleNotFoundError: There is no such module below `root`.
        TypeError: Not a name and a folder.
    """
    validate_kinds.text("module", module)
    validate_kinds.instance("root", root, Path)
    if _file(module, root) is None:
        raise ModuleNotFoundError(f"module: there is no {module} in {root}")
    package = module.partition(".")[0]
    found: dict[str, Path] = {}
    pending = [module]
    while pending:
        name = pending.pop()
        file = _file(name, root)
        if name in found or file is None:
            continue
        found[name] = file
        pending.append(name.rpartition(".")[0])  # importing a.b runs a first
        pending += _imports(name, file, root, package)
    return found


@lru_cache(maxsize=512)
def parse(source: bytes) -> ast.Module:
    """Return the syntax tree of a text, one that is not to be changed."""
    return ast.parse(source)


def _imports(name: str, file: Path, root: Path, package: str) -> Names:
    """Return the modules of the package that a file imports, lazily or at once."""
    base = name if file.name == "__init__.py" else name.rpartition(".")[0]
    names: Names = set()
    for node in _running(parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names.add(alias.name)
                # `import a.b` binds a, through which all that a loads lazily can be had.
                names |= _everything_lazy(alias.name, root)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(node, base)
            names.add(source)
            for alias in node.names:
                names |= _from(source, alias.name, root)
        elif _computes_a_name(node) and not is_lazy(file):
            names |= _below(package, root)
    return {each for each in names if each.partition(".")[0] == package}


def _from(source: str, name: str, root: Path) -> Names:
    """Return what `from source import name` may load beside `source` itself."""
    whole = f"{source}.{name}"
    if _file(whole, root) is not None:
        return {whole} | _everything_lazy(whole, root)
    file = _file(source, root)
    if file is None or not is_lazy(file):
        return set()
    table = _table(file)
    return {f"{source}.{table[name]}"} if name in table else _below(source, root)


def _everything_lazy(module: str, root: Path) -> Names:
    """Return all below the packages on the way to `module` that load lazily."""
    parts = module.split(".")
    packages = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    names: Names = set()
    for package in packages:
        file = _file(package, root)
        if file is not None and is_lazy(file):
            names |= _below(package, root)
    return names


def _below(package: str, root: Path) -> Names:
    folder = root.joinpath(*package.split("."))
    files = (file.relative_to(root).with_suffix("").parts for file in folder.rglob("*.py"))
    return {".".join(parts).removesuffix(".__init__") for parts in files}


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those that only type checkers see."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            pending += node.orelse
            continue
        yield node
        pending += ast.iter_child_nodes(node)


def only_checked(node: ast.stmt) -> bool:
    """Say whether a statement runs nothing but is for type checkers."""
    return isinstance(node, ast.If) and _is_type_checking(node.test) and not node.orelse


def _is_type_checking(test: ast.expr) -> bool:
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))


def _computes_a_name(node: ast.AST) -> bool:
    """Say whether a node loads a module under a name that is not written there."""
    if not isinstance(node, ast.Call):
        return False
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return called in {"import_module", "__import__"}


def is_lazy(file: Path) -> bool:
    """Say whether a module has a `__getattr__` of its own."""
    body = parse(file.read_bytes()).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in body)


def _table(file: Path) -> dict[str, str]:
    """Return the names a package loads lazily, with the modules below it that have them."""
    table: dict[str, str] = {}
    for node in parse(file.read_bytes()).body:
        if is_table(node):
            table |= ast.literal_eval(node.value)  # type: ignore[attr-defined]
    return table


def is_table(node: ast.stmt) -> bool:
    """Say whether a statement names a dictionary written out as text to text."""
    if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)):
        return False
    words = [*node.value.keys, *node.value.values]
    return all(isinstance(word, ast.Constant) and isinstance(word.value, str) for word in words)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _file(module: str, root: Path) -> Path | None:
    path = root.joinpath(*module.split("."))
    for file in (path / "__init__.py", path.with_name(f"{path.name}.py")):
        if module and file.is_file():
            return file
    return None
