"""Turn the sources of pages into outcomes: from the cache if nothing changed, else by running."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sitekit.blocks import Block
from sitekit.cache import Cache, clear_unfinished, write_atomically
from sitekit.claims import Ledger, claim_blocks, judge, read_ledger
from sitekit.fingerprint import worker_environment
from sitekit.held import SCRATCH, clear_abandoned
from sitekit.jobs import UNKNOWN, Job, Page, Result
from sitekit.keys import Keys, canonical
from sitekit.problems import Problem

CHOICES = {
    "UNROLLED_SCALE": ("smoke", "site", "full"),
    "UNROLLED_DEVICE": ("auto", "cpu", "cuda", "mps"),
}
log = logging.getLogger("mkdocs.plugins.unrolled")
Outcome = dict[str, Any]
NOT_CLAIMS = {"__init__", "registry"}


@dataclass
class Executed:
    """What all pages and claims yielded.

    Attributes:
        outcomes: By page name; empty for a page whose environment is missing.
        fresh: Names of the pages and claim modules that were executed now, not looked up.
        missing: By page name, the environment that is not installed here.
        left_out: By page name, the blocks that were not run and the distribution each needs.
        versions: By page name, of what is installed where it ran; only for another Python.
        jobs: What was run, or looked up, for the pages.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)
    missing: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, dict[str, str]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    ledger: Ledger = field(default_factory=list)

    def values(self, page: Page) -> dict[str, tuple[int | float | str, bool]]:
        """Return what the blocks of a page named, each with whether it is volatile."""
        blocks = self.outcomes.get(page.name, {"blocks": {}})["blocks"]
        return {
            name: (content, block.volatile)
            for block in page.blocks
            for name, content in blocks.get(block.id, {"values": {}})["values"].items()
        }

    def summary(self) -> dict[str, dict[str, object]]:
        """Return seconds, device and cache state of everything that was to be executed."""
        return {
            name: {
                "seconds": round(outcome["seconds"], 3),
                "device": outcome["device"],
                "cache": "miss" if name in self.fresh else "hit",
                **({"not_run": sorted(self.left_out[name])} if name in self.left_out else {}),
            }
            for name, outcome in sorted(self.outcomes.items())
        }


