"""Write what some code uses of a package into one file, flat, as if it had been written there."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from sitekit.programs.modules import External, Library, Meaning, ModuleName, Symbol
from sitekit.programs.scopes import bound_by, outer_names

UNMOVABLE = {"__file__", "__name__", "__path__", "__getattr__"}


class NotFlat(Exception):
    """Some code of the package would not mean the same elsewhere."""


@dataclass(frozen=True)
class Piece:
    """Statements of one module of the package that a program needs, renamed as it must be."""

    module: str
    text: str


@dataclass
class Flat:
    """A program's parts.

    Attributes:
        imports: From elsewhere, as lines.
        checked: The same, for type checkers only.
        pieces: Of the package, in an order in which they can run.
        own: The given code, its imports taken out and its names replaced.
    """

    imports: list[str]
    checked: list[str]
    pieces: list[Piece]
    own: list[str]


@dataclass
class _Use:
    """A place in a text where a name stands for something of the package or from elsewhere."""

    meaning: Meaning
    node: ast.expr  # the whole of `name` or `module.name`
    written: str


@dataclass
class _Text:
    """A statement and what it uses."""

    module: str
    node: ast.stmt
    lines: list[str]
    uses: list[_Use] = field(default_factory=list)
    inner_imports: list[ast.stmt] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)


class Flattener:
    """Gathers what pieces of code need of a package.

    Args:
        library: The package.
        replaced: Symbols that the program defines itself, and under what name.
    """

    def __init__(self, library: Library, replaced: dict[Meaning, str]) -> None:
        self.library = library
        self.replaced = replaced

    def flatten(self, codes: list[str]) -> Flat:
        """Return the parts of a program that runs the given codes one after the other.

        Raises:
            NotFlat: It cannot be done.
        """
        given: dict[str, Meaning] = {}
        texts: list[list[_Text]] = []
        for code in codes:
            tree = ast.parse(code)
            for node in ast.walk(tree):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    meanings = self.library.meanings(node, "")
                    top = node in tree.body
                    given |= {
                        alias: meaning
                        for alias, meaning in meanings.items()
                        if top or not isinstance(meaning, External)
                    }
            texts.append(
                [
                    self._text("", node, code.splitlines(), given)
                    for node in tree.body
                    if not isinstance(node, (ast.Import, ast.ImportFrom))
                ]
            )
        own = [text for each in texts for text in each]
        parts = self._gather(own)
        names = self._name(own, parts, given)
        used = {use.meaning for text in [*own, *parts] for use in text.uses}
        imports = sorted(
            _import_line(meaning, names[meaning])
            for meaning in used
            if isinstance(meaning, External) and meaning not in self.replaced
        )
        checked = sorted(
            {
                _import_line(meaning, alias)
                for text in parts
                for alias, meaning in self.library.module(text.module).checked.items()
                if any(name.id == alias for name in outer_names(text.node))
            }
            - set(imports)
        )
        return Flat(
            imports,
            checked,
            self._pieces(parts, names),
            [_whole(code, each, names) for code, each in zip(codes, texts, strict=True)],
        )

    # What is used.

    def _text(
        self, module: str, node: ast.stmt, lines: list[str], given: dict[str, Meaning]
    ) -> _Text:
        text = _Text(module, node, lines)
        top = isinstance(node, (ast.FunctionDef, ast.ClassDef))
        text.bound = _bound_inside(node) if top else set()
        for part in ast.walk(node):
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                meanings = self.library.meanings(part, _base(self.library, module))
                kinds = {isinstance(each, External) for each in meanings.values()}
                if kinds == {False}:
                    text.inner_imports.append(part)
        inner = {
            alias
            for part in text.inner_imports
            for alias in self.library.meanings(part, _base(self.library, module))  # type: ignore[arg-type]
        }
        parents = {child: part for part in ast.walk(node) for child in ast.iter_child_nodes(part)}
        names = [*outer_names(node)]
        if inner:  # a local import of the package is taken for one at the top
            names += [
                part
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and part.id in inner and part not in names
            ]
        evaluated = set(outer_names(node, annotations=False)) | {
            part for part in names if part.id in inner
        }
        for name in names:
            if name.id in UNMOVABLE and module:
                raise NotFlat(f"{module} uses {name.id}")
            meaning = self._meaning(module, name.id, given)
            if meaning is None:
                continue
            whole: ast.expr = name
            while isinstance(meaning, ModuleName):
                above = parents.get(whole)
                if not isinstance(above, ast.Attribute):
                    if name in evaluated:
                        raise NotFlat(f"{name.id} is used as an object")
                    break
                whole = above
                below = f"{meaning.module}.{above.attr}"
                if self.library.file(below):
                    meaning = ModuleName(below)
                else:
                    meaning = self.library.resolve(Symbol(meaning.module, above.attr))
            if isinstance(meaning, ModuleName):
                continue
            if name not in evaluated and not self._is_alias_of_type(meaning):
                continue
            written = name.id if whole is name else ""
            text.uses.append(_Use(meaning, whole, written))
        return text

    def _meaning(self, module: str, name: str, given: dict[str, Meaning]) -> Meaning | None:
        if not module:
            return self.library.resolve(given[name]) if name in given else None
        known = self.library.module(module)
        if name in known.imports:
            return self.library.resolve(known.imports[name])
        if any(name in bound_by([node]) for node in known.body):
            return Symbol(module, name)
        return None

    def _is_alias_of_type(self, meaning: Meaning) -> bool:
        """Say whether what an annotation names is one line at the top of a module."""
        if isinstance(meaning, External):
            return True
        if not isinstance(meaning, Symbol):
            return False
        return any(
            isinstance(node, ast.Assign) and meaning.name in bound_by([node])
            for node in self.library.module(meaning.module).body
        )

    def _gather(self, own: list[_Text]) -> list[_Text]:
        """Return the statements of the package that the given ones reach."""
        found: dict[tuple[str, int], _Text] = {}
        symbols: set[Symbol] = set()
        pending = [use.meaning for text in own for use in text.uses]
        while pending:
            meaning = pending.pop()
            if not isinstance(meaning, Symbol) or meaning in symbols or meaning in self.replaced:
                continue
            symbols.add(meaning)
            module = self.library.module(meaning.module)
            defining = [n for n, node in enumerate(module.body) if _defines(node, meaning.name)]
            if not defining:
                raise NotFlat(f"{meaning.module} has no {meaning.name}")
            for number, node in enumerate(module.body):
                loose = _is_loose(node) and any(
                    name.id == meaning.name for name in outer_names(node, annotations=False)
                )
                key = meaning.module, number
                if (number in defining or loose) and key not in found:
                    text = self._text(meaning.module, node, module.lines, {})
                    found[key] = text
                    pending += [use.meaning for use in text.uses]
        order = {name: n for n, name in enumerate(self._order({m for m, _ in found}))}
        return [found[key] for key in sorted(found, key=lambda key: (order[key[0]], key[1]))]

    def _order(self, modules: set[str]) -> list[str]:
        """Return modules in an order in which each comes after those that it imports."""
        done: list[str] = []
        busy: set[str] = set()

        def visit(name: str) -> None:
            if name in busy:
                return
            busy.add(name)
            for each in self.library.module(name).order:
                visit(each)
            done.append(name)

        for name in sorted(modules):
            visit(name)
        return [name for name in done if name in modules]

    # What it is called.

    def _name(
        self, own: list[_Text], parts: list[_Text], given: dict[str, Meaning]
    ) -> dict[Meaning, str]:
        """Return a name for each meaning, no two alike, and none that something local hides."""
        names = dict(self.replaced)
        texts = [*own, *parts]
        everywhere = {
            part.id if isinstance(part, ast.Name) else part.arg
            for text in texts
            for part in ast.walk(text.node)
            if isinstance(part, (ast.Name, ast.arg))
        }
        taken = set(dir(builtins)) | set(self.replaced.values())
        taken |= bound_by([text.node for text in own])
        uses: dict[Meaning, list[tuple[str, set[str]]]] = {}
        for text in texts:
            for use in text.uses:
                uses.setdefault(use.meaning, []).append((use.written, text.bound))

        def free(meaning: Meaning, wish: str) -> bool:
            """Say whether a name is free, and not hidden by a local one wherever it is new."""
            written = uses.get(meaning, [])
            hidden = any(before != wish and wish in bound for before, bound in written)
            return wish not in taken and not hidden

        for alias, meaning in given.items():
            meaning = self.library.resolve(meaning)
            named = isinstance(meaning, ModuleName) or meaning in names
            if not named and free(meaning, alias):
                names[meaning] = alias
                taken.add(alias)
        for meaning, written in uses.items():
            if meaning in names:
                continue
            first = next((word for word, _ in written if word), "")
            wish = meaning.name if isinstance(meaning, Symbol) else first or _last(meaning)
            if not free(meaning, wish):
                wish = f"{_home(meaning)}_{wish.lstrip('_')}"
                while wish in taken | everywhere:
                    wish += "_"
            names[meaning] = wish
            taken.add(wish)
        return names

    # How it is written.

    def _pieces(self, parts: list[_Text], names: dict[Meaning, str]) -> list[Piece]:
        pieces: list[Piece] = []
        for text in parts:
            body = self.library.module(text.module).body
            number = next(n for n, node in enumerate(body) if node is text.node)
            last = text.node.end_lineno or text.node.lineno
            after = body[number + 1] if number + 1 < len(body) else None
            if isinstance(text.node, (ast.Assign, ast.AnnAssign)) and _is_doc(after):
                assert after is not None
                last = after.end_lineno or last
            first = _first_line(text.node, text.lines)
            edited = _edited(text, names, first, last)
            for old in bound_by([text.node]):
                new = names.get(Symbol(text.module, old))
                if new is not None and new != old:
                    edited = _redefined(edited, old, new)
            if pieces and pieces[-1].module == text.module:
                pieces[-1] = Piece(text.module, f"{pieces[-1].text}\n\n{edited}")
            else:
                pieces.append(Piece(text.module, edited))
        return pieces


def _base(library: Library, module: str) -> str:
    file = library.file(module) if module else None
    if file is None:
        return ""
    return module if file.name == "__init__.py" else module.rpartition(".")[0]


def _bound_inside(node: ast.stmt) -> set[str]:
    """Return all names that are bound somewhere within a function or class."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.arg):
            found.add(part.arg)
    return found


