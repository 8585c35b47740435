"""What a statement does to the names of its page: those it reads, binds and may change."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sitekit.programs.scopes import outer_names

Names = set[str]
BUILTINS = frozenset(dir(builtins))
_READING = """
abs all amax amin any argmax astype clone copy count cpu cumsum detach dim dot endswith find
flatten float format get index int item items join keys lower max mean median min
named_parameters norm numel numpy parameters permute replace reshape round size split splitlines
sqrt square squeeze startswith std strip sum tobytes tolist transpose unsqueeze upper values var
view
"""
READING = frozenset(_READING.split())
"""Methods that change nothing, of texts, dictionaries, lists, arrays and tensors."""
RANDOM = "<random>"
"""Stands for the hidden state of libraries that draw random numbers."""
SEEDING = frozenset(("seed", "manual_seed"))
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Effect:
    """What running a statement needs and leaves behind.

    Attributes:
        reads: Names that must have been bound before.
        later: Names that its functions look up when they are called.
        binds: Names that it binds.
        surely: Those of them that it binds whatever happens, so that older ones are forgotten.
        changes: Names whose objects it may change: a method was called on them, an item or an
            attribute was set, or a function of the page got them.
        aliases: Pairs of names that may be the same object afterwards, or one within the other.
    """

    reads: Names = field(default_factory=set)
    later: Names = field(default_factory=set)
    binds: Names = field(default_factory=set)
    surely: Names = field(default_factory=set)
    changes: Names = field(default_factory=set)
    aliases: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True)
class Known:
    """What is known of the names of a page.

    Attributes:
        pure: What it imports: no object that its statements change.
        changing: Functions that change what they are given.
    """

    pure: Names
    changing: Names


def known_names(statements: Iterable[ast.stmt]) -> Known:
    """Return what the statements of a page tell of its names."""
    pure: Names = set()
    changing = {"next", "setattr", "delattr"}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                pure |= {(each.asname or each.name).partition(".")[0] for each in node.names}
            elif isinstance(node, ast.FunctionDef):
                inside = Effect()
                _Reader(inside, Known(set(), set(changing))).block(node.body)
                given = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
                if inside.changes & given:
                    changing.add(node.name)
    return Known(pure, changing)


def effect_of(statement: ast.stmt, known: Known) -> Effect:
    """Return what a statement at the top of a page does."""
    effect = Effect()
    _Reader(effect, known).statement(statement)
    effect.reads -= BUILTINS
    effect.later -= BUILTINS
    effect.changes -= BUILTINS
    return effect


class _Reader:
    """Walks through statements in the order in which they run."""

    def __init__(self, effect: Effect, known: Known) -> None:
        self.effect = effect
        self.known = known

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def maybe(self, statements: Iterable[ast.stmt]) -> None:
        """Read statements that may not run: what they bind is not sure."""
        before = set(self.effect.surely)
        self.block(statements)
        self.effect.surely = before

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self.bind({(name.asname or name.name).split(".")[0] for name in node.names})
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                for part in _run_at_definition(node):
                    self.expression(part)
                self.effect.later |= free_names(node) - self.effect.surely
                self.bind({node.name})
            case ast.For() | ast.AsyncFor():
                self.expression(node.iter)
                self.target(node.target)
                self.alias(node.target, node.iter)
                self.block(node.body)  # at least once, as nearly every loop of a page does
                self.maybe(node.orelse)
            case ast.While():
                self.expression(node.test)
                self.maybe(node.body)
                self.maybe(node.orelse)
            case ast.If():
                self.expression(node.test)
                self.maybe(node.body)
                self.maybe(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.expression(item.context_expr)
                    if item.optional_vars is not None:
                        self.target(item.optional_vars)
                        self.alias(item.optional_vars, item.context_expr)
                self.block(node.body)
            case ast.Try():
                self.maybe(node.body)
                for handler in node.handlers:
                    self.maybe(handler.body)
                self.maybe(node.orelse)
                self.block(node.finalbody)
            case ast.Assign():
                self.expression(node.value)
                for target in node.targets:
                    self.target(target)
                    self.alias(target, node.value)
            case ast.AnnAssign():
                if node.value is not None:
                    self.expression(node.value)
                    self.target(node.target)
                    self.alias(node.target, node.value)
            case ast.AugAssign():
                self.expression(node.value)
                self.expression(_loaded(node.target))
                self.target(node.target)
                self.effect.changes |= _roots(node.target)
            case ast.Delete():
                for target in node.targets:
                    self.effect.changes |= _roots(target)
                    self.effect.reads |= _roots(target) - self.effect.surely
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expression(child)
                    elif isinstance(child, ast.stmt):  # match and what may come
                        self.maybe([child])

    def bind(self, names: Names) -> None:
        self.effect.binds |= names
        self.effect.surely |= names

    def target(self, node: ast.expr) -> None:
        """Read what is assigned to."""
        match node:
            case ast.Name():
                self.bind({node.id})
            case ast.Tuple() | ast.List():
                for each in node.elts:
                    self.target(each)
            case ast.Starred():
                self.target(node.value)
            case ast.Attribute() | ast.Subscript():
                self.effect.changes |= _roots(node)
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expression(child)

    def expression(self, node: ast.expr) -> None:
        """Note what an expression reads now, what its functions read later, what it changes."""
        bound: Names = set()
        for part in _outside_functions(node):
            if isinstance(part, COMPREHENSIONS):
                bound |= {name for each in part.generators for name in _stored(each.target)}
            elif isinstance(part, ast.NamedExpr):
                self.bind(_stored(part.target))
        for part in _outside_functions(node):
            match part:
                case ast.Name(ctx=ast.Load()):
                    self.effect.reads |= {part.id} - bound - self.effect.surely
                case ast.Lambda():
                    self.effect.later |= free_names(part) - bound
                case ast.Call():
                    self.called(part, bound)

    def called(self, node: ast.Call, bound: Names) -> None:
        if _roots(node.func) & self.known.pure:
            if getattr(node.func, "attr", "") in SEEDING:
                self.bind({RANDOM})
            else:
                self.effect.reads |= {RANDOM} - self.effect.surely
        if isinstance(node.func, ast.Attribute):
            if node.func.attr not in READING:
                self.effect.changes |= _roots(node.func) - bound - self.known.pure
            return
        if not isinstance(node.func, ast.Name) or node.func.id not in self.known.changing:
            return
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        given = {each.id for each in arguments if isinstance(each, ast.Name)}
        self.effect.changes |= given - bound - self.known.pure

    def alias(self, target: ast.expr, value: ast.expr) -> None:
        handed_on = _handed_on(value) - self.known.pure - BUILTINS
        self.effect.aliases |= {
            (one, other) for one in _stored(target) for other in handed_on if one != other
        }


def free_names(node: ast.AST) -> Names:
    """Return the names that functions and classes look up outside of themselves."""
    return {each.id for each in outer_names(node, annotations=False)}


def _run_at_definition(node: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions that run when a function or class is defined, not when it is used."""
    yield from getattr(node, "decorator_list", [])
    if isinstance(node, ast.ClassDef):
        yield from node.bases
        yield from (keyword.value for keyword in node.keywords)
        for part in node.body:
            if isinstance(part, (ast.Assign, ast.AnnAssign)) and part.value is not None:
                yield part.value
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from node.args.defaults
        yield from (each for each in node.args.kw_defaults if each is not None)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes of an expression but the insides of its lambdas."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Lambda):
            continue
        yield from _outside_functions(child)


