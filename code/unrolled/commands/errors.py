"""Refusals of a command: they name the option as it is written on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def named() -> Iterator[None]:
    """Turn errors that begin with an argument's name into exit code 2 and the option's name."""
    try:
        yield
    except (ValueError, TypeError, RuntimeError, OSError, ModuleNotFoundError) as error:
        raise typer.BadParameter(option_names(str(error))) from error


def option_names(message: str) -> str:
    """Write `hidden_dim: got 0` as `--hidden-dim: got 0`."""
    name, colon, rest = message.partition(":")
    if not colon or not name.replace("_", "").isalnum() or name.isupper() or name == "experiment":
        return message
    return f"--{name.replace('_', '-')}{colon}{rest}"
