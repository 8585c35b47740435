"""torchvision, or an error that says how to get it."""

from __future__ import annotations

import importlib
from typing import Any

HELP = (
    "`make test-vision` makes an environment that has it, .venv-vision; "
    "by hand: pip install -e '.[vision]'"
)


def torchvision(module: str = "torchvision") -> Any:
    """Import torchvision or a module of it, and return that module.

    Raises:
        ModuleNotFoundError: It is not installed; the message has the command.
        ImportError: The one installed was built for another version of PyTorch.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{module} is not installed here; {HELP}") from error
    except (ImportError, RuntimeError) as error:
        raise ImportError(f"{module} does not fit the PyTorch installed here; {HELP}") from error
