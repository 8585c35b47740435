"""What a line of text must not be broken within: a number, and a formula with its full stop."""

from __future__ import annotations

import re

_VERBATIM = r"<(?P<tag>pre|code|script|style|textarea)\b.*?</(?P=tag)>"
_IN_NUMBER = re.compile(
    rf"{_VERBATIM}|(?:(?<=\d)|(?<=\d</span>)) (?=[%×]|(?:s|ms|kB|MB|GB)\b)|(?<=×) (?=\d)", re.S
)
_FORMULA = re.compile(r"\(?<math\b(?![^>]*\bdisplay=\"block\").*?</math>[.,;:?!)’”]*", re.S)
_DISTRIBUTION = re.compile(rf"{_VERBATIM}|<[^>]*>|(?P<name>\b[NU]\([^()<>]{{1,24}}\))", re.S)


def whole_numbers(html: str) -> str:
    """Return HTML in which numbers stay with their sign for per cent, power of ten, or unit."""
    return _IN_NUMBER.sub(lambda found: found[0] if found["tag"] else "\N{NO-BREAK SPACE}", html)


def whole_formulas(html: str) -> str:
    """Return HTML in which formulas in a line stay with the punctuation beside them.

    And in which `N(0, 1)` in plain text stays together.
    """
    html = _FORMULA.sub(lambda found: _whole(found[0]), html)
    return _DISTRIBUTION.sub(
        lambda found: _whole(found["name"]) if found["name"] else found[0], html
    )


def _whole(text: str) -> str:
    if text.startswith("<") and text.endswith(">"):
        return text
    return f'<span class="unrolled-whole">{text}</span>'
