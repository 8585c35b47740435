"""The workflows run code from elsewhere: pin it, bound it, and give it no more than it needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from sitekit.notebook_files import BRANCH, colab_address

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def workflow(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_there_is_a_check_and_a_publication() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"check", "publish"}


def test_every_action_is_pinned_by_commit_and_says_its_version(path: Path) -> None:
    uses = [line.strip(" -") for line in path.read_text().splitlines() if "uses:" in line]
    assert uses
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_one_action_has_one_version_everywhere() -> None:
    versions: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for name, version in re.findall(r"uses: ([^@\s]+)@(.+)", path.read_text()):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_nothing_is_allowed_at_the_top(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {}


def test_every_job_is_bounded_and_names_what_it_may(workflow: dict[Any, Any]) -> None:
    for name, job in workflow["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 60, name
        assert job["permissions"], name


def test_no_checkout_leaves_its_token_behind(workflow: dict[Any, Any]) -> None:
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_only_the_deployment_and_the_report_may_write() -> None:
    writers = []
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            if "write" in job["permissions"].values():
                writers.append((path.stem, name, sorted(job["permissions"])))
    assert writers == [
        ("publish", "deploy", ["id-token", "pages"]),
        ("publish", "notebooks", ["actions", "contents"]),
        ("rot", "report", ["actions", "issues"]),
    ]


def test_the_built_notebooks_are_pushed_to_where_colab_looks(tmp_path: Path) -> None:
    """The steps of the job, run on an artifact, with a folder for the server."""
    job = yaml.safe_load((ROOT / ".github/workflows/publish.yml").read_text())["jobs"]["notebooks"]
    downloads = tmp_path / "site" / "downloads" / "exercises"
    downloads.mkdir(parents=True)
    (downloads / "one.ipynb").write_text("{}")
    (downloads / "one.py").write_text("1")
    subprocess.run(["tar", "-cf", "artifact.tar", "-C", "site", "."], cwd=tmp_path, check=True)
    shutil.rmtree(tmp_path / "site")
    server, tools = tmp_path / "server", tmp_path / "tools"
    subprocess.run(["git", "init", "--quiet", "--bare", server / "we" / "book.git"], check=True)
    tools.mkdir()
    (tools / "gh").write_text("#!/bin/sh\n")
    (tools / "gh").chmod(0o755)
    variables = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "GITHUB_SERVER_URL": server.as_uri(),
        "GITHUB_REPOSITORY": "we/book",
        "GITHUB_SHA": "abc123",
        "GITHUB_RUN_ID": "1",
    }
    for _ in range(2):  # the second push replaces the first
        for step in job["steps"]:
            folder = tmp_path / step.get("working-directory", "")
            subprocess.run(["bash", "-e", "-c", step["run"]], cwd=folder, env=variables, check=True)
        shutil.rmtree(tmp_path / "notebooks")
        shutil.rmtree(tmp_path / "site")
    pushed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", BRANCH],
        cwd=server / "we" / "book.git",
        capture_output=True,
        text=True,
        check=True,
    )
    assert pushed.stdout.split() == ["exercises/one.ipynb"]
    address = colab_address("https://github.com/we/book", "exercises/one")
    assert address.endswith(f"we/book/blob/{BRANCH}/exercises/one.ipynb")


def test_rot_sees_every_python_on_every_system() -> None:
    """The newest releases on all; the oldest on the oldest Python, coming ones on the newest."""
    supported = SpecifierSet(
        tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    )
    pythons = [version for version in (f"3.{minor}" for minor in range(30)) if version in supported]
    matrix = yaml.safe_load((ROOT / ".github/workflows/rot.yml").read_text())["jobs"]["test"][
        "strategy"
    ]["matrix"]
    built = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text())["jobs"]["build"]
    systems = [row["system"] for row in built["strategy"]["matrix"]["include"]]
    assert (matrix["python"], matrix["system"], matrix["releases"]) == (
        pythons,
        systems,
        ["newest"],
    )
    assert matrix["include"] == [
        {"releases": releases, "python": python, "system": system}
        for releases, python in (("oldest", pythons[0]), ("pre", pythons[-1]))
        for system in systems
    ]


@pytest.mark.parametrize(
    ("failed", "known", "said"),
    [
        ("", "", ""),
        ("- [one](x)", "", "issue create"),
        ("- [one](x)", "7", "issue edit 7"),
        ("", "7", "issue close 7"),
    ],
)
def test_rot_keeps_one_issue(failed: str, known: str, said: str, tmp_path: Path) -> None:
    """The step of the job, with a `gh` that answers as the real one is asked to."""
    step = yaml.safe_load((ROOT / ".github/workflows/rot.yml").read_text())["jobs"]["report"][
        "steps"
    ][0]
    (tmp_path / "gh").write_text(
        f"""#!/bin/sh
case "$1 $2" in
  "api --paginate") printf '%s' '{failed}' ;;
  "issue list") printf '%s' '{known}' ;;
  *)
    echo "$*" >> said
    while [ $# -gt 0 ]; do [ "$1" = --body-file ] && cat "$2" >> body; shift; done ;;
esac
"""
    )
    (tmp_path / "gh").chmod(0o755)
    variables = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GITHUB_SERVER_URL": "https://example.org",
        "GITHUB_REPOSITORY": "we/book",
        "GITHUB_RUN_ID": "5",
    }
    subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=variables, check=True)
    written = (tmp_path / "said").read_text() if (tmp_path / "said").exists() else ""
    assert written.startswith(said)
    assert written.count("\n") == bool(said)
    if failed:
        body = (tmp_path / "body").read_text()
        assert "https://example.org/we/book/actions/runs/5" in body
        assert failed in body
