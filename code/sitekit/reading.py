"""How long a page takes to read: the one place with the rule."""

from __future__ import annotations

import html
import re

PROSE = 200
"""Words of prose a minute."""
CODE = 80
"""Words of code, or of what it printed, a minute: a word is what stands between spaces."""
RULE = f"Minutes are estimates: {PROSE} words of text in one, or {CODE} of code."

_CODE = re.compile(r"<pre\b.*?</pre>", re.S)
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.S)


def minutes_of(content: str) -> float:
    """Return the minutes that a page's HTML takes to read; all in `<pre>` counts as code."""
    code = sum(_words(_TAG.sub("", found)) for found in _CODE.findall(content))
    return _words(_TAG.sub(" ", _CODE.sub(" ", content))) / PROSE + code / CODE


def in_words(minutes: float) -> str:
    """Return minutes as one reads them, rounded: "21 min", from an hour on "1 h 5 min"."""
    whole = max(1, round(minutes))
    hours, rest = divmod(whole, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest)
    return " ".join(parts)


def _words(text: str) -> int:
    return len(html.unescape(text).split())
