"""What a line of text must not be broken within: a number, and a formula with its full stop."""

from __future__ import annotations

import re

_VERBATIM = re.compile(r"(<(?P<tag>pre|code|script|style|textarea|svg)\b.*?</(?P=tag)>)", re.S)
_IN_NUMBER = re.compile(r" (?:(?<=\d )|(?<=\d</span> ))(?=[%×]|(?:s|ms|kB|MB|GB)\b)| (?<=× )(?=\d)")
_FORMULA = re.compile(r"\(?<math\b(?![^>]*\bdisplay=\"block\").*?</math>[.,;:?!)’”]*", re.S)
_DISTRIBUTION = re.compile(r"[NU](?<=\b[NU])\([^()<>]{1,24}\)(?![^<>]*>)")


def keep_together(html: str) -> str:
    """Return HTML in which a line ends in no number, and in no formula.

    Numbers stay with their sign for per cent, power of ten, or unit; formulas in a line with the
    punctuation beside them; and `N(0, 1)` in plain text is one word.
    """
    pieces = _VERBATIM.split(html)  # text, what is verbatim, its tag, text, and so on
    pieces[::3] = map(_kept, pieces[::3])
    del pieces[2::3]
    return "".join(pieces)


def _kept(text: str) -> str:
    for what in (_FORMULA, _DISTRIBUTION):
        text = what.sub(lambda found: _whole(found[0]), text)
    return _IN_NUMBER.sub("\N{NO-BREAK SPACE}", text)


def _whole(text: str) -> str:
    if text.startswith("<") and text.endswith(">"):
        return text
    return f'<span class="unrolled-whole">{text}</span>'
