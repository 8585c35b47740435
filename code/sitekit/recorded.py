"""Recorded results whose code has changed since: a strict build does not publish them."""

from __future__ import annotations

from pathlib import Path

from sitekit.problems import Problem


def stale_results(folder: Path, base: Path) -> list[Problem]:
    """Return a problem for each recorded result that is damaged or out of date.

    Args:
        folder: Of the results; it need not be there.
        base: What the paths of the problems are relative to.
    """
    problems = []
    for file in sorted(folder.glob("*.json")):
        from unrolled.results import ResultError, stale  # slow to import, and seldom needed

        path = file.relative_to(base).as_posix()
        try:
            command = stale(file.stem, folder=folder)
        except ResultError as error:
            problems.append(Problem(path, 1, str(error)))
            continue
        if command:
            message = f"the code that made this result has changed; renew it with: {command}"
            problems.append(Problem(path, 1, message))
    return problems
