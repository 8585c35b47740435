"""Put a figure on a page, name a number. Outside the site: open or save the figure."""

from __future__ import annotations

import re
import sys
import tempfile
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T", int, float, str)

RECEIVER = "unrolled_page_receiver"
"""A program that builds pages registers an object under this name in `sys.modules`.

Its methods `figure(figure, alt, caption)` and `value(name, number)` then receive what the
page's code shows and names. Nothing is registered anywhere else.
"""


def show(figure: Figure, *, alt: str, caption: str = "") -> None:
    """Put `figure` on the page; outside the site, open its window or save it as SVG.

    Args:
        figure: A Matplotlib figure; it is closed afterwards.
        alt: The finding in words, for whoever cannot see the picture.
        caption: One sentence printed below the figure.

    Raises:
        TypeError: `figure` is not a Matplotlib figure, or `caption` is no text.
        ValueError: `alt` is empty.
    """
    if isinstance(figure, type) or not hasattr(figure, "savefig"):
        raise TypeError(f"figure: got {type(figure).__name__}, expected a Matplotlib figure")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: got {alt!r}, expected the finding of the figure in words")
    if not isinstance(caption, str):
        raise TypeError(f"caption: got {caption!r}, expected a text")
    if receiver := _receiver():
        receiver.figure(figure, alt, caption)
    else:
        _open_or_save(figure)


def value(name: str, number: T) -> T:
    """Name a number (or a short text) so that the page's prose can cite it as `[[name]]`.

    Returns:
        `number`, unchanged.

    Raises:
        TypeError: `number` is neither a real number nor a text.
        ValueError: `name` is not lower case words joined by hyphens, or `number` is NaN.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(f"name: got {name!r}, expected lower-case words joined by hyphens")
    if isinstance(number, str):
        plain: int | float | str = number
    elif hasattr(number, "item") and getattr(number, "ndim", 0) == 0:
        plain = number.item()
    else:
        plain = number
    if isinstance(plain, bool) or not isinstance(plain, (str, Real)):
        raise TypeError(f"number: got {type(number).__name__}, expected a real number or a text")
    if not isinstance(plain, str) and plain != plain:
        raise ValueError(f"number: {name!r} is NaN, expected a number")
    if receiver := _receiver():
        receiver.value(name, plain)
    return number


def _receiver() -> Any:
    return sys.modules.get(RECEIVER)


def _open_or_save(figure: Figure) -> None:
    import matplotlib.pyplot as plt

    interactive = plt.get_backend().lower() not in {"agg", "svg", "pdf", "ps", "cairo", "template"}
    if interactive:
        plt.show()
    else:
        folder = Path(tempfile.mkdtemp(prefix="unrolled-"))
        target = folder / "figure.svg"
        figure.savefig(target)
        print(f"figure saved as {target}", file=sys.stderr)
    plt.close(figure)
