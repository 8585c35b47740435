"""Highlighted code, each line in an element that a narrow page can wrap under its own indent."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"(<pre\b(?![^>]*\bdata-source)[^>]*>(?:<span></span>)?<code\b[^>]*>)(.*?)(</code>)", re.S
)
_MARKED = re.compile(r'<span class="hll">([^\n]*)\n</span>')
_MARK = "\0"
_TAG = re.compile(r"<[^>]*>")


def with_lines(content: str) -> str:
    """Return HTML with every line of every `<pre><code>` in a `<span class="line">`.

    No element of the highlighter goes over the end of a line, but that of a marked line, which
    has its end inside and is replaced. Line ends stay outside, so that
    what is copied is what it was. How far a line is indented stands in its style.
    """
    return _CODE.sub(lambda found: found[1] + _lines(found[2]) + found[3], content)


def _lines(code: str) -> str:
    code = _MARKED.sub(rf"{_MARK}\1\n", code)
    return "\n".join(_line(line) if line else "" for line in code.split("\n"))


def _line(line: str) -> str:
    line, marked = line.removeprefix(_MARK), line.startswith(_MARK)
    text = _TAG.sub("", line)
    indent = len(text) - len(text.lstrip(" "))
    style = f' style="--indent:{indent}"' if indent else ""
    kind = "line hll" if marked else "line"
    return f'<span class="{kind}"{style}>{line}</span>'
