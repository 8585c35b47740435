"""Measure what the project promises about speed: `python -m tests.bench`.

Prints a table (ours, other, ratio, target, met), writes the same as JSON to `bench.json` in the
cache folder, and exits with 1 when a target is missed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sitekit.cache import write_atomically

ROOT = Path(__file__).parents[2]


def main() -> int:
    from tests.bench import population, rnn, site

    console = Console(width=110)
    rows: list[dict[str, Any]] = []
    for part in (rnn, population, site):
        console.print(f"measuring {part.__name__.rpartition('.')[2]} …", style="dim")
        rows += part.rows()
    table = Table("what", "ours", "other", "unit", "ratio", "target", "met")
    for row in rows:
        sign = "≥" if row.get("at_least") else "≤"
        table.add_row(
            row["name"],
            f"{row['ours']:.4g}",
            f"{row['other']:.4g}",
            row["unit"],
            f"{row['ratio']:.3f}",
            f"{sign} {row['target']:g}",
            "yes" if row["met"] else "[bold red]NO[/]",
        )
    console.print(table)
    cache = Path(os.environ.get("UNROLLED_CACHE") or ROOT / ".cache")
    write_atomically(cache / "bench.json", json.dumps(rows, indent=1) + "\n")
    console.print(f"also in {cache / 'bench.json'}")
    missed = [row["name"] for row in rows if not row["met"]]
    if missed:
        console.print(f"{len(missed)} target(s) missed: {'; '.join(missed)}", style="bold red")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
