"""What a line of text must not be broken within: a number, and a formula with its full stop."""

from __future__ import annotations

import re

_VERBATIM = r"<(?P<tag>pre|code|script|style|textarea)\b.*?</(?P=tag)>"
_IN_NUMBER = re.compile(
    rf"{_VERBATIM}|(?:(?<=\d)|(?<=\d</span>)) (?=[%×]|(?:s|ms|kB|MB|GB)\b)|(?<=×) (?=\d)", re.S
)
_FORMULA = re.compile(r"\(?<math\b(?![^>]*\bdisplay=\"block\").*?</math>[.,;:?!)’”]*", re.S)


def whole_numbers(html: str) -> str:
    """Return HTML in which numbers stay with their sign for per cent, power of ten, or unit."""
    return _IN_NUMBER.sub(lambda found: found[0] if found["tag"] else "\N{NO-BREAK SPACE}", html)


def whole_formulas(html: str) -> str:
    """Return HTML in which formulas in a line stay with the punctuation beside them."""
    return _FORMULA.sub(_whole, html)


def _whole(found: re.Match[str]) -> str:
    if found[0].startswith("<") and found[0].endswith(">"):
        return found[0]
    return f'<span class="unrolled-whole">{found[0]}</span>'
