"""The key of a page's outcome: a hash of everything, known before the run, that can change it."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from sitekit.cache import hash_of
from sitekit.fingerprint import fingerprint
from sitekit.jobs import Job, Result
from sitekit.reach import Modules

OWN = Path(__file__).parent
EXECUTES = "import sitekit.process, sitekit.worker"
"""What starts the process of a page, and what runs in it."""


def canonical(name: str) -> str:
    """Return the one way to write the name of a distribution."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Keys:
    """The keys of one build."""

    def __init__(self, project: Path, roots: tuple[Path, ...], environment: dict[str, str]) -> None:
        self.project = project
        self.roots = roots
        self.environment = environment
        self.prints: dict[str, str] = {}
        self.look()

    def look(self) -> None:
        """Forget what was read of the files, which may have been edited since."""
        self.modules = Modules(self.roots)
        self.hashes: dict[Path, str] = {}

    def key(self, job: Job) -> str:
        """Return the hash of everything known before the run that can change the outcome."""
        reached = self.modules.reach(block.code for block in job.blocks)
        files = {self._name(path): self._hash(path) for path in reached}
        blocks = [block.identity() for block in job.blocks]
        known = [
            job.slug,
            job.path,
            blocks,
            files,
            self.executing(),
            self.fingerprint_of(job.interpreter),
        ]
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()

    def texts(self, job: Job) -> list[str]:
        """Return all source text that a job can reach."""
        codes = [block.code for block in job.blocks]
        reached = [path for path in self.modules.reach(codes) if path.suffix == ".py"]
        return codes + [text for path in reached if (text := self.modules.text(path))]

    def fingerprint_of(self, interpreter: str = sys.executable) -> str:
        """Return the fingerprint of an interpreter."""
        if interpreter not in self.prints:
            self.prints[interpreter] = fingerprint(interpreter, self.environment, self.roots)
        return self.prints[interpreter]

    def engine(self) -> dict[str, str]:
        """Return the hashes of this package's files, on which depends how an outcome looks."""
        return {file.name: self._hash(file) for file in OWN.iterdir() if file.is_file()}

    def executing(self) -> dict[str, str]:
        """Return the hashes of those that take part in the execution of a block."""
        reached = self.modules.reach([EXECUTES])
        return {file.name: self._hash(file) for file in reached if file.parent == OWN}

    def versions(self, interpreter: str = sys.executable) -> dict[str, str]:
        """Return the version of every distribution of an interpreter, and its own as `python`."""
        python = json.loads(self.fingerprint_of(interpreter))["python"]
        found = {"python": python["version"].split()[0]}
        for line in python["distributions"]:
            name, _, version = line.partition(".dist-info")[0].rpartition("-")
            found.setdefault(canonical(name), version)
        return found

    def unchanged(self, result: Result, key: str) -> bool:
        """Say whether nothing was edited while the job ran; else its outcome has no true key."""
        self.look()
        if self.key(result.job) != key:
            return False
        for name in result.outcome["files"]:
            path = self.project / name
            if path.exists() and path.stat().st_mtime >= result.started:
                return False
        return True

    def _hash(self, path: Path) -> str:
        if path not in self.hashes:
            self.hashes[path] = hash_of(path)
        return self.hashes[path]

    def _name(self, path: Path) -> str:
        """Return a path as others with the same project elsewhere would write it."""
        for base in (self.project, *self.roots):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return path.as_posix()
