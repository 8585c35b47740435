"""Put the parts of a program together: what it needs, where it is from, and its code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import packages_distributions, version
from pathlib import Path

from sitekit.blocks import Block
from sitekit.programs import outside
from sitekit.programs.flatten import Flat, Flattener
from sitekit.programs.modules import External, Library, Meaning, Symbol
from sitekit.programs.names import known_names
from sitekit.programs.packed import head
from sitekit.programs.quiet import silenced, speaks
from sitekit.programs.slicing import Statement, needed, statements_of
from unrolled.reach import only_checked

PAGE: dict[Meaning, str] = {
    kind("unrolled.page", name): name for kind in (Symbol, External) for name in ("show", "value")
}
"""What a program has its own of, in `outside`."""


HOLD = """\
import io
import sys
import warnings

printed, sys.stdout = sys.stdout, io.StringIO()
quiet = warnings.catch_warnings()
quiet.__enter__()
warnings.simplefilter("ignore")"""
LET_GO = """\
quiet.__exit__(None, None, None)
sys.stdout = printed"""


def sliced(blocks: Sequence[Block], number: int, library: Library) -> str:
    """Return the program of a block with those statements before it that it depends on."""
    statements = [
        statement
        for index, block in enumerate(blocks[:number])
        if not block.expect
        for statement in statements_of(block.code, index)
        if not speaks(statement.node)
    ]
    own = statements_of(blocks[number].code, number)
    known = known_names(each.node for each in (*statements, *own))
    kept = needed(statements, own, known)
    before = [_of_block(kept, index) for index in range(number)]
    return _written([code for code in before if code], blocks[number].code, library)


def _of_block(kept: list[Statement], index: int) -> str:
    texts = [silenced(each.text) for each in kept if each.block == index]
    return "\n".join(text for text in texts if text.strip())


def whole_page(blocks: Sequence[Block], number: int, library: Library) -> str:
    """Return the program of a block with all blocks before it, their output held back."""
    return _written(_held_back(blocks, number), blocks[number].code, library)


def with_files(blocks: Sequence[Block], number: int, library: Library) -> str:
    """Return the program of a block that brings the package's files along."""
    before = _held_back(blocks, number)
    codes = [*before, blocks[number].code]
    helpers = _helpers("\n".join(codes))
    own = "\n\n\n".join(_without_page(code) for code in codes)
    return (
        "\n\n\n".join(
            part for part in (head(codes, library), "\n".join(helpers[0]), *helpers[1], own) if part
        )
        + "\n"
    )


def _held_back(blocks: Sequence[Block], number: int) -> list[str]:
    """Return the code of all blocks before one; what it prints and shows is put aside."""
    before = [block.code for block in blocks[:number] if not block.expect]
    if not before:
        return []
    first, last = [HOLD], [LET_GO]
    if any(_mentions(code, "show") for code in before):
        first.append("real_show, show = show, lambda figure, **words: plt.close(figure)")
        last.append("show = real_show")
    return ["\n".join(first), *before, "\n".join(last)]


def _without_page(code: str) -> str:
    """Return code without its imports of `unrolled.page`: a program has its own."""
    lines = code.splitlines()
    for node in ast.parse(code).body:
        if isinstance(node, ast.ImportFrom) and node.module == "unrolled.page":
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "\n".join(lines).strip("\n")


def _written(before: list[str], code: str, library: Library) -> str:
    flat = Flattener(library, PAGE).flatten([*before, code])
    return _joined(flat)


def _joined(flat: Flat) -> str:
    """Return a program with its imports first, then the package's parts, then the blocks."""
    *before, own = flat.own
    helpers = _helpers("\n".join(flat.own))
    imports = [*flat.imports, *helpers[0]]
    if flat.checked:
        imports.append("from typing import TYPE_CHECKING")
    parts = ["\n".join(sorted(set(imports)))]
    if flat.pieces:
        parts[0] = "from __future__ import annotations\n\n" + parts[0]
    if flat.checked:
        parts.append("if TYPE_CHECKING:\n" + "\n".join(f"    {line}" for line in flat.checked))
    parts += helpers[1]
    parts += [f"# From {piece.module}.\n\n{piece.text}" for piece in flat.pieces]
    parts += ["\n\n".join(each for each in before if each.strip())]
    parts += [own]
    return "\n\n\n".join(part for part in parts if part.strip()) + "\n"


def _helpers(code: str) -> tuple[list[str], list[str]]:
    """Return the imports and definitions of those of `show` and `value` that a program calls."""
    text = Path(outside.__file__).read_text("utf-8")
    used = {name for name in ("show", "value") if _mentions(code, name)}
    imports: list[str] = []
    found: list[str] = []
    for node in ast.parse(text).body:
        segment = ast.get_source_segment(text, node) or ""
        if isinstance(node, ast.FunctionDef) and node.name in used:
            found.append(segment)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and "show" in used:
            imports.append(segment)
    return imports, found


def _mentions(code: str, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(ast.parse(code)))


def formatted(programs: Sequence[str], folder: Path) -> list[str]:
    """Return programs without unused imports and as a formatter writes them.

    Args:
        folder: An empty one, to write them to meanwhile.
    """
    files = [folder / f"program_{number}.py" for number in range(len(programs))]
    for file, text in zip(files, programs, strict=True):
        file.write_text(text, "utf-8")
    options = ["--isolated", "--no-cache", "--quiet", "--line-length", "88"]
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run(
        [*ruff, "check", *options, "--select", "I,F401,F811", "--fix", "--exit-zero", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run([*ruff, "format", *options, str(folder)], check=True)
    return [file.read_text("utf-8") for file in files]


def requirements(body: str) -> tuple[str, ...]:
    """Return the distributions that a program imports, with the versions installed here."""
    running = [node for node in ast.parse(body).body if not only_checked(node)]
    modules = {
        name.partition(".")[0]
        for statement in running
        for node in ast.walk(statement)
        for name in _modules(node)
    }
    known = _distributions()
    found = {
        f"{known[module][0].lower()}=={version(known[module][0]).partition('+')[0]}"
        if module in known
        else module
        for module in modules - sys.stdlib_module_names - {"__future__", "unrolled"}
    }
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _distributions() -> dict[str, list[str]]:
    return dict(packages_distributions())


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []
