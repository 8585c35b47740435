"""Record which files a run really used: data it opened, project modules it imported.

The key of a page covers what can be seen before the run. This is the rest. Files of the
interpreter, of installed distributions and of the system are covered by the fingerprint.
Files opened by compiled code without Python's knowledge cannot be seen.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from sitekit.cache import hash_of

SYSTEM = ("/usr", "/etc", "/proc", "/sys", "/dev", "/lib", "/lib64", "/bin", "/run", "/System")
WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Traces:
    """While entered, notes every file opened for reading and every folder listed."""

    def __init__(self, project: str, roots: list[str], scratch: str) -> None:
        self.project = os.path.join(os.path.realpath(project), "")
        self.roots = tuple(roots)
        packages = [*site.getsitepackages(), site.getusersitepackages()]
        prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(__file__).parent)}
        self.installed = _folders({*prefixes, *sysconfig.get_paths().values(), *packages, scratch})
        self.system = _folders(SYSTEM)
        self.opened: dict[str, None] = {}
        self.active = False
        sys.addaudithook(self._audit)

    def __enter__(self) -> None:
        self.active = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.active = False

    def files(self) -> dict[str, str]:
        """Return the absolute path of every file used, with the hash of its content."""
        modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        loaded = [str(file) for file in modules if file and str(file).startswith(self.roots)]
        paths = {os.path.realpath(path) for path in [*self.opened, *loaded]}
        return {path: hash_of(Path(path)) for path in sorted(paths) if self._counts(path)}

    def _counts(self, path: str) -> bool:
        if (
            path.endswith(".pyc")
            or ".egg-info" in path
            or path.startswith((*self.installed, *_matplotlib_cache()))
        ):
            return False
        return path.startswith(self.project) or not path.startswith(self.system)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        if event == "open":
            path, _, flags = arguments
            reading = isinstance(flags, int) and not flags & WRITING
            if reading and isinstance(path, (str, bytes, os.PathLike)):
                self.opened[os.path.abspath(os.fsdecode(path))] = None
        elif event in {"os.listdir", "os.scandir"}:
            folder = arguments[0]
            if isinstance(folder, (str, bytes, os.PathLike)):
                path = os.path.abspath(os.fsdecode(folder))
                # Imports list their folders; whether a module exists is seen before the run.
                if not path.startswith(self.roots):
                    self.opened[path] = None


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        os.path.join(os.path.realpath(path), "") for path in paths if path not in {"", "/"}
    )


def _matplotlib_cache() -> tuple[str, ...]:
    """The list of fonts, which Matplotlib writes when it first runs; the figures use its own."""
    matplotlib = sys.modules.get("matplotlib")
    return _folders([matplotlib.get_cachedir(), matplotlib.get_configdir()]) if matplotlib else ()
