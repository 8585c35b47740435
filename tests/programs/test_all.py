"""`make test-programs`: every program and every chapter's files run, as a reader has them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from sitekit.programs.verdict import same
from tests.alone import run_alone
from tests.site.conftest import ROOT, Built
from tests.site.pages import html_of, pages, slug_of

CORES = os.cpu_count() or 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site at its own scale, as it is published."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(folder, fresh=False)


def test_every_program_runs_alone_and_prints_what_its_page_prints(
    whole: Built, tmp_path: Path
) -> None:
    programs = json.loads(whole.read("build.json"))["programs"]
    asked = [
        (name, block)
        for name, blocks, executed in pages()
        for block in (blocks if executed else ())
        if f"{slug_of(name)}/{block.id}" in programs
    ]
    assert len(asked) == len(programs) > 200

    def wrong(number: int) -> str:
        name, block = asked[number]
        address = f"{slug_of(name)}/{block.id}"
        text = whole.read(f"programs/{address}.py")
        done = run_alone(text, tmp_path / str(number), timeout=1200)
        element = whole.soups[html_of(name)].find(attrs={"data-block": address})
        assert element is not None
        if block.expect:
            last = done.stderr.rstrip().splitlines()[-1]
            kind = last.partition(":")[0].rpartition(".")[2]
            return "" if done.returncode == 1 and block.expect in kind else f"{address}: {last}"
        if done.returncode:
            return f"{address}: {done.stderr}"
        outputs = element.select(".unrolled-output:not(.unrolled-warning) samp")
        shown = [{"kind": "text", "text": "\n".join(each.get_text() for each in outputs)}]
        told = [{"kind": "text", "text": done.stdout}]
        alike = same(_plain(shown), _plain(told), volatile=block.volatile)
        return "" if alike else f"{address}: {shown} != {told}"

    with ThreadPoolExecutor(CORES) as pool:
        assert [each for each in pool.map(wrong, range(len(asked))) if each] == []


def _plain(outputs: list[dict[str, str]]) -> list[dict[str, str]]:
    """Figures stand between texts on a page; elsewhere the texts follow each other."""
    return [{**each, "text": re.sub(r"\s+", " ", each["text"]).strip()} for each in outputs]


def chapters(whole: Built) -> list[Path]:
    return sorted((whole.folder / "downloads").glob("*.py"))


def test_every_chapter_runs_as_a_file(whole: Built, tmp_path: Path) -> None:
    def wrong(file: Path) -> str:
        folder = tmp_path / file.stem
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, str(file)],
            cwd=folder,
            env={**os.environ, "MPLBACKEND": "agg", "UNROLLED_SCALE": "smoke"},
            capture_output=True,
            text=True,
            check=False,
        )
        return f"{file.stem}: {done.stderr}" if done.returncode else ""

    files = [file for file in chapters(whole) if file.stem != "previous-episode"]
    assert len(files) >= 14
    with ThreadPoolExecutor(CORES) as pool:
        assert [each for each in pool.map(wrong, files) if each] == []


def test_every_chapter_runs_as_a_notebook(
    whole: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_SCALE", "smoke")
    for file in chapters(whole):
        if file.stem == "previous-episode":  # needs torchvision; `make test-vision` has it
            continue
        notebook = nbformat.read(file.with_suffix(".ipynb"), as_version=4)
        nbformat.validate(notebook)
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": tmp_path}}).execute()
