"""The picture that others show beside a link to the site: its mark, its name, a figure of it."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator

WIDTH, HEIGHT = 1200, 630
VARIABLE = re.compile(r"(--[\w-]+):\s*(#[0-9a-fA-F]{6})")
Style = dict[str, str]


def card(name: str, words: str, facts: str, logo: str, figure: str, style: str) -> bytes:
    """Return a picture of 1200 by 630 pixels as PNG, the same bytes for the same input.

    Args:
        name: Of the site.
        words: What it is, one line each.
        facts: Of this build, in a line.
        logo, figure: The text of an SVG. Its paths, circles and coloured words are drawn.
        style: The style sheet. A variable in an SVG is what it is there first, so in light.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colours: dict[str, str] = {}
    for variable, colour in VARIABLE.findall(style):
        colours.setdefault(variable, colour)
    ink, quiet = colours["--fig-fg"], colours["--unrolled-quiet"]
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        paper = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=colours["--fig-bg"])
        canvas = FigureCanvasAgg(paper)
        _draw(paper, logo, (78, 80), 236, colours)
        paper.text(0.065, 0.525, name, size=62, weight="bold", color=ink)
        paper.text(0.067, 0.475, words, size=19, color=ink, va="top", linespacing=1.6)
        paper.text(0.067, 0.1, facts, size=14, color=quiet)
        _draw(paper, figure, (560, 118), 600, colours)
        picture = io.BytesIO()
        canvas.print_png(  # type: ignore[no-untyped-call]
            picture, metadata={"Software": None}
        )
    return picture.getvalue()


def _draw(paper: object, svg: str, corner: tuple[int, int], width: int, colours: Style) -> None:
    """Draw an SVG with its upper left corner there, in pixels."""
    from fontTools.pens.recordingPen import RecordingPen  # type: ignore[import-untyped]
    from fontTools.svgLib.path import SVGPath  # type: ignore[import-untyped]
    from matplotlib.figure import Figure
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    assert isinstance(paper, Figure)
    root = etree.fromstring(svg)
    size = width / float(root.attrib["viewBox"].split()[2])
    place = Affine2D().scale(size).translate(*corner).scale(1, -1).translate(0, HEIGHT)
    kinds = {"moveTo": Path.MOVETO, "lineTo": Path.LINETO, "qCurveTo": Path.CURVE3,
             "curveTo": Path.CURVE4}  # fmt: skip
    for element, style in _drawn(root, {"fill": "black", "stroke": "none", "stroke-width": "1"}):
        fill, stroke = (_colour(style[name], colours) for name in ("fill", "stroke"))
        if element.tag.endswith("text"):
            x, y = place.transform((float(element.attrib["x"]), float(element.attrib["y"])))
            across = {"end": "right"}.get(style.get("text-anchor", ""), "left")
            paper.text(
                x / WIDTH, y / HEIGHT, element.text or "", color=fill, ha=across,
                size=7.2 * size,
            )  # fmt: skip
            continue
        pen = RecordingPen()
        SVGPath.fromstring(f"<svg>{etree.tostring(element, 'unicode')}</svg>".encode()).draw(pen)
        steps = [(kind, points) for kind, points in pen.value if kind in kinds]
        points = [point for _, each in steps for point in each]
        codes = [kinds[kind] for kind, each in steps for _ in each]
        patch = PathPatch(
            Path(points, codes),
            transform=place,
            facecolor=fill, edgecolor=stroke, linestyle=":" if "stroke-dasharray" in style else "-",
            alpha=float(style.get("stroke-opacity", 1)),
            linewidth=float(style["stroke-width"]) * size * 0.72, capstyle="round",
        )  # fmt: skip
        paper.add_artist(patch)


def _drawn(element: etree.Element, inherited: Style) -> Iterator[tuple[etree.Element, Style]]:
    """Yield what is to be drawn, with the style that it has or inherits."""
    own = dict(part.split(":", 1) for part in element.get("style", "").split(";") if ":" in part)
    style = inherited | element.attrib | {key.strip(): own[key].strip() for key in own}
    kind = element.tag.rpartition("}")[2]
    if kind == "defs":
        return
    coloured = "--fig-c" in style["fill"]
    if kind in {"path", "circle"} or (kind == "text" and coloured and element.get("x")):
        yield element, style
    for child in element:
        yield from _drawn(child, style)


def _colour(value: str, colours: Style) -> str:
    found = re.fullmatch(r"var\((--[\w-]+)\)", value)
    return colours[found[1]] if found else value
