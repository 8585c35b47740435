"""Mathematics in plain text, as it is printed: `h_{t-1}` with its index below, `1e-3` as 10⁻³."""

from __future__ import annotations

import re

from sitekit.claims import number

_INDEXED = re.compile(r"(?<![\w`])([A-Za-z]|σ|γ|λ)_(?:\{([^{}]+)\}|([A-Za-z0-9]{1,3})(?![\w(]))")


_POWER = re.compile(r"(?<![\w.])\d+e-?\d+\b")


def typeset(text: str) -> str:
    """Return HTML for text that is HTML, with one-letter names and powers of ten as in print."""
    return _POWER.sub(_raised, _INDEXED.sub(_lowered, text))


def _raised(found: re.Match[str]) -> str:
    return number(float(found[0]), ".0e").removeprefix("1 × ")


def _lowered(found: re.Match[str]) -> str:
    index = (found[2] or found[3]).replace("-", "−")
    return f"{found[1]}<sub>{index}</sub>"
