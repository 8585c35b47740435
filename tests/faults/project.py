"""A small site in a folder of its own, built by the command as a reader builds the real one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.engine.conftest import Site, block
from tests.environment import AS_STARTED

MARK = "UNROLLED_TEST_OF_FAULTS"
"""A variable by which every process of a project is known."""
PAGES = ("index", "second", "third", "fourth", "fifth")
"""Enough of them to be forked from one process that has imported NumPy."""
DRAW = """
import matplotlib.pyplot as plt
from unrolled.page import show
fig, ax = plt.subplots()
ax.plot([1, part.NUMBER])
show(fig, alt="A line rises.", caption="A line.")
"""


class Project(Site):
    """Pages, a module that all of them use, a cache, and a folder for what is temporary.

    Args:
        root: An empty folder, or one that is a copy of another project's.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.site = root / "site"
        self.cache = root / ".cache"
        self.temporary = root / "temporary"
        self.temporary.mkdir(exist_ok=True)

    @classmethod
    def new(cls, root: Path) -> Project:
        project = cls(root)
        for name in PAGES:
            code = "import time\nimport numpy\nfrom demo import part\ntime.sleep(0.1)\n"
            code += "print(part.NUMBER)"
            drawn = block(DRAW, "drawn") if name == "second" else ""
            project.page(f"{block(code)}\n{drawn}", f"{name}.md")
        project.edit(1)
        return project

    def copy(self, root: Path) -> Project:
        shutil.copytree(self.root, root)
        return Project(root)

    def edit(self, number: int) -> None:
        """Change what every page prints."""
        self.write("code/demo/part.py", f"NUMBER = {number}\n")

    def start(
        self,
        *command: str,
        cache: Path | None = None,
        first: Callable[[], None] | None = None,
    ) -> subprocess.Popen[str]:
        """Start the command in a session of its own.

        Args:
            command: `mkdocs` and these; a strict build unless given.
            cache: Another folder for it.
            first: What the process does before anything else.
        """
        environment = {
            **AS_STARTED,
            MARK: str(self.root),
            "TMPDIR": str(self.temporary),
            "UNROLLED_CACHE": str(cache or self.cache),
            "UNROLLED_JOBS": "2",
            "SOURCE_DATE_EPOCH": "1000000000",
            "NO_MKDOCS_2_WARNING": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "mkdocs", *(command or ("build", "--strict"))],
            cwd=self.root, env=environment, preexec_fn=first, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def build_alone(self) -> float:
        """Build in a process of its own, and return the seconds it took."""
        began = time.perf_counter()
        running = self.start()
        said, _ = running.communicate(timeout=120)
        assert running.returncode == 0, said
        return time.perf_counter() - began

    def processes(self) -> list[psutil.Process]:
        """Return everything that runs for this project."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == str(self.root):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def remains(self) -> list[str]:
        """Return what should be gone after a build: processes and temporary files."""
        deadline = time.monotonic() + 5
        while (running := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        files = [*self.temporary.rglob("*"), *self.root.glob(".site-*")]
        files += self.cache.rglob(".writing-*")
        return [str(each) for each in (*running, *files)]

    def entries(self) -> list[Path]:
        """Return every file of the cache."""
        return sorted(path for path in self.cache.rglob("*") if path.is_file())


def interrupt_as_usual() -> None:
    """Let a process end when it is interrupted, even where the tests run in the background."""
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)
