"""Highlighted code that waits, as plain text, until the page is finished.

The search index is slow with many small elements, and of code it needs the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_CODE = re.compile(r"(<pre\b[^>]*>(?:<span></span>)?<code\b[^>]*>)(.*?)(?=</code>)", re.S)
_TAG = re.compile(r"<[^>]*>")
_ASIDE = re.compile(r"<!--(code \d+)-->.*?<!--/code-->", re.S)


def set_code_aside(content: str) -> tuple[str, dict[str, str]]:
    """Return a page with the plain text of its code, and what `insert_code` puts in its place."""
    parts: dict[str, str] = {}

    def plain(found: re.Match[str]) -> str:
        if "<" not in found[2]:
            return found[0]
        name = f"code {len(parts)}"
        parts[name] = found[2]
        return f"{found[1]}<!--{name}-->{_TAG.sub('', found[2])}<!--/code-->"

    return _CODE.sub(plain, content), parts


def insert_code(page: str, parts: Mapping[str, str]) -> str:
    """Return a finished page with the code that was set aside."""
    return _ASIDE.sub(lambda found: parts[found[1]], page)
