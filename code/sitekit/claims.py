"""Measure the claims in the build, and judge them against their bounds.

A chapter's claims are executed as if they were a page whose blocks measure one claim each,
so the cache, the scheduler and the failures are the same as for pages.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from sitekit.blocks import Block
from sitekit.problems import Problem
from sitekit.reach import parse

Ledger = list[dict[str, Any]]

MEASURE = """\
import dataclasses, json
import {module}
from unrolled.claims.registry import REGISTRY, measure_claim
from unrolled.page import value
measurement = measure_claim(REGISTRY[{id!r}])
entry = dataclasses.asdict(dataclasses.replace(measurement.claim, measure=None))
entry |= {{"measured": measurement.measured, "seeds": measurement.seeds}}
entry |= {{"holds": measurement.holds, "scale": measurement.scale}}
value({id!r}, json.dumps(entry))
"""


def claim_blocks(file: Path, package: str) -> list[Block]:
    """Return one block for each claim declared in a module, found without importing it."""
    blocks = []
    for node in parse(file.read_text("utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("claim"):
                id = next(
                    (
                        ast.literal_eval(word.value)
                        for word in call.keywords
                        if word.arg == "id" and isinstance(word.value, ast.Constant)
                    ),
                    "",
                )
                code = MEASURE.format(module=f"{package}.{file.stem}", id=id)
                blocks.append(Block(id or node.name, code, call.lineno + 1))
    return sorted(blocks, key=lambda block: block.line)


def read_ledger(outcome: dict[str, Any]) -> Ledger:
    """Return the entries that the blocks of one module named, whatever else they printed."""
    return [
        json.loads(entry)
        for block in outcome["blocks"].values()
        for entry in block["values"].values()
    ]


def judge(entries: Ledger, path: str, lines: dict[str, int]) -> list[Problem]:
    """Return a problem for each claim outside its bound; at `smoke` scale nothing is judged."""
    return [
        Problem(
            path,
            lines.get(entry["id"], 1),
            f"claim {entry['id']!r} no longer holds: measured {spread(entry['measured'])}, "
            f"bound {entry['bound']}",
            f"{entry['statement']}\n{entry['protocol']}\nseeds {entry['seeds']}",
        )
        for entry in entries
        if not entry["holds"] and entry["scale"] != "smoke"
    ]


def spread(measured: float | list[float], spec: str = "") -> str:
    """Return a measured number, or the least and greatest of several, as a reader wants it."""
    numbers = measured if isinstance(measured, list) else [measured]
    low, high = number(min(numbers), spec), number(max(numbers), spec)
    return low if low == high else f"{low} to {high}"


def number(value: float | str, spec: str = "") -> str:
    """Return a number with four significant digits, or as `spec` says; powers of ten typeset."""
    if isinstance(value, str):
        return format(value, spec)
    if not spec and float(value).is_integer() and abs(value) < 1e9:
        return str(int(value)).replace("-", "−")
    text = format(value, spec or ".4g")
    mantissa, e, exponent = text.partition("e")
    mantissa = mantissa.replace("-", "−")
    return f"{mantissa} × 10{_superscript(int(exponent))}" if e else mantissa


def in_words(bound: str) -> str:
    """Return a bound as a sentence says it."""
    low, _, high = (part.strip(".") and number(float(part)) for part in bound.partition(".."))
    if low == high:
        return f"exactly {low}"
    if low and high:
        return f"between {low} and {high}"
    return f"at least {low}" if low else f"at most {high}"


def _superscript(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
