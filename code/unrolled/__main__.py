"""The command line: `python -m unrolled COMMAND`, each command in a module of its own."""

from __future__ import annotations

import typer

from unrolled.commands.charlm import charlm
from unrolled.commands.claims import claims
from unrolled.commands.experiments import experiments
from unrolled.commands.run import Experiments

app = typer.Typer(
    help="Recurrent neural networks, small enough to read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(charlm)
app.command()(claims)
app.command()(experiments)
run = typer.Typer(cls=Experiments, no_args_is_help=True, help="Run an experiment, or a grid of it.")
app.add_typer(run, name="run")


@run.callback()
def chosen() -> None:
    """Run an experiment, or a grid of it; each has a --help of its own."""


@app.callback()
def main() -> None:
    """Keep each command under its name even while there is only one."""


if __name__ == "__main__":
    app(prog_name="python -m unrolled")
