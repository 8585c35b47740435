"""The numbers of a figure, read from what was drawn, as one table in CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = tuple[str, str, str, str, str, str]  # panel, series, x, y, low, value
HEAD = ("panel", "series", "x", "y", "from", "value")
"""`from` is where a bar, a band or an error bar begins that ends at `y`; `value` a colour's."""
Point = tuple[str, str, str, str]  # x, y, low, value
Number = Callable[[Any], str]


def numbers_of(figure: Figure) -> str:
    """Return a table of every line, point, bar, band and picture of a figure that was drawn.

    Columns that would be empty are left out; of a drawing that has no axes, nothing is left. An
    axis that all panels share gives its column a name. What stands in for a number on an axis, the
    name of a bar for instance, stands in the table as well.
    """
    panels = [axes for axes in figure.axes if axes.axison and not hasattr(axes, "_colorbar")]
    rows = [row for axes in panels for row in _of_axes(axes)]
    if not rows:
        return ""
    kept = [index for index in range(len(HEAD)) if any(row[index] for row in rows)]
    head = [*HEAD[:2], _label(panels, "x"), _label(panels, "y"), *HEAD[4:]]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    for row in (head, *rows):
        writer.writerow([row[index] for index in kept])
    return table.getvalue()


def _label(panels: list[Any], axis: str) -> str:
    labels = {getattr(axes, f"get_{axis}label")() for axes in panels} - {""}
    return labels.pop() if len(labels) == 1 else axis


def _of_axes(axes: Any) -> Iterator[Row]:
    panel = next(filter(None, map(axes.get_title, ("left", "center", "right"))), "")
    for series, points in _series(axes, _named(axes.xaxis), _named(axes.yaxis)):
        for x, y, low, value in points:
            yield panel, series, x, y, low, value


def _series(axes: Any, on_x: Number, on_y: Number) -> Iterator[tuple[str, list[Point]]]:
    """Yield everything that was drawn, with its name."""
    from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh

    kinds = {
        QuadMesh: _mesh, PathCollection: _dots, LineCollection: _strokes, PolyCollection: _band
    }  # fmt: skip
    within = {
        child: container.get_label()
        for container in axes.containers
        for child in container.get_children()
    }
    written = _texts_by_colour(axes)
    for line in axes.lines:
        name = _name(line.get_label(), within.get(line), written.get(_hue(line.get_color())))
        yield name, _line(line, axes, on_x, on_y)
    for patch in axes.patches:
        if patch in within and hasattr(patch, "get_height"):
            name = _name(within[patch], written.get(_hue(patch.get_facecolor())))
            yield name, _bar(patch, within, on_x, on_y)
    for collection in axes.collections:
        read = next((kinds[kind] for kind in kinds if isinstance(collection, kind)), None)
        if read:
            hues = [*collection.get_facecolor(), *collection.get_edgecolor()][:1]
            colour = written.get(_hue(hues[0])) if hues and collection.get_array() is None else ""
            name = _name(collection.get_label(), within.get(collection), colour)
            yield name, read(collection, on_x, on_y)
    for image in axes.images:
        yield _name(image.get_label()), _cells(image.get_array(), *_centres(image), on_x, on_y)


def _texts_by_colour(axes: Any) -> dict[str, str]:
    """Return what is written in each colour, once: in place of a legend it names what has it."""
    written: dict[str, set[str]] = {}
    for text in axes.texts:
        written.setdefault(_hue(text.get_color()), set()).add(text.get_text())
    return {
        hue: texts.pop().replace("\n", " ") for hue, texts in written.items() if len(texts) == 1
    }


def _hue(colour: Any) -> str:
    from matplotlib.colors import to_hex

    return to_hex(colour)


def _line(line: Any, axes: Any, on_x: Number, on_y: Number) -> list[Point]:
    """Return its points; of a line across the whole panel, where it stands."""
    transform = line.get_transform()
    across, up = transform.contains_branch_seperately(axes.transData)
    points = zip(*line.get_data(orig=False), strict=True)
    return [
        (on_x(x) if across else "", on_y(y) if up else "", "", "")
        for x, y in points
        if x == x and y == y
    ]


def _dots(dots: Any, on_x: Number, on_y: Number) -> list[Point]:
    offsets, colours = dots.get_offsets(), dots.get_array()
    values = [""] * len(offsets) if colours is None else map(_number, colours)
    points = zip(offsets, values, strict=True)
    return [(on_x(x), on_y(y), "", value) for (x, y), value in points]


