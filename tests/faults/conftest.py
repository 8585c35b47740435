"""Faults at seeded points: one of each kind in `make test`, twenty in `make test-faults`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.faults.project import Project
from tests.reproduce.compare import differences


@dataclass(frozen=True)
class Known:
    """What builds without faults give, and how long one takes."""

    old: Project
    new: Project
    shorter: Project
    seconds: float

    def check(self, project: Project, expected: Project | None = None) -> None:
        """Assert that the site is whole now, and that the next build is as if nothing had been."""
        assert any(not list(differences(each.site, project.site)) for each in (self.old, self.new))
        project.build_alone()
        expected = expected or self.new
        assert list(differences(expected.site, project.site)) == []
        assert project.remains() == []


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("faults")
    old = Project.new(folder / "old")
    old.build_alone()
    new = Project.new(folder / "new")
    new.edit(2)
    seconds = new.build_alone()
    shorter = Project.new(folder / "shorter")
    shorter.edit(2)
    (shorter.root / "docs/third.md").unlink()
    shorter.build_alone()
    assert list(differences(old.site, new.site))
    return Known(old, new, shorter, seconds)


@pytest.fixture
def project(known: Known, tmp_path: Path) -> Project:
    """A project that is published, and edited since."""
    project = known.old.copy(tmp_path / "project")
    project.edit(2)
    return project


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> Random:
    """What chooses where the fault strikes; every point of every test has its own."""
    return Random(request.node.name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "point" in metafunc.fixturenames:
        metafunc.parametrize("point", range(metafunc.config.getoption("--points")))
