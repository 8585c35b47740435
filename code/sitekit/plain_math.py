"""Names of mathematics in plain text, as they are printed: `h_{t-1}` with its index below."""

from __future__ import annotations

import re

_INDEXED = re.compile(r"(?<![\w`])([A-Za-z]|σ|γ|λ)_(?:\{([^{}]+)\}|([A-Za-z0-9]{1,3})(?![\w(]))")


def with_indices(text: str) -> str:
    """Return HTML for text that is HTML, with the index of every one-letter name below it."""
    return _INDEXED.sub(_lowered, text)


def _lowered(found: re.Match[str]) -> str:
    index = (found[2] or found[3]).replace("-", "−")
    return f"{found[1]}<sub>{index}</sub>"
