"""What goes into the key of a page's outcome, piece by piece, without building anything."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sitekit.blocks import Block
from sitekit.fingerprint import worker_environment
from sitekit.jobs import Job, Result
from sitekit.keys import OWN, Keys, canonical
from sitekit.reach import Modules, imported_names, parse

FILES = {
    "code/demo/__init__.py": "",
    "code/demo/near.py": "from demo import far\n",
    "code/demo/far.py": "def late():\n    import other.deep\n",
    "code/demo/table.csv": "1,2\n",
    "code/demo/away.py": "import other\n",
    "code/other/__init__.py": "",
    "code/other/deep.py": "from . import side\nfrom .side import thing as other_thing\n",
    "code/other/side.py": "thing = 1\n",
    "code/alone.py": "",
    "code/no-package/hidden.py": "",
    "code/nest/__init__.py": "",
    "code/nest/inner/__init__.py": "",
    "code/nest/inner/leaf.py": "",
    "site-packages/unlike.py": "",
}
BLOCK = Block("one", "import demo.near\n", 3)
JOB = Job("page.md", "page", "docs/page.md", (BLOCK,), sys.executable)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """What an earlier test has parsed is read again."""
    parse.cache_clear()
    imported_names.cache_clear()


def keys(project: Path, **settings: str) -> Keys:
    roots = (project / "code", OWN.parent)
    return Keys(project, roots, worker_environment(roots) | settings)


def reached(project: Path, *sources: str) -> set[str]:
    found = Modules([project / "code"]).reach(sources)
    return {path.relative_to(project / "code").as_posix() for path in found}


@pytest.mark.parametrize(
    "changed",
    [
        replace(JOB, slug="other"),
        replace(JOB, path="docs/other.md"),
        replace(JOB, blocks=()),
        replace(JOB, blocks=(replace(BLOCK, code="import demo.near\n1\n"),)),
        replace(JOB, blocks=(replace(BLOCK, id="two"),)),
        replace(JOB, blocks=(replace(BLOCK, expect="ValueError"),)),
        replace(JOB, blocks=(replace(BLOCK, warns="UserWarning"),)),
        replace(JOB, blocks=(replace(BLOCK, volatile=True),)),
        replace(JOB, blocks=(replace(BLOCK, quiet=True),)),
        replace(JOB, blocks=(BLOCK, BLOCK)),
    ],
)
def test_another_job_has_another_key(project: Path, changed: Job) -> None:
    assert keys(project).key(changed) != keys(project).key(JOB)


@pytest.mark.parametrize(
    "changed",
    [
        replace(JOB, name="other.md"),
        replace(JOB, expected_seconds=3.0),
        replace(JOB, blocks=(replace(BLOCK, line=9, timeout=1.0, source="below"),)),
    ],
)
def test_what_cannot_change_the_outcome_is_not_in_the_key(project: Path, changed: Job) -> None:
    assert keys(project).key(changed) == keys(project).key(JOB)


@pytest.mark.parametrize("name", [*FILES])
def test_each_file_in_reach_is_in_the_key(project: Path, name: str) -> None:
    made = keys(project)
    before = made.key(JOB)
    path = project / name
    path.write_text(path.read_text() + "# edited\n")
    assert made.key(JOB) == before  # it was read once
    made.look()
    away = {"code/demo/away.py", "code/alone.py", "code/no-package/hidden.py"}
    assert (made.key(JOB) == before) == (
        name in away or name.startswith(("site-packages", "code/nest"))
    )
    assert keys(project).key(JOB) == made.key(JOB)


def test_a_file_that_moves_in_reach_has_another_key(project: Path) -> None:
    before = keys(project).key(JOB)
    (project / "code/demo/table.csv").rename(project / "code/demo/renamed.csv")
    assert keys(project).key(JOB) != before


def test_the_same_project_elsewhere_has_the_same_key(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "deeper" / "copy"
    for name, text in FILES.items():
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_text(text)
    assert keys(elsewhere).key(JOB) == keys(project).key(JOB)


def test_a_key_is_a_hash_that_another_process_would_find_too(project: Path) -> None:
    key = keys(project).key(JOB)
    assert len(key) == 64
    assert key == keys(project).key(JOB)
    assert int(key, 16)


def test_settings_of_the_workers_are_in_the_key(project: Path) -> None:
    assert keys(project, UNROLLED_SCALE="smoke").key(JOB) != keys(project).key(JOB)
    assert keys(project, UNROLLED_SCALE="site").key(JOB) == keys(project).key(JOB)
    assert keys(project, UNROLLED_JOBS="7").key(JOB) == keys(project).key(JOB)


def test_names_are_relative_to_the_project_or_a_root(project: Path) -> None:
    made = keys(project)
    assert made._name(project / "code" / "demo" / "far.py") == "code/demo/far.py"
    assert made._name(OWN / "keys.py") == "sitekit/keys.py"
    assert made._name(Path("/elsewhere/x.py")) == "/elsewhere/x.py"


def test_what_executes_blocks_is_in_the_key(project: Path) -> None:
    executing = keys(project).executing()
    assert {"worker.py", "process.py", "capture.py", "nursery.py", "forked.py", "traces.py"} <= {
        *executing
    }
    assert "mkdocs_plugin.py" not in executing
    assert all(len(digest) == 64 for digest in executing.values())
    engine = keys(project).engine()
    assert {"mkdocs_plugin.py", "worker.py", "matplotlibrc"} <= {*engine}
    assert "theme" not in engine
    for name, digest in engine.items():
        assert digest == hashlib.sha256((OWN / name).read_bytes()).hexdigest()


def test_versions_are_by_the_one_name_of_a_distribution(project: Path) -> None:
    assert canonical("Markdown_Exec.x--y") == "markdown-exec-x-y"
    versions = keys(project).versions()
    assert versions["python"] == platform.python_version()
    import numpy

    assert versions["numpy"] == numpy.__version__
    assert "mkdocs-material" in versions
    (project / "site-packages/with-a-dash-1.2.dist-info").mkdir()
    more = keys(project, PYTHONPATH=str(project / "site-packages")).versions()
    assert more["with-a-dash"] == "1.2"


def test_texts_are_those_of_blocks_and_of_modules_in_reach(project: Path) -> None:
    texts = keys(project).texts(JOB)
    assert texts[0] == BLOCK.code
    assert {FILES["code/demo/near.py"], FILES["code/demo/far.py"]} <= {*texts}
    assert FILES["code/demo/table.csv"] not in texts


def test_a_module_in_another_encoding_or_gone_is_no_error(project: Path) -> None:
    file = project / "code/demo/far.py"
    file.write_bytes("word = 'Grö'\nimport alone\n".encode("latin-1"))
    assert "alone.py" in reached(project, "import demo.far")
    modules = Modules([project / "code"])
    file.unlink()
    assert modules.text(file) == ""


def result(project: Path, started: float, *files: str) -> Result:
    outcome = {"files": dict.fromkeys(files, "hash")}
    return Result(JOB, started, outcome)


def test_an_edit_while_it_ran_makes_the_key_untrue(project: Path) -> None:
    made = keys(project)
    key = made.key(JOB)
    past = time.time() - 1000
    os.utime(project / "code/alone.py", (past, past))
    assert made.unchanged(result(project, past + 1, "code/alone.py", "gone.txt"), key)
    assert not made.unchanged(result(project, past, "code/alone.py"), key)
    assert not made.unchanged(result(project, past - 1, "gone.txt", "code/alone.py"), key)
    (project / "code/demo/far.py").write_text("edited = 1\n")
    assert not made.unchanged(result(project, time.time() + 1000), key)


def test_reach_follows_imports_wherever_they_stand(project: Path) -> None:
    base = {"demo/__init__.py", "demo/table.csv", "demo/near.py", "demo/far.py"}
    deep = {"other/__init__.py", "other/deep.py", "other/side.py"}
    assert reached(project, "import demo.near") == base | deep
    assert reached(project, "from demo import near") == base | deep
    assert reached(project, "if x:\n    import alone\n") == {"alone.py"}
    assert reached(project, "def f():\n    try:\n        import alone\n    finally: pass") == {
        "alone.py"
    }
    assert reached(project, "import numpy, alone as a") == {"alone.py"}
    assert reached(project, "import other") == {"other/__init__.py"}
    inner = {"nest/__init__.py", "nest/inner/__init__.py", "nest/inner/leaf.py"}
    assert reached(project, "import nest.inner.leaf") == inner
    assert reached(project, "x = 1", "import alone") == {"alone.py"}
    assert reached(project, "this is no Python (", "import alone") == {"alone.py"}
    assert reached(project, "import hidden") == set()
    assert reached(project, "'import alone'") == set()


def test_what_only_type_checkers_import_is_out_of_reach(project: Path) -> None:
    for condition in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        code = f"if {condition}:\n    import other\nelse:\n    import alone\n"
        assert reached(project, code) == {"alone.py"}
    assert reached(project, "if CHECKING:\n    import alone\n") == {"alone.py"}


def test_a_module_with_two_files_reaches_both(project: Path) -> None:
    (project / "code/alone").mkdir()
    (project / "code/alone/__init__.py").write_text("")
    assert reached(project, "import alone") == {"alone.py", "alone/__init__.py"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b, c", {"a.b", "c"}),
        ("from a import b as c, d", {"a", "a.b", "a.d"}),
        ("from . import a", {"p.q", "p.q.a"}),
        ("from .a import b", {"p.q.a", "p.q.a.b"}),
        ("from .. import a", {"p", "p.a"}),
        ("from ..a import b", {"p.a", "p.a.b"}),
        ("import \0", set()),
    ],
)
def test_names_are_absolute(text: str, names: set[str]) -> None:
    assert {*imported_names(text, "p.q")} == names
