"""The exact versions in requirements*.txt and the ranges in pyproject.toml tell the same story."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(name: str) -> dict[str, str]:
    requirements = [Requirement(line) for line in lines(name) if not line.startswith("-")]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in requirements}


def ranges() -> list[Requirement]:
    project = PROJECT["project"]
    texts = [*project["dependencies"], *project["optional-dependencies"]["site"]]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("requirements.txt", "-e ."),
        ("requirements-dev.txt", "-r requirements.txt"),
        ("requirements-vision.txt", "-e ."),
    ],
)
def test_every_line_is_an_exact_pin(name: str, reference: str) -> None:
    loose = [
        line
        for line in lines(name)
        if not re.fullmatch(r"[a-z0-9-]+==\d[\w.]*( ; [a-z_]+ .+)?", line)
    ]
    assert loose == [reference]


def test_the_package_itself_comes_last() -> None:
    assert lines("requirements.txt")[-1] == "-e ."
    assert lines("requirements-vision.txt")[-1] == "-e ."


def test_no_package_has_two_versions() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert len(pins(name)) == len([line for line in lines(name) if "==" in line])
    assert not pins("requirements.txt").keys() & pins("requirements-dev.txt").keys()


@pytest.mark.parametrize("requirement", ranges(), ids=lambda requirement: requirement.name)
def test_every_range_admits_its_pin(requirement: Requirement) -> None:
    pin = pins("requirements.txt")[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(pin)


def test_every_tool_for_development_is_pinned() -> None:
    wanted = {canonicalize_name(text) for text in PROJECT["dependency-groups"]["dev"]}
    pinned = pins("requirements.txt").keys() | pins("requirements-dev.txt").keys()
    assert wanted - pinned == set()


def test_the_appendix_has_its_own_torch_and_else_what_all_have() -> None:
    vision = pins("requirements-vision.txt")
    elsewhere = pins("requirements.txt") | pins("requirements-dev.txt")
    assert {name for name in vision if vision[name] != elsewhere.get(name)} == {
        "torch",
        "torchvision",
    }
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["vision"]]
    wanted += PROJECT["project"]["optional-dependencies"]["vision"]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(vision[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-vision.txt"])
def test_torch_is_not_pinned_to_one_build(file: str) -> None:
    names = pins(file).keys()
    assert "+" not in pins(file)["torch"]
    assert [name for name in names if name.startswith(("nvidia", "cuda", "triton"))] == []


def test_no_index_is_named() -> None:
    requirements = [path.name for path in ROOT.glob("requirements*.txt")]
    for name in (*requirements, "pyproject.toml", "Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|find-links|trusted-host", text), name
