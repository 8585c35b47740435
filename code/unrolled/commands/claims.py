"""`python -m unrolled claims`: measure all claims again, with other seeds."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from unrolled.commands.errors import named
from unrolled.commands.progress import progress
from unrolled.commands.workers import count_of, workers

if TYPE_CHECKING:
    from unrolled.claims import Claim
    from unrolled.remeasure import Again, Asked


def claims(
    seed: Annotated[
        list[str] | None,
        typer.Option(
            metavar="N,…",
            help="Measure with N, N+1 and so on, as many as a claim has of its own.",
            show_default="its own",
        ),
    ] = None,
    chapter: Annotated[str, typer.Option(help="Only the claims of this one.")] = "",
    jobs: Annotated[int, typer.Option(help="Processes; 0 for one a core.")] = 0,
    scale: Annotated[
        str, typer.Option(help="smoke, site or full.", show_default="UNROLLED_SCALE")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="A JSON file for what came out.")] = None,
) -> None:
    """Measure the claims again, and report which hold; exit with 1 if one does not."""
    from unrolled import settings, validate
    from unrolled.remeasure import asked_for, chosen

    console = Console()
    with named():
        words = [word for text in seed or () for word in text.split(",")]
        firsts = [_seed(word) for word in words]
        level = validate.choice("scale", scale or settings.scale(), ("smoke", "site", "full"))
        if out is not None and (out.is_dir() or not out.parent.is_dir()):
            raise ValueError(f"out: {out} is a folder, or in none that is there")
        count = count_of(jobs)
        every = chosen(chapter)
        pieces = asked_for(every, firsts, level, together=count > 1)  # type: ignore[arg-type]
    found = _measure(console, pieces, jobs)
    console.print(_table(every, found, judged=level != "smoke"), highlight=False)
    for again in found:
        if again.problem:
            console.print(f"{again.id}: {again.problem}", markup=False, highlight=False)
    if out is not None:
        _save(out, every, found, level)
    holding = sum(again.holds for again in found)
    if level == "smoke":
        console.print(f"{len(found)} measured; at scale smoke claims are not judged.")
        return
    console.print(f"{holding} of {len(found)} hold.", highlight=False)
    if holding < len(found):
        raise typer.Exit(1)


def _seed(word: str) -> int:
    if not word.strip().isdecimal():
        raise ValueError(f"seed: got {word!r}, expected an integer of at least 0")
    return int(word)


def _measure(console: Console, pieces: list[Asked], jobs: int) -> list[Again]:
    """Measure all pieces, and return what came out in the order of the ids."""
    from unrolled.remeasure import measure_again

    found: list[Again] = []
    total = sum(len(piece.claims) for piece in pieces)
    try:
        with workers(jobs, len(pieces)) as spread, progress(console, total) as advance:
            for _, outcome in spread(measure_again, pieces):
                found += outcome
                advance(", ".join(again.id for again in outcome), len(outcome))
    except KeyboardInterrupt:
        console.print(f"Stopped after {len(found)} of {total}; nothing is kept.", highlight=False)
        raise typer.Exit(130) from None
    return sorted(found, key=lambda again: (again.id, again.seeds))


def _table(every: tuple[Claim, ...], found: list[Again], *, judged: bool) -> Table:
    bounds = {claim.id: claim.bound for claim in every}
    table = Table()
    for column in ("claim", "seeds", "measured", "bound", "holds"):
        table.add_column(column, overflow="fold")
    for again in found:
        first, last = again.seeds[0], again.seeds[-1]
        seeds = f"{first}..{last}" if last > first else str(first)
        verdict = ("yes" if again.holds else "NO") if judged else "-"
        table.add_row(again.id, seeds, _numbers(again.measured), bounds[again.id], verdict)
    return table


def _numbers(measured: float | list[float] | None) -> str:
    """Write a number, or the median and the range of several."""
    if not isinstance(measured, list):
        return "nothing" if measured is None else f"{measured:.4g}"
    low, high = min(measured), max(measured)
    median = statistics.median(measured)
    return f"{median:.4g} ({low:.3g}..{high:.3g})" if low != high else f"{median:.4g}"


def _save(path: Path, every: tuple[Claim, ...], found: list[Again], scale: str) -> None:
    from unrolled import __version__, provenance, settings
    from unrolled.files import write_whole

    known = {claim.id: claim for claim in every}
    fields = ("chapter", "statement", "source", "bound", "verdict")
    rows = [
        asdict(again) | {field: getattr(known[again.id], field) for field in fields}
        for again in found
    ]
    about = {
        "scale": scale,
        "device": settings.device(),
        "versions": {**provenance.versions(), "unrolled": __version__},
        "commit": provenance.commit(),
        "date": provenance.date(),
    }
    write_whole(path, json.dumps({"provenance": about, "claims": rows}, indent=1) + "\n")