def _stored(node: ast.expr) -> Names:
    """Return the names that a target binds."""
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }


def _roots(node: ast.expr) -> Names:
    """Return the name at the left of `name.a[b].c`, or through the call in `name.a(b).c`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _handed_on(node: ast.expr) -> Names:
    """Return the names whose objects, or parts of them, an expression may return."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return _roots(node)
        case ast.Starred() | ast.NamedExpr() | ast.Await():
            return _handed_on(node.value)
        case ast.Tuple() | ast.List() | ast.Set():
            return set().union(*map(_handed_on, node.elts))
        case ast.Dict():
            return set().union(*map(_handed_on, node.values))
        case ast.IfExp():
            return _handed_on(node.body) | _handed_on(node.orelse)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            sources = set().union(*(_handed_on(each.iter) for each in node.generators))
            return sources | _handed_on(node.elt)
        case ast.DictComp():
            sources = set().union(*(_handed_on(each.iter) for each in node.generators))
            return sources | _handed_on(node.value)
        case ast.Call():  # a method may return its owner, or a view of it; iter, zip, a function
            own = _roots(node.func) if isinstance(node.func, ast.Attribute) else set()
            return own | {each.id for each in node.args if isinstance(each, ast.Name)}
    return set()


def _loaded(node: ast.expr) -> ast.expr:
    """Return a target as an expression that reads it."""
    text = ast.unparse(node)
    return ast.parse(text, mode="eval").body