def _strokes(strokes: Any, on_x: Number, on_y: Number) -> list[Point]:
    """Return where each upright stroke ends and begins, and both ends of any other."""
    points: list[Point] = []
    for segment in strokes.get_segments():
        (x, low), (end, y) = segment[0], segment[-1]
        if x == end:
            points.append((on_x(x), on_y(y), on_y(low), ""))
        else:
            points += [(on_x(x), on_y(low), "", ""), (on_x(end), on_y(y), "", "")]
    return points


def _mesh(mesh: Any, on_x: Number, on_y: Number) -> list[Point]:
    grid = mesh.get_coordinates()
    middle = (grid[:-1, :-1] + grid[1:, 1:]) / 2
    array = mesh.get_array().reshape(middle.shape[:2])
    return _cells(array, middle[0, :, 0], middle[:, 0, 1], on_x, on_y)


def _bar(bar: Any, names: dict[Any, Any], on_x: Number, on_y: Number) -> list[Point]:
    """Return where it ends and, unless at zero, begins; bars of one height are lying ones."""
    left, low = bar.get_xy()
    right, high = left + bar.get_width(), low + bar.get_height()
    bars = [other for other in names if hasattr(other, "get_height") and other.axes is bar.axes]
    if len({bar.get_width() for bar in bars}) > 1 >= len({bar.get_height() for bar in bars}):
        return [(on_x(right), on_y((low + high) / 2), on_x(left) if left else "", "")]
    return [(on_x((left + right) / 2), on_y(high), on_y(low) if low else "", "")]


def _band(band: Any, on_x: Number, on_y: Number) -> list[Point]:
    """Return the lower and the upper edge of what `fill_between` drew."""
    edges: dict[float, list[float]] = {}
    for path in band.get_paths():
        for x, y in path.vertices:
            edges.setdefault(float(x), []).append(float(y))
    return [(on_x(x), on_y(max(ys)), on_y(min(ys)), "") for x, ys in edges.items()]


def _centres(image: Any) -> tuple[Any, Any]:
    """Return where the columns and the rows of a picture are."""
    import numpy as np

    rows, columns = image.get_array().shape[:2]
    left, right, bottom, top = image.get_extent()
    if image.origin == "upper":
        bottom, top = top, bottom
    across = left + (np.arange(columns) + 0.5) * (right - left) / columns
    up = bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows
    return across, up


def _cells(array: Any, across: Any, up: Any, on_x: Number, on_y: Number) -> list[Point]:
    """Return each cell that has a number; a picture in colours has none."""
    import numpy as np

    values: Any = np.ma.filled(np.ma.asarray(array, dtype=float), np.nan)
    if values.ndim != 2:
        return []
    return [
        (on_x(x), on_y(y), "", _number(value))
        for y, row in zip(up, values, strict=True)
        for x, value in zip(across, row, strict=True)
        if value == value
    ]


def _named(axis: Any) -> Number:
    """Return how an axis writes a number: by its name, if it was given names."""
    from matplotlib.category import StrCategoryFormatter
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    formatter = axis.get_major_formatter()
    if not isinstance(formatter, FixedFormatter | StrCategoryFormatter | FuncFormatter):
        return _number
    labels = [label.get_text().replace("\n", " ") for label in axis.get_ticklabels()]
    places = [float(place) for place in axis.get_majorticklocs()]
    names = {_number(place): name for place, name in zip(places, labels, strict=False) if name}
    if len(names) > 1 and not any(map(_is_number, names.values())):  # of things, not of lengths
        reach = min(abs(a - b) for a in places for b in places if a != b) / 2

        def nearest(number: Any) -> str:
            place = min(places, key=lambda place: abs(place - float(number)))
            near = abs(place - float(number)) < reach
            return names.get(_number(place), "") if near else _number(number)

        return nearest
    return lambda number: names.get(_number(number), _number(number))


def _is_number(text: str) -> bool:
    return bool(re.search(r"\d", text)) and not re.search(r"[A-Za-z]{2}", text)


def _number(number: Any) -> str:
    return f"{float(number):.6g}"


def _name(*labels: Any) -> str:
    """Return the first label that somebody gave; Matplotlib's own begin with an underscore."""
    given = (str(label) for label in labels if label and not str(label).startswith("_"))
    return next(given, "")
