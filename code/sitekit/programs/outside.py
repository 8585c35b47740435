"""What a program has in place of the page: it opens or saves a figure, and lets a number be."""

import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure


def show(figure: Figure, *, alt: str, caption: str = "") -> None:
    """Open the window of a figure; where there is none, save it and say where."""
    if plt.get_backend().lower() in {"agg", "svg", "pdf", "ps", "cairo", "template"}:
        target = Path(tempfile.mkdtemp(prefix="unrolled-")) / "figure.svg"
        figure.savefig(target)
        sys.stderr.write(f"figure saved as {target}: {alt}\n")
    else:
        plt.show()
    plt.close(figure)


def value(name: str, number: float) -> float:
    """On the page the text cites this number by its name."""
    return number
