"""The numbers of a figure, read from what was drawn, as one table in CSV."""

from __future__ import annotations

import csv
import io
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

    Columns that would be empty are left out. What stands in for a number on an axis, the name of
    a bar for instance, stands in the table as well.
    """
    rows = [row for axes in figure.axes if not _is_colorbar(axes) for row in _of_axes(axes)]
    kept = [index for index in range(len(HEAD)) if any(row[index] for row in rows)]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    for row in (HEAD, *rows):
        writer.writerow([row[index] for index in kept])
    return table.getvalue()


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
    names = {
        child: container.get_label()
        for container in axes.containers
        for child in container.get_children()
    }
    for line in axes.lines:
        yield _name(line.get_label(), names.get(line)), _line(line, axes, on_x, on_y)
    for patch in axes.patches:
        if patch in names and hasattr(patch, "get_height"):
            yield _name(names[patch]), _bar(patch, names, on_x, on_y)
    for collection in axes.collections:
        label = _name(collection.get_label(), names.get(collection))
        read = next((kinds[kind] for kind in kinds if isinstance(collection, kind)), None)
        if read:
            yield label, read(collection, on_x, on_y)
    for image in axes.images:
        yield _name(image.get_label()), _cells(image.get_array(), *_centres(image), on_x, on_y)


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
    names: dict[str, str] = {}
    if isinstance(formatter, FixedFormatter | StrCategoryFormatter | FuncFormatter):
        places, labels = axis.get_majorticklocs(), axis.get_ticklabels()
        for place, label in zip(places, labels, strict=False):
            if label.get_text():
                names[_number(place)] = label.get_text().replace("\n", " ")
    return lambda number: names.get(_number(number), _number(number))


def _number(number: Any) -> str:
    return f"{float(number):.6g}"


def _name(*labels: Any) -> str:
    """Return the first label that somebody gave; Matplotlib's own begin with an underscore."""
    given = (str(label) for label in labels if label and not str(label).startswith("_"))
    return next(given, "")


def _is_colorbar(axes: Any) -> bool:
    return hasattr(axes, "_colorbar")
