"""Turn the TeX that pymdownx.arithmatex left in a page into MathML, and number equations."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from math_core import LatexToMathML

from sitekit.numbering import LABEL, Target

MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<block>.*?)\\\])'
    r"</(?P=tag)>",
    re.S,
)


def to_mathml(
    content: str, number: Callable[[str], Target], fault: Callable[[str, str], None]
) -> str:
    """Return the page's HTML with every formula as MathML.

    Args:
        content: HTML as arithmatex (generic) left it.
        number: Gives the number of a labelled equation.
        fault: Called with the TeX and the reason where a formula cannot be converted.
    """
    converter = LatexToMathML()

    def convert(match: re.Match[str]) -> str:
        block = match["block"] is not None
        tex = html.unescape(match["block"] if block else match["inline"])
        label = LABEL.search(tex)
        tex = LABEL.sub("", tex).strip()
        try:
            formula = converter.convert_with_local_state(tex, displaystyle=block)
        except Exception as error:
            fault(tex, str(error))
            return f"<code>{html.escape(tex)}</code>"
        if not block:
            return formula
        if not label:
            return f'<div class="unrolled-equation" tabindex="0">{formula}</div>'
        target = number(label[1])
        return (
            f'<div class="unrolled-equation" tabindex="0" id="{target.anchor}">{formula}'
            f'<span class="unrolled-number">({target.number})</span></div>'
        )

    return MARKED.sub(convert, content)