def _defines(node: ast.stmt, name: str) -> bool:
    return name in bound_by([node])


def _is_loose(node: ast.stmt) -> bool:
    """Say whether a statement at the top of a module does something beside defining a name."""
    definitions = (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    return not isinstance(node, definitions) and not _is_doc(node)


def _is_doc(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _first_line(node: ast.stmt, lines: list[str]) -> int:
    """Return the line, from 1, at which a statement begins, with decorators and comments."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    return first


def _edited(text: _Text, names: dict[Meaning, str], first: int, last: int) -> str:
    """Return lines of a text with its names replaced and its imports of the package removed."""
    lines = [line.encode() for line in text.lines]
    for use in sorted(
        text.uses, key=lambda use: (use.node.lineno, use.node.col_offset), reverse=True
    ):
        node, new = use.node, names[use.meaning].encode()
        row = node.lineno - 1
        end = node.end_col_offset
        if node.end_lineno != node.lineno or end is None:
            raise NotFlat(f"a name is spread over lines {node.lineno} to {node.end_lineno}")
        lines[row] = lines[row][: node.col_offset] + new + lines[row][end:]
    struck = {
        number
        for part in text.inner_imports
        for number in range(part.lineno, (part.end_lineno or part.lineno) + 1)
    }
    kept = [lines[number - 1] for number in range(first, last + 1) if number not in struck]
    return b"\n".join(kept).decode()


def _redefined(text: str, old: str, new: str) -> str:
    """Rename what the first definition in a text defines."""
    tree = ast.parse(text)
    lines = [line.encode() for line in text.splitlines()]
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == old:
            row = node.lineno - 1
            word = b"def " if isinstance(node, ast.FunctionDef) else b"class "
            start = lines[row].index(word) + len(word)
            lines[row] = lines[row][:start] + new.encode() + lines[row][start + len(old.encode()) :]
    return b"\n".join(lines).decode()


def _whole(code: str, texts: list[_Text], names: dict[Meaning, str]) -> str:
    """Return given code with its names replaced and its imports taken out."""
    lines = code.splitlines()
    tree = ast.parse(code)
    struck = {
        number
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    changed: dict[int, tuple[int, str]] = {}
    for text in texts:
        first, last = text.node.lineno, text.node.end_lineno or text.node.lineno
        first = min([first, *(d.lineno for d in getattr(text.node, "decorator_list", []))])
        changed[first] = last, _edited(text, names, first, last)
    found: list[str] = []
    number = 1
    while number <= len(lines):
        if number in changed:
            last, edited = changed[number]
            found.append(edited)
            number = last + 1
            continue
        if number not in struck:
            found.append(lines[number - 1])
        number += 1
    return "\n".join(found).strip("\n")


def _import_line(meaning: Meaning, alias: str) -> str:
    assert isinstance(meaning, External)
    if meaning.name:
        same = alias == meaning.name
        return f"from {meaning.module} import {meaning.name}" + ("" if same else f" as {alias}")
    top = meaning.module.partition(".")[0]
    plain = alias in {meaning.module, top}
    return f"import {meaning.module}" + ("" if plain else f" as {alias}")


def _last(meaning: Meaning) -> str:
    assert isinstance(meaning, External)
    return meaning.name or meaning.module.rpartition(".")[2]


def _home(meaning: Meaning) -> str:
    parts = [part for part in getattr(meaning, "module", "").split(".") if part]
    return parts[-1].strip("_")
