"""`python -m unrolled run NAME`: run an experiment, or a grid of it, and keep what came out."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core
from rich.markup import escape

if TYPE_CHECKING:
    from unrolled.grid.describe import Experiment, Parameter

UNITS = {"int": "INTEGER", "float": "NUMBER", "str": "WORD", "dtype": "DTYPE", "pair": "TxD"}
OPTIONS: dict[str, tuple[Any, Any]] = {
    "jobs": (
        Annotated[int, typer.Option(help="Processes; 0 for one a core. With 1, this process.")],
        0,
    ),
    "dask": (
        Annotated[str, typer.Option(metavar="ADDRESS", help="Of a Dask scheduler to compute on.")],
        "",
    ),
    "split": (
        Annotated[
            list[str] | None,
            typer.Option(metavar="NAME,…", help="Sequences to take apart into cells, or none."),
        ],
        None,
    ),
    "out": (
        Annotated[
            Path | None,
            typer.Option(help="Folder for the results.", show_default="runs/NAME-KEY"),
        ],
        None,
    ),
    "record": (Annotated[bool, typer.Option("--record", help="Also into code/results/.")], False),
    "as_": (
        Annotated[
            str, typer.Option("--as", metavar="NAME", help="Of the recorded file; with --record.")
        ],
        "",
    ),
}
SCALE = Annotated[str, typer.Option(help="smoke, site or full.", show_default="UNROLLED_SCALE")]


class Experiments(typer.core.TyperGroup):
    """A command for each experiment, made from its signature when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        from unrolled.grid.describe import names

        return list(names())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        from unrolled.grid.describe import describe

        try:
            return command_of(describe(cmd_name))
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error


def command_of(experiment: Experiment) -> Any:
    """Return the command of one experiment."""

    def command(**options: Any) -> None:
        from unrolled.commands.grid import execute

        execute(experiment, options)

    given = {each.name: (_option(each), None) for each in experiment.parameters if each.kind}
    own = OPTIONS | ({"scale": (SCALE, "")} if experiment.scaled else {})
    signature = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in (given | own).items()
    ]
    command.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in signature}
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    axes = "A single value given several times, or as a,b, is an axis of a grid."
    app.command(help=f"{escape(experiment.summary)}\n\n{axes}")(command)
    made = typer.main.get_command(app)
    made.name = experiment.name
    return made


def _option(parameter: Parameter) -> Any:
    from unrolled.commands.experiments import default_text

    unit = UNITS[parameter.kind] + ",…" * parameter.many
    return Annotated[
        list[str] | None,
        typer.Option(
            f"--{parameter.name.replace('_', '-')}",
            metavar=unit,
            help=escape(parameter.help),
            show_default=default_text(parameter.default),
            rich_help_panel="Parameters",
        ),
    ]
