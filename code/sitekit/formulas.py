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
PLACE = re.compile(
    r'<(?P<tag>span|div) data-formula="(?P<place>\d+)">.*?</(?P=tag)>',
    re.S,
)

PRIMED = re.compile(
    r"<msup>(?P<alone><mi>[^<]*</mi>)<mo>′</mo></msup>"
    r"|<msubsup>(?P<name><mi>[^<]*</mi>)(?P<index>(?:(?!</?msub|</?msup).)*?)<mo>′</mo></msubsup>",
    re.S,
)
BRACED = re.compile(r"([_^])\{(\w+)\}")


class Formulas:
    """The formulas of one page: taken out of its HTML as TeX, put back as MathML.

    In between, the page holds the TeX, which is what a search for a symbol should find: `W_hh`
    without braces, as it is in code and as one types it.
    """

    def __init__(self) -> None:
        self.converted: list[str] = []

    def take(
        self, content: str, number: Callable[[str], Target], fault: Callable[[str, str], None]
    ) -> str:
        """Return the page's HTML with plain TeX for every formula, and convert them all.

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
                formula = f"<code>{html.escape(tex)}</code>"
            formula = PRIMED.sub(_beside, formula)
            if block:
                formula = _equation(formula, number(label[1]) if label else None)
            self.converted.append(formula)
            place = len(self.converted) - 1
            tag = match["tag"]
            return f'<{tag} data-formula="{place}">{_typed(tex)}</{tag}>'

        return MARKED.sub(convert, content)

    def put(self, content: str) -> str:
        """Return a finished page with MathML in the places of the TeX."""
        return PLACE.sub(lambda match: self.converted[int(match["place"])], content)


def _beside(found: re.Match[str]) -> str:
    """A prime that stands beside its letter: fonts draw it raised, and raised twice it is a dot."""
    primed = f'<mrow>{found["alone"] or found["name"]}<mo lspace="0" rspace="0">′</mo></mrow>'
    return primed if found["alone"] else f"<msub>{primed}{found['index']}</msub>"


def _typed(tex: str) -> str:
    return html.escape(BRACED.sub(r"\1\2", tex))


def _equation(formula: str, target: Target | None) -> str:
    if target is None:
        return f'<div class="unrolled-equation" tabindex="0">{formula}</div>'
    return (
        f'<div class="unrolled-equation" tabindex="0" id="{target.anchor}">{formula}'
        f'<span class="unrolled-number">({target.number})</span></div>'
    )
