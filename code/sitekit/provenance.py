"""Where the outputs of this build come from: versions, device, scale, seconds, commit."""

from __future__ import annotations

import contextlib
import html
import json
import os
import platform
import re
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlencode

PACKAGES = ("numpy", "torch", "matplotlib", "mkdocs", "mkdocs-material", "markdown-exec")


@dataclass(frozen=True)
class Provenance:
    """What is the same for every page of one build."""

    commit: str
    versions: dict[str, str]
    scale: str
    repository: str

    @classmethod
    def collect(cls, commit: str, repository: str) -> Provenance:
        """Ask the interpreter and the installed packages."""
        versions = {"python": platform.python_version()}
        for package in PACKAGES:
            try:
                versions[package] = version(package)
            except PackageNotFoundError:
                versions[package] = "not installed"
        scale = os.environ.get("UNROLLED_SCALE") or "site"
        return cls(commit, versions, scale, repository.rstrip("/"))

    def foot(
        self,
        path: str,
        source_url: str,
        help_url: str,
        device: str,
        versions: dict[str, str] | None = None,
        *,
        starter: bool = False,
    ) -> str:
        """Return the foot of one page.

        Args:
            path: Of the page's source, relative to the project.
            source_url: Of the copy of that source in the site.
            help_url: Of the page that says how to report an error; may be empty.
            device: On which its blocks ran; empty for a page without.
            versions: Of what is installed where the page ran, if not here.
            starter: Whether its code is for readers to complete and run.
        """
        installed = {**self.versions, **(versions or {})}
        python, numpy, torch = (installed[name] for name in ("python", "numpy", "torch"))
        ran = "This page has no code of its own. "
        if starter:
            ran = "The code on this page is yours to run; the build ran its solution. "
        if device:
            ran = (
                f"The code on this page ran on {device}, at scale <code>{self.scale}</code>, "
                f"with Python {python}, NumPy {numpy}, PyTorch {torch}. "
            )
        commit = f"Commit <code>{html.escape(self.commit[:10])}</code>. "
        return (
            f'<footer class="unrolled-provenance" data-search-exclude><p>{ran}{commit}'
            f'<a href="{html.escape(source_url)}">Source of this page</a>. '
            f"{self._report(path, help_url)}</p></footer>"
        )

    def header(self, block: str) -> str:
        """Return the line that says of a program where it is from."""
        place = f" ({self.repository})" if self.repository else ""
        return f"Block {block} of Unrolled{place}, commit {self.commit}. MIT licence."

    def report_block(self, path: str, block: str) -> str:
        """Return where an error in a block is reported; empty without a repository."""
        if not self.repository:
            return ""
        body = f"Block {block} in {path} at commit {self.commit}\n"
        query = urlencode({"title": f"{block}: ", "body": body})
        return f"{self.repository}/issues/new?{query}"

    def source(self, root: str, path: str, first: str = "", last: str = "") -> str:
        """Return where lines of a file can be read as they were built.

        That is in the repository, or in the site's copy where no commit has the file so.
        """
        if not (self.repository and re.fullmatch("[0-9a-f]{40}", self.commit)):
            return f"{root}/{copy_of(path)}"
        lines = f"#L{first}-L{last}" if first else ""
        return f"{self.repository}/blob/{self.commit}/{path}{lines}"

    def _report(self, path: str, help_url: str) -> str:
        if not self.repository:
            where = f'<a href="{html.escape(help_url)}">Report an error</a>' if help_url else ""
            return f"{where or 'To report an error'}: name <code>{html.escape(path)}</code>."
        query = urlencode({"title": f"{path}: ", "body": f"{path} at commit {self.commit}\n"})
        link = html.escape(f"{self.repository}/issues/new?{query}")
        return f'<a href="{link}">Report an error</a>.'

    def build_json(
        self,
        pages: dict[str, dict[str, object]],
        programs: dict[str, dict[str, object]],
        trials: dict[str, float],
    ) -> str:
        """Return the content of `build.json`.

        Args:
            pages: Device, seconds and cache state of each.
            programs: Kind and seconds of each, by its address.
            trials: Seconds of what was run for them in this build.
        """
        devices = sorted({str(page["device"]) for page in pages.values()} or {"cpu"})
        about = {
            "commit": self.commit,
            "device": devices[-1] if len(devices) == 1 else devices,
            "versions": self.versions,
            "scale": self.scale,
            "pages": pages,
            "programs": programs,
            "trials": {name: round(seconds, 3) for name, seconds in trials.items()},
        }
        return json.dumps(about, indent=1, sort_keys=True) + "\n"


def copy_of(path: str) -> str:
    """Return the address in the site for the copy of a file of the project."""
    return f"sources/{path}.txt"


class Commit:
    """Asks git, while the `with` block runs, for the commit that is checked out in a folder.

    Afterwards `name` holds it, with `-dirty` when files differ from it; `unknown` outside a
    checkout.
    """

    def __init__(self, project: Path) -> None:
        self.project = project
        self.name = "unknown"

    def __enter__(self) -> Commit:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        self.asked: subprocess.Popen[str] | None = None
        with contextlib.suppress(OSError):
            self.asked = subprocess.Popen(
                command,
                cwd=self.project,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.asked:
            self.name = self.asked.communicate()[0].strip() or "unknown"
