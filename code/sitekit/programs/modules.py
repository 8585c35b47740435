"""The package's modules as text: what each name at their top stands for."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from sitekit.programs.scopes import bound_by
from unrolled.reach import is_lazy, only_checked


@dataclass(frozen=True)
class Symbol:
    """A name at the top of a module of the package."""

    module: str
    name: str


@dataclass(frozen=True)
class External:
    """What an import from elsewhere binds: a module, or a name of it."""

    module: str
    name: str = ""


@dataclass(frozen=True)
class ModuleName:
    """A module of the package, as an object."""

    module: str


Meaning = Symbol | External | ModuleName


@dataclass
class Module:
    """A module of the package.

    Attributes:
        lines: Its text.
        body: Its statements, without imports and what only type checkers see.
        imports: What its imports bind, those within functions, too.
        checked: What it imports for type checkers only.
        order: Modules of the package that it imports when it is imported.
        table: Names that it loads lazily, with the module below it that has each.
    """

    name: str
    lines: list[str]
    body: list[ast.stmt] = field(default_factory=list)
    imports: dict[str, Meaning] = field(default_factory=dict)
    checked: dict[str, External] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    table: dict[str, str] = field(default_factory=dict)


class Library:
    """All modules of a package below a folder."""

    def __init__(self, root: Path, package: str) -> None:
        self.root = root
        self.package = package
        self.module = lru_cache(maxsize=None)(self._module)

    def file(self, name: str) -> Path | None:
        """Return the file of a module; None if there is no such module."""
        path = self.root.joinpath(*name.split("."))
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                return file
        return None

    def owns(self, name: str) -> bool:
        """Say whether a module belongs to the package."""
        return name.partition(".")[0] == self.package

    def has(self, module: str, name: str) -> bool:
        """Say whether a name is bound at the top of a module by its own text."""
        file = self.file(module)
        return file is not None and name in bound_by(_parse(file).body)

    def meanings(self, node: ast.Import | ast.ImportFrom, base: str) -> dict[str, Meaning]:
        """Return what an import binds.

        Args:
            base: The package that relative imports start from.
        """
        found: dict[str, Meaning] = {}
        if isinstance(node, ast.Import):
            for each in node.names:
                whole = each.name if each.asname else each.name.partition(".")[0]
                name = each.asname or whole
                own = self.owns(each.name)
                found[name] = ModuleName(whole) if own else External(each.name)
            return found
        source = node.module or ""
        if node.level:
            parts = base.split(".")[: len(base.split(".")) - node.level + 1]
            source = ".".join([*parts, *([source] if source else [])])
        for each in node.names:
            name = each.asname or each.name
            if not self.owns(source):
                found[name] = External(source, each.name)
            elif self.file(f"{source}.{each.name}") and not self.has(source, each.name):
                found[name] = ModuleName(f"{source}.{each.name}")
            else:
                found[name] = Symbol(source, each.name)
        return found

    def resolve(self, meaning: Meaning) -> Meaning:
        """Return where a symbol is defined, through all that hand it on."""
        while isinstance(meaning, Symbol):
            module = self.module(meaning.module)
            if meaning.name in module.imports:
                meaning = module.imports[meaning.name]
            elif meaning.name in module.table:
                below = f"{meaning.module}.{module.table[meaning.name]}"
                meaning = Symbol(below, meaning.name)
            else:
                return meaning
        return meaning

    def _module(self, name: str) -> Module:
        file = self.file(name)
        if file is None:
            raise ModuleNotFoundError(f"there is no module {name} below {self.root}")
        text = file.read_text("utf-8")
        base = name if file.name == "__init__.py" else name.rpartition(".")[0]
        module = Module(name, text.splitlines())
        for node in ast.parse(text).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                module.imports |= self.meanings(node, base)
                module.order += self._sources(node, base)
            elif only_checked(node):
                for part in ast.walk(node):
                    if isinstance(part, (ast.Import, ast.ImportFrom)):
                        found = self.meanings(part, base)
                        for alias, meaning in found.items():
                            if isinstance(meaning, External):
                                module.checked[alias] = meaning
                            else:
                                module.imports.setdefault(alias, meaning)
            else:
                module.body.append(node)
                for part in ast.walk(node):
                    if isinstance(part, (ast.Import, ast.ImportFrom)):
                        found = self.meanings(part, base)
                        module.imports |= {
                            alias: meaning
                            for alias, meaning in found.items()
                            if not isinstance(meaning, External)
                        }
        if is_lazy(file):
            module.table = _table(module.body)
        return module

    def _sources(self, node: ast.Import | ast.ImportFrom, base: str) -> list[str]:
        """Return the modules of the package that an import runs."""
        found = []
        for meaning in self.meanings(node, base).values():
            if not isinstance(meaning, External):
                found.append(meaning.module)
            if isinstance(meaning, Symbol):
                table = self.module(meaning.module).table
                if meaning.name in table:
                    found.append(f"{meaning.module}.{table[meaning.name]}")
        return found


@cache
def _parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def _table(body: list[ast.stmt]) -> dict[str, str]:
    table: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            try:
                content = ast.literal_eval(node.value)
            except ValueError:
                continue
            if all(isinstance(each, str) for each in [*content, *content.values()]):
                table |= content
    return table
