"""Highlighted code, each line in an element that a narrow page can wrap under its own indent."""

from __future__ import annotations

import html
import re

_CODE = re.compile(
    r"(<pre\b(?![^>]*\bdata-source)[^>]*>(?:<span></span>)?<code\b[^>]*>)(.*?)(</code>)", re.S
)
_MARKED = re.compile(r'<span class="hll">([^\n]*)\n</span>')
_MARK = "\0"
_PIECE = re.compile(r"(?P<tag><[^>]*>)|&[^;\s]+;|.", re.S)
_RUN = re.compile(r"\S+")
_LONG_NAME = re.compile(r"\w{25,}")
_OPENING = re.compile(r"[.,(\[{=](?=[\w\"'])")
_INLINE = re.compile(r"(?P<pre><pre\b.*?</pre>)|(?<=<code>)[^<]*(?=</code>)", re.S)
_OPTION = re.compile(
    r'(?<![^\s>])--?[A-Za-z][\w-]*(?![^<]*>)|<span class="o">-</span><span class="n">\w+</span>'
    r'|(?<=<span class="c1">)# [^\s<]+|&quot;[^\s&<]{1,4}&quot;'
)
_HYPHENED = re.compile(r"(?<![^\s])\w+(?:-\w+)+(?![^\s])")
_WHOLE = r'<span class="unrolled-whole">\g<0></span>'

_PHONE = 36
"""Characters that have room beside each other on a small phone."""
_DEEPEST = 16
"""About how many characters far in the style sheet lets a line go on, at most, on a phone."""


def with_lines(content: str) -> str:
    """Return HTML with every line of every `<pre><code>` in a `<span class="line">`.

    No element of the highlighter goes over the end of a line, but that of a marked line, which
    has its end inside and is replaced. Line ends stay outside, so that
    what is copied is what it was. How far a line is indented stands in its style. Where it may
    be broken is marked if a phone has no room for what stands there without a space.
    """
    content = _CODE.sub(lambda found: found[1] + _lines(found[2]) + found[3], content)
    return _INLINE.sub(
        lambda found: found["pre"] or _HYPHENED.sub(_WHOLE, _with_whole_options(found[0])),
        content,
    )


def _lines(code: str) -> str:
    code = _MARKED.sub(rf"{_MARK}\1\n", code)
    return "\n".join(_line(line) if line else "" for line in code.split("\n"))


def _line(line: str) -> str:
    line, marked = line.removeprefix(_MARK), line.startswith(_MARK)
    pieces = [found[0] for found in _PIECE.finditer(line)]
    text = html.unescape("".join(piece for piece in pieces if not _is_tag(piece)))
    indent = len(text) - len(text.lstrip(" "))
    style = f' style="--indent:{indent}"' if indent else ""
    kind = "line hll" if marked else "line"
    broken = _broken(pieces, _breaks(text, min(indent + 2, _DEEPEST)))
    return f'<span class="{kind}"{style}>{_with_whole_options(broken)}</span>'


def _is_tag(piece: str) -> bool:
    return piece.startswith("<")


def _breaks(text: str, hang: int) -> set[int]:
    """Return after how many characters a line may be broken, beside its spaces."""
    found = set()
    for run in _RUN.finditer(text):
        if hang + len(run[0]) > _PHONE:
            found |= {run.start() + mark.end() for mark in _OPENING.finditer(run[0])}
            for name in _LONG_NAME.finditer(run[0]):
                start = run.start() + name.start()
                found |= {start + at + 1 for at, sign in enumerate(name[0]) if sign == "_"}
    return found


def _broken(pieces: list[str], breaks: set[int]) -> str:
    written, at = [], 0
    for piece in pieces:
        written.append(piece)
        if not _is_tag(piece):
            at += 1
            if at in breaks:
                written.append("<wbr>")
    return "".join(written)


def _with_whole_options(code: str) -> str:
    """Return HTML in which no line ends between a dash, or the mark of a comment, and a word.

    Nor within the shortest strings, such as the names of line styles.
    """
    return _OPTION.sub(_WHOLE, code)
