"""Take out of a statement what only prints, shows or names a number: a dependency is silent."""

from __future__ import annotations

import ast

SPEAKING = {"print", "show", "value"}


def speaks(node: ast.stmt) -> bool:
    """Say whether a statement does nothing but print, show a figure or name numbers."""
    if not isinstance(node, ast.Expr):
        return False
    each = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    return all(
        isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in SPEAKING
        for part in each
    )


def silenced(text: str) -> str:
    """Return the text of a statement without what speaks; empty if nothing else is in it."""
    tree = ast.parse(text)
    lines: list[str | None] = [*text.splitlines()]
    if not _silence(tree, lines):
        return ""
    return "\n".join(line for line in lines if line is not None)


def _silence(node: ast.AST, lines: list[str | None]) -> bool:
    """Strike lines; return whether the node still does anything."""
    does = True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return does  # it speaks where it is called
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if not isinstance(body, list) or not body:
            continue
        left = [each for each in body if not speaks(each) and _silence(each, lines)]
        for each in body:
            if each not in left:
                _strike(each, lines)
        if not left and name == "body":
            does = False
    return does


def _strike(node: ast.stmt, lines: list[str | None]) -> None:
    last = node.end_lineno or node.lineno
    for number in range(node.lineno - 1, last):
        lines[number] = None
