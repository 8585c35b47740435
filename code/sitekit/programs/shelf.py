"""Programs of pages, made when something changed that can change them, else as they were."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitekit.cache import Cache, hash_of
from sitekit.jobs import Job, Result
from sitekit.problems import Problem
from sitekit.programs.program import Program

if TYPE_CHECKING:
    from sitekit.execute import Executor

SCALE = "smoke"
"""At which programs are tried."""


class Programs:
    """The programs of one project.

    Args:
        package: Whose code programs have in them.
        tried: Executes at the scale at which programs are tried.
    """

    def __init__(self, package: str, tried: Executor) -> None:
        self.package = package
        self.tried = tried
        self.cache = Cache(tried.folder / "programs", tried.project)
        self.found: dict[str, dict[str, Program]] = {}
        self.problems: list[Problem] = []
        self.seconds: dict[str, float] = {}
        """Of everything that was run now, by the name of the job."""

    def of(self, jobs: Sequence[Job], *, known_only: bool) -> dict[str, dict[str, Program]]:
        """Return the programs of pages, by page and block.

        Args:
            known_only: Make none now; return those that were made before.
        """
        own = {file.name: hash_of(file) for file in sorted(Path(__file__).parent.glob("*.py"))}
        keys = {job.name: self._key(job, own) for job in jobs}
        left = []
        for job in jobs:
            kept = self.cache.find(keys[job.name])
            if kept is None:
                left.append(job)
            else:
                self.found[job.name] = {
                    id: Program(**{**each, "requires": tuple(each["requires"])})
                    for id, each in kept["programs"].items()
                }
        if left and not known_only:
            self._make(left, keys)
        return self.found

    def _make(self, jobs: list[Job], keys: dict[str, str]) -> None:
        from sitekit.programs.maker import make  # these are for those who make some
        from sitekit.programs.modules import Library

        renamed = {f"{SCALE}/{job.name}": job for job in jobs}
        outcomes, problems = self.tried.outcomes(
            [replace(job, name=name) for name, job in renamed.items()], self._note
        )
        self.problems += problems
        broken = {problem.path for problem in problems}
        whole = {
            job.name: (job, outcomes[name])
            for name, job in renamed.items()
            if job.path not in broken
        }
        library = Library(self.tried.code, self.package)
        made = make(list(whole.values()), library, self._run)
        for name, each in made.items():
            self.problems += each.problems
            self.found[name] = each.programs
            if not each.problems:
                content: dict[str, Any] = {
                    "files": whole[name][1]["files"],
                    "programs": {id: asdict(program) for id, program in each.programs.items()},
                }
                self.cache.store(keys[name], content)
        self.cache.shrink()

    def _run(self, jobs: list[Job]) -> list[Result]:
        return self.tried.run_all(jobs, self._note)

    def _note(self, result: Result) -> None:
        before = self.seconds.get(result.job.name, 0.0)
        self.seconds[result.job.name] = before + result.outcome["seconds"]

    def _key(self, job: Job, own: dict[str, str]) -> str:
        parts = [self.package, self.tried.keys.key(job), own]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
