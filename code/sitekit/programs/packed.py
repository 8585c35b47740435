"""A program that brings the package's files along, for what does not work flat.

Code that reads its own source, its data files, or starts further processes needs modules in
files. So they are written to a temporary folder before anything is imported from there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from pathlib import Path

from sitekit.programs.modules import Library
from unrolled.reach import reach

HEAD = """\
import os
import sys
import tempfile
from pathlib import Path

# The files of the package that this program needs, and what they hold.
FILES = {{}}
{files}
folder = Path(tempfile.mkdtemp(prefix="unrolled-"))
for name, text in FILES.items():
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
sys.path.insert(0, str(folder))
os.environ["PYTHONPATH"] = str(folder)
"""


def head(codes: Sequence[str], library: Library) -> str:
    """Return the beginning of a program: the files that some codes import, and where they go."""
    files = {file: _read(file) for file in _needed(codes, library)}
    lines = []
    for file, text in sorted(files.items()):
        name = file.relative_to(library.root).as_posix()
        lines.append(f"FILES[{name!r}] = {_quoted(text)}")
    return HEAD.format(files="\n".join(lines))


def _needed(codes: Sequence[str], library: Library) -> Iterable[Path]:
    modules: set[str] = set()
    for code in codes:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for meaning in library.meanings(node, "").values():
                    if library.owns(getattr(meaning, "module", "")):
                        modules.add(meaning.module)
                        name = getattr(meaning, "name", "")
                        table = library.module(meaning.module).table
                        if name in table:
                            modules.add(f"{meaning.module}.{table[name]}")
    files: set[Path] = set()
    for module in modules:
        files.update(reach(module, root=library.root).values())
    folders = {file.parent for file in files if file.name == "__init__.py"}
    data = {
        file
        for folder in folders
        for file in folder.iterdir()
        if file.is_file() and file.suffix not in {".py", ".pyc", ".typed"}
    }
    results = library.root / "results"
    recorded = set(results.glob("*.json")) if _mentions(codes, "recorded") else set()
    return files | data | recorded


def _mentions(codes: Sequence[str], name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name
        for code in codes
        for node in ast.walk(ast.parse(code))
    )


def _read(file: Path) -> str:
    return file.read_text("utf-8")


def _quoted(text: str) -> str:
    """Return a text as a Python literal that can be read."""
    escaped = text.replace("\\", "\\\\").replace("'''", "\\'\\'\\'")
    if escaped.endswith("'"):
        escaped = escaped[:-1] + "\\'"
    return f"'''\\\n{escaped}'''"
