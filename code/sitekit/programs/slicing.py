"""Which statements of a page a block depends on.

Names alone decide, so the answer can be wrong: hidden state of a library, an object that two
names reach in ways not seen here. Whoever uses it must run what comes out and compare.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from sitekit.programs.names import Effect, Known, Names, effect_of


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a block.

    Attributes:
        block: Number of its block on the page.
        node: As parsed from the block.
        text: Its lines, with the comments above it.
    """

    block: int
    node: ast.stmt
    text: str


def statements_of(code: str, block: int) -> list[Statement]:
    """Return the statements of a block; those that share a line count as one."""
    lines = code.splitlines()
    found: list[Statement] = []
    end = 0
    for node in ast.parse(code).body:
        last = node.end_lineno or node.lineno
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        if found and first <= end:  # on the line of the one before: taken with it
            before = found.pop()
            both = ast.If(ast.Constant(True), [*_parts(before.node), node], [])
            ast.copy_location(both, before.node)
            found.append(Statement(block, both, before.text))
        else:
            text = "\n".join(lines[end:last]).strip("\n")
            found.append(Statement(block, node, text))
        end = last
    return found


def _parts(node: ast.stmt) -> list[ast.stmt]:
    together = isinstance(node, ast.If) and isinstance(node.test, ast.Constant)
    return node.body if together and isinstance(node, ast.If) else [node]


def needed(earlier: Sequence[Statement], own: Sequence[Statement], known: Known) -> list[Statement]:
    """Return those of the earlier statements that the own ones depend on, in order.

    Args:
        earlier: The statements of the blocks before.
        own: Those of the block.
        known: Of the page's names.
    """
    effects = [effect_of(each.node, known) for each in earlier]
    last = [effect_of(each.node, known) for each in own]
    same = _may_be_same(effects)
    later: Names = set().union(*(each.later for each in last))
    while True:
        kept, found = _backwards(effects, last, later, same)
        if found <= later:
            return [each for number, each in enumerate(earlier) if number in kept]
        later |= found


def _backwards(
    effects: list[Effect], last: list[Effect], later: Names, same: list[dict[str, Names]]
) -> tuple[set[int], Names]:
    """Return the numbers of the statements to keep, and what their functions look up later."""
    wanted: Names = set()
    for effect in reversed(last):
        wanted = (wanted - effect.surely) | effect.reads
    kept: set[int] = set()
    found: Names = set(later)
    for number in reversed(range(len(effects))):
        effect = effects[number]
        everything = wanted | later
        reached = everything | set().union(*(same[number].get(name, set()) for name in everything))
        if not (effect.binds & everything or effect.changes & reached):
            continue
        kept.add(number)
        wanted = (wanted - effect.surely) | effect.reads
        if effect.changes & reached and not effect.binds & everything:
            wanted |= effect.changes & reached
        found |= effect.later
    return kept, found


def _may_be_same(effects: Sequence[Effect]) -> list[dict[str, Names]]:
    """Return for each statement which names may reach the object of a name when it runs."""
    same: dict[str, Names] = {}
    found = []
    for effect in effects:
        for one, other in effect.aliases:
            same[one] = same.get(one, set()) | {other}
            same[other] = same.get(other, set()) | {one}
        found.append(dict(same))
    return found
