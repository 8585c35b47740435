"""Pages with blocks, the jobs made of them, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sitekit.blocks import Block
from sitekit.problems import Problem


@dataclass(frozen=True)
class Page:
    """A source with blocks: `name` relative to the docs folder, `path` relative to the project."""

    name: str
    slug: str
    path: str
    blocks: tuple[Block, ...]
    environment: str = ""


TRIALS = "programs/"
"""Before the name of a page, the name of the job that tries its programs."""
UNKNOWN = float("inf")
"""Seconds of a job that has not run before."""


@dataclass(frozen=True)
class Job:
    """One page to execute: `name` is its key in the results, `path` what errors name.

    Attributes:
        module: What executes it.
        needs: Which of the slow modules in `sitekit.nursery` it can reach.
    """

    name: str
    slug: str
    path: str
    blocks: tuple[Block, ...]
    interpreter: str
    expected_seconds: float = 0.0
    module: str = "sitekit.worker"
    needs: frozenset[str] = frozenset()


@dataclass
class Result:
    """What came of a job: an outcome to render and keep, or problems, or both.

    Attributes:
        started: When it began, in seconds since the epoch.
    """

    job: Job
    started: float
    outcome: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
