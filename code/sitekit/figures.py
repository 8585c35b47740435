"""Turn a Matplotlib figure into inline SVG: same bytes every time, both colour schemes."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The colours that `matplotlibrc` uses stand for variables of the style sheet.
VARIABLES = {
    "#0a0a00": "--fig-fg",
    "#0a0a0f": "--fig-bg",
    **{f"#0a0a1{number}": f"--fig-c{number}" for number in range(8)},
}


LONG = re.compile(r"-?\d+\.\d{3,}")
"""A length in points of which a reader sees two decimals."""


def to_svg(figure: Figure, name: str, alt: str) -> str:
    """Return `figure` as an `<svg>` element whose ids all start with `name`.

    Args:
        figure: It is closed afterwards.
        name: Unique in the site; also the salt of the ids that Matplotlib makes up.
        alt: The finding, for whoever cannot see the picture.
    """
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    with plt.rc_context({"svg.hashsalt": name}):
        figure.savefig(
            buffer,
            format="svg",
            bbox_inches="tight",
            metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
        )
    plt.close(figure)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.S)
    svg = re.sub(r"(?<=<)[^!?/][^>]*", lambda tag: LONG.sub(_shorter, tag[0]), svg)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', svg))
    svg = re.sub(r'<g id="([^"]+)"', lambda group: group[0] if group[1] in used else "<g", svg)
    svg = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(
        r'<style type="text/css">(.*?)</style>',
        lambda match: f"<style>{match[1].replace('*{', f'#{name} *{{')}</style>",
        svg,
        flags=re.S,
    )
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = re.sub(r"\n\s*", "\n", svg).strip()
    head = f'<svg id="{name}" role="img" aria-labelledby="{name}-title" '
    title = f'><title id="{name}-title">{html.escape(alt)}</title>'
    return svg.replace("<svg ", head, 1).replace(">", title, 1)


def _shorter(number: re.Match[str]) -> str:
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
