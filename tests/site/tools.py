"""What the tests of the pages take from npm; `package-lock.json` beside this file pins it."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def tool(name: str) -> Path:
    """Return a file of an installed package.

    Raises:
        FileNotFoundError: Run `make test`, or the command in the message.
    """
    file = HERE / "node_modules" / name
    if not file.exists():
        message = f"{name} is missing: npm ci --prefix {HERE}; `make test` does that by itself"
        raise FileNotFoundError(message)
    return file