class Executor:
    """Executes the pages of one project.

    Args:
        project: The folder of `mkdocs.yml`.
        code: On the import path of every block.
        claims: Package below it with the claims; empty for none.
        scale: If not that of the environment.
    """

    def __init__(self, project: Path, code: Path, claims: str, *, scale: str = "") -> None:
        self.project = project
        self.code = code
        own = Path(__file__).parent.parent
        self.roots = tuple(dict.fromkeys([code, own]))
        self.claims = claims
        folder = Path(os.environ.get("UNROLLED_CACHE") or project / ".cache")
        self.folder = folder if folder.is_absolute() else project / folder
        self.cache = Cache(self.folder / "pages", project)
        _check_choices()
        self.environment = worker_environment(self.roots)
        if scale:
            self.environment["UNROLLED_SCALE"] = scale
        self.keys = Keys(project, self.roots, self.environment)

    def execute(self, pages: list[Page]) -> Executed:
        """Return the outcomes of all pages and of all claims, and every problem found."""
        clear_abandoned(Path(tempfile.gettempdir()), SCRATCH)
        clear_unfinished(self.folder)
        done = Executed()
        jobs = []
        claim_pages = self._claim_pages(done)
        for page in [*pages, *claim_pages]:
            interpreter = self._interpreter(page.environment)
            if interpreter is None and any(block.needs for block in page.blocks):
                interpreter = sys.executable  # which runs all that needs nothing more
            if interpreter is None:
                done.missing[page.name] = page.environment
                log.info(f"{page.path}: not run{how_to_get(page.environment)}")
            elif blocks := self._ready(page, interpreter, done):
                jobs.append(Job(page.name, page.slug, page.path, blocks, interpreter))
        self._outcomes(jobs, done)
        names = {page.name for page in pages}
        done.jobs = [job for job in jobs if job.name in names]
        for page in claim_pages:
            entries = read_ledger(done.outcomes[page.name]) if page.blocks else []
            lines = {block.id: block.line - 1 for block in page.blocks}
            done.problems += judge(entries, page.path, lines)
            done.ledger += entries
        return done

    def _ready(self, page: Page, interpreter: str, done: Executed) -> tuple[Block, ...]:
        """Return the blocks whose needs an interpreter meets, and note what was left out."""
        if interpreter == sys.executable and not any(block.needs for block in page.blocks):
            return page.blocks
        versions = self.keys.versions(interpreter)
        if interpreter != sys.executable:
            done.versions[page.name] = versions
        needed = {block.id: block.needs for block in page.blocks if block.needs}
        left_out = {id: name for id, name in needed.items() if canonical(name) not in versions}
        if left_out:
            done.left_out[page.name] = left_out
            names = ", ".join(sorted(set(left_out.values())))
            log.info(
                f"{page.path}: {len(left_out)} of {len(page.blocks)} blocks not run, "
                f"as they need {names}{how_to_get(page.environment)}"
            )
        return tuple(block for block in page.blocks if block.id not in left_out)

    def outcomes(
        self, jobs: list[Job], ran: Callable[[Result], None]
    ) -> tuple[dict[str, Outcome], list[Problem]]:
        """Return what jobs yielded, by name, and every problem; no claims, nothing left out.

        Args:
            ran: Called with the result of each that was executed now.
        """
        done = Executed()
        self._outcomes(jobs, done, ran)
        return done.outcomes, done.problems

    def _outcomes(
        self, jobs: list[Job], done: Executed, ran: Callable[[Result], None] = lambda result: None
    ) -> None:
        keys = {job.name: self.keys.key(job) for job in jobs}
        todo = []
        for job in jobs:
            found = self.cache.find(keys[job.name])
            if found is None:
                todo.append(job)
            else:
                done.outcomes[job.name] = found
        if not todo:
            return

        def keep(result: Result) -> None:
            ran(result)
            name = result.job.name
            done.outcomes[name] = result.outcome
            done.fresh.add(name)
            result.outcome["files"] = self._relative(result.outcome["files"])
            if not result.problems and self.keys.unchanged(result, keys[name]):
                self.cache.store(keys[name], result.outcome)

        results = self.run_all(todo, keep)
        done.problems += [problem for result in results for problem in result.problems]
        self.cache.shrink()

    def run_all(
        self, jobs: list[Job], keep: Callable[[Result], None] = lambda result: None
    ) -> list[Result]:
        """Execute jobs on all cores, and note how long they took."""
        from sitekit.forked import needs  # these three are slow to import
        from sitekit.progress import progress
        from sitekit.schedule import run

        seconds = self._read_seconds()
        jobs = [
            replace(
                job,
                expected_seconds=seconds.get(job.name, UNKNOWN),
                needs=frozenset(needs(self.keys.texts(job))),
            )
            for job in jobs
        ]

        def finished(result: Result) -> None:
            report.finished(result)
            seconds[result.job.name] = result.outcome["seconds"]
            keep(result)

        with progress(len(jobs)) as report:
            results = run(
                jobs,
                environment=self.environment,
                project=self.project,
                roots=self.roots,
                workers=_worker_count(),
                finished=finished,
                running=report.running,
            )
        self._write_seconds(seconds)
        return results

    def _relative(self, files: dict[str, str]) -> dict[str, str]:
        project = self.project.resolve()
        return {
            Path(name).relative_to(project).as_posix()
            if Path(name).is_relative_to(project)
            else name: digest
            for name, digest in files.items()
        }

    def _interpreter(self, environment: str) -> str | None:
        """Return the Python of an environment, `.venv-NAME` in the project; None if missing."""
        if not environment:
            return sys.executable
        folder = self.project / f".venv-{environment}"
        found = [folder / "bin" / "python", folder / "Scripts" / "python.exe"]
        return next((str(path) for path in found if path.exists()), None)

    def _claim_pages(self, done: Executed) -> list[Page]:
        """Return a page for each module of claims, with one block a claim."""
        pages = []
        folder = self.code.joinpath(*self.claims.split("."))
        for file in sorted(folder.glob("*.py")) if self.claims else []:
            if file.stem in NOT_CLAIMS:
                continue
            path = file.relative_to(self.project).as_posix()
            try:
                blocks = claim_blocks(file, self.claims)
            except (SyntaxError, ValueError) as error:
                line = getattr(error, "lineno", None) or 1
                done.problems.append(Problem(path, line, f"cannot be read: {error}"))
                continue
            name = f"claims/{file.stem}"
            pages.append(Page(name, name.replace("/", "-"), path, tuple(blocks)))
        return pages

    def _read_seconds(self) -> dict[str, float]:
        try:
            seconds = json.loads((self.folder / "seconds.json").read_text())
            return {str(name): float(value) for name, value in seconds.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def _write_seconds(self, seconds: dict[str, float]) -> None:
        try:
            write_atomically(self.folder / "seconds.json", json.dumps(seconds, sort_keys=True))
        except OSError:
            pass  # only the order of the next run depends on it


def how_to_get(environment: str) -> str:
    """Return the end of a sentence on what is missing from the environment a page names."""
    return f": `make test-{environment}` makes the environment for it" if environment else ""


def _check_choices() -> None:
    for variable, allowed in CHOICES.items():
        chosen = os.environ.get(variable)
        if chosen and chosen not in allowed:
            raise ValueError(f"{variable}={chosen!r}: expected one of {', '.join(allowed)}")


def _worker_count() -> int:
    text = os.environ.get("UNROLLED_JOBS", "")
    count = int(text) if text.isdecimal() else 0
    if text and count < 1:
        raise ValueError(f"UNROLLED_JOBS={text!r}: expected a positive whole number")
    if count:
        return count
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
