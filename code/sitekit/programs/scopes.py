"""Which names in a piece of code mean what stands at the top of its module."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Names = frozenset[str]
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NOTHING: Names = frozenset()


def outer_names(node: ast.AST, *, annotations: bool = True) -> Iterator[ast.Name]:
    """Yield the names in a statement of a module that mean the module's own.

    Args:
        annotations: Those in annotations, too, which no program evaluates.
    """
    yield from _walk(node, NOTHING, NOTHING, annotations)


def bound_by(body: list[ast.stmt]) -> set[str]:
    """Return the names that statements bind in their own scope."""
    return set(_bound(body))


def _walk(node: ast.AST, local: Names, own: Names, annotations: bool) -> Iterator[ast.Name]:
    """Walk through code.

    Args:
        local: Names of the functions around it.
        own: Names of the class right around it, which functions in it do not see.
    """
    match node:
        case ast.Name():
            if node.id not in local | own:
                yield node
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            for outside in _outside(node, annotations):
                yield from _walk(outside, local, own, annotations)
            body = node.body if isinstance(node.body, list) else []
            declared = {
                name
                for part in _same_scope(body)
                if isinstance(part, ast.Global)
                for name in part.names
            }
            inside = local | ({*_arguments(node.args), *_bound(body)} - declared)
            for each in body or [node.body]:  # type: ignore[list-item]
                yield from _walk(each, frozenset(inside), NOTHING, annotations)
        case ast.ClassDef():
            for base in [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]:
                yield from _walk(base, local, own, annotations)
            names = frozenset(_bound(node.body))
            for statement in node.body:
                yield from _walk(statement, local, names, annotations)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            targets = {name for each in node.generators for name in _stored(each.target)}
            for child in ast.iter_child_nodes(node):
                yield from _walk(child, local | targets, own, annotations)
        case ast.AnnAssign() if not annotations:
            yield from _walk(node.target, local, own, annotations)
            if node.value is not None:
                yield from _walk(node.value, local, own, annotations)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _walk(child, local, own, annotations)


def _outside(node: ast.AST, annotations: bool) -> Iterator[ast.AST]:
    """Yield the parts of a function that belong to the scope around it."""
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    yield from getattr(node, "decorator_list", [])
    yield from arguments.defaults
    yield from (each for each in arguments.kw_defaults if each is not None)
    if annotations:
        yield from (each.annotation for each in _all(arguments) if each.annotation is not None)
        if (returns := getattr(node, "returns", None)) is not None:
            yield returns


def _all(arguments: ast.arguments) -> list[ast.arg]:
    more = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def _arguments(arguments: ast.arguments) -> set[str]:
    return {each.arg for each in _all(arguments)}


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for node in _same_scope(body):
        match node:
            case ast.Name() if not isinstance(node.ctx, ast.Load):
                yield node.id
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                yield from ((each.asname or each.name).split(".")[0] for each in node.names)
            case ast.ExceptHandler() if node.name:
                yield node.name
            case ast.MatchAs() | ast.MatchStar() if node.name:
                yield node.name
            case ast.MatchMapping() if node.rest:
                yield node.rest


def _same_scope(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a body, without the insides of its functions and classes."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, SCOPES):
            continue
        if isinstance(node, COMPREHENSIONS):  # only := leaves it
            pending += [part.target for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
            continue
        pending += ast.iter_child_nodes(node)


def _stored(node: ast.expr) -> set[str]:
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }
