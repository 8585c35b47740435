"""A page is executed again when, and only when, something that it can reach has changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conftest import Site, block

FIRST = block("x = 1", "first", quiet="on")
SECOND = block("from demo.near import shown\nprint(shown(x))", "second")

Edit = Callable[[Site, pytest.MonkeyPatch], None]


@pytest.fixture
def built(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    site.write("code/demo/near.py", "from demo.far import rows\n\ndef shown(x): return x, rows()\n")
    site.write(
        "code/demo/far.py",
        "from pathlib import Path\n\n"
        "def rows(): return Path(__file__).with_name('table.csv').read_text()\n",
    )
    site.write("code/demo/table.csv", "1,2,3")
    site.write("code/demo/away.py", "NOT_REACHED = 1\n")
    site.write("installed/demo_dep-1.0.dist-info/METADATA", "Name: demo-dep\nVersion: 1.0\n")
    monkeypatch.setenv("PYTHONPATH", str(site.root / "installed"))
    site.page(f"Some prose.\n{FIRST}{SECOND}")
    site.build()
    assert site.executed() == {"index.md"}
    site.build()
    assert site.executed() == set()
    return site


def replace(name: str, old: str, new: str) -> Edit:
    def edit(site: Site, _: pytest.MonkeyPatch) -> None:
        path = site.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return edit


def upgrade(site: Site, _: pytest.MonkeyPatch) -> None:
    (site.root / "installed/demo_dep-1.0.dist-info").rename(
        site.root / "installed/demo_dep-1.1.dist-info"
    )


def variable(name: str, value: str) -> Edit:
    return lambda site, monkeypatch: monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(replace("docs/index.md", "print(shown(x))", "print(shown(2))"), id="block"),
        pytest.param(replace("docs/index.md", "x = 1", "x = 2"), id="earlier-block"),
        pytest.param(replace("code/demo/near.py", "x, rows()", "rows(), x"), id="module"),
        pytest.param(replace("code/demo/far.py", "read_text()", "read_text()[1:]"), id="imported"),
        pytest.param(replace("code/demo/table.csv", "3", "4"), id="data-file"),
        pytest.param(replace("code/demo/__init__.py", "", "HELLO = 1\n"), id="package"),
        pytest.param(upgrade, id="pinned-version"),
        pytest.param(variable("UNROLLED_SCALE", "smoke"), id="scale"),
        pytest.param(variable("UNROLLED_DEVICE", "cpu"), id="device"),
        pytest.param(variable("PYTHONOPTIMIZE", "1"), id="interpreter-option"),
    ],
)
def test_what_can_change_the_output_executes_again(
    built: Site, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(built, monkeypatch)
    built.build()
    assert built.executed() == {"index.md"}
    built.build()
    assert built.executed() == set()


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(
            replace("docs/index.md", "Some prose.", "Other prose.\n\nLonger."), id="prose"
        ),
        pytest.param(replace("docs/index.md", 'quiet="on"', 'quiet="on" title="T"'), id="title"),
        pytest.param(replace("code/demo/away.py", "1", "2"), id="module-out-of-reach"),
        pytest.param(replace("mkdocs.yml", "Demo", "Other"), id="site-name"),
        pytest.param(variable("UNROLLED_JOBS", "1"), id="jobs"),
    ],
)
def test_what_cannot_change_the_output_executes_nothing(
    built: Site, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(built, monkeypatch)
    built.build()
    assert built.executed() == set()


def test_the_page_shows_what_the_edited_import_yields(built: Site) -> None:
    assert "1,2,3" in built.html()
    (built.root / "code/demo/table.csv").write_text("4,5,6")
    assert "4,5,6" in built.build()


def test_an_undone_edit_is_a_hit(built: Site) -> None:
    far = built.root / "code/demo/far.py"
    before = far.read_text()
    far.write_text(before.replace("read_text()", "read_text()[1:]"))
    assert "(1, ',2,3')" in built.build().replace("&#x27;", "'")
    far.write_text(before)
    assert "(1, '1,2,3')" in built.build().replace("&#x27;", "'")
    assert built.executed() == set()


@pytest.mark.parametrize(
    "code",
    [
        "import importlib\nprint(importlib.import_module('demo.' + 'hidden').WORD)",
        "print(__import__('demo.hidden', fromlist=['x']).WORD)",
        "import demo\nprint(demo.WORD)",
    ],
)
def test_an_import_that_only_the_run_reveals_counts_too(site: Site, code: str) -> None:
    site.write(
        "code/demo/__init__.py",
        "def __getattr__(name):\n"
        "    import importlib\n"
        "    return getattr(importlib.import_module(__name__ + '.hidden'), name)\n",
    )
    hidden = site.write("code/demo/hidden.py", "WORD = 'before'\n")
    site.page(block(code))
    assert "before" in site.build()
    hidden.write_text("WORD = 'after!'\n")
    assert "after!" in site.build()
    hidden.write_text("WORD = 'before'\n")
    assert "before" in site.build()
    assert site.executed() == set()


def test_a_file_read_by_a_computed_name_counts_too(site: Site) -> None:
    data = site.write("somewhere/numbers.txt", "17")
    site.page(block(f"print(open({str(data)!r}).read())"))
    assert "17" in site.build()
    site.build()
    assert site.executed() == set()
    data.write_text("18")
    assert ">18<" in site.build()


def test_a_new_file_in_a_listed_folder_counts_too(site: Site) -> None:
    data = site.write("somewhere/one.txt", "1")
    site.page(block(f"import os\nprint(sorted(os.listdir({str(data.parent)!r})))"))
    site.build()
    site.write("somewhere/two.txt", "2")
    assert "two.txt" in site.build()


def test_a_module_that_appears_counts_too(site: Site) -> None:
    site.page(
        block("try:\n    import demo.late as late\nexcept ImportError:\n    late = 0\nprint(late)")
    )
    assert ">0<" in site.build()
    site.write("code/demo/late.py", "")
    assert "demo.late" in site.build()


@pytest.mark.parametrize("edited", ["code/demo/near.py", "code/demo/hidden.py", "data.txt"])
def test_an_edit_during_the_run_is_not_kept_under_the_old_key(site: Site, edited: str) -> None:
    for name in ("code/demo/near.py", "code/demo/hidden.py"):
        site.write(name, "WORD = 'old'\n")
    data = site.write("data.txt", "old")
    code = f"""
    import importlib
    from pathlib import Path
    from demo.near import WORD
    words = [WORD, importlib.import_module("demo." + "hidden").WORD, open({str(data)!r}).read()]
    Path({str(site.root / edited)!r}).write_text("WORD = 'new'\\n")
    print(words)
    """
    site.page(block(code))
    site.build()
    assert "new" not in site.html().partition("<samp>")[2].partition("</samp>")[0]
    site.build()
    assert site.executed() == {"index.md"}
    assert "new" in site.html().partition("<samp>")[2].partition("</samp>")[0]


def test_pages_are_independent(built: Site) -> None:
    built.page(block("print('another')"), "other.md")
    built.build()
    assert built.executed() == {"other.md"}
    replace("code/demo/far.py", "read_text()", "read_text()[1:]")(built, pytest.MonkeyPatch())
    built.build()
    assert built.executed() == {"index.md"}


def test_an_edit_of_what_executes_blocks_executes_them_again(site: Site) -> None:
    here = Path(__file__).parents[2] / "code"
    copy = site.root / "engine"
    shutil.copytree(here, copy, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    site.page(block("print('engine')"))

    def executed() -> set[str]:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        environment = {**os.environ, "PYTHONPATH": str(copy), "NO_MKDOCS_2_WARNING": "1"}
        subprocess.run(command, cwd=site.root, env=environment, check=True, capture_output=True)
        return site.executed()

    assert executed() == {"index.md"}
    assert executed() == set()
    for name, expected in (("render", set()), ("worker", {"index.md"}), ("traces", {"index.md"})):
        with (copy / "sitekit" / f"{name}.py").open("a") as file:
            file.write("# another engine\n")
        assert executed() == expected


def test_a_warm_build_imports_nothing_heavy(site: Site) -> None:
    site.page(block("import numpy\nprint(numpy.pi > 3)"))
    script = (
        "import sys\n"
        "from mkdocs.__main__ import cli\n"
        "cli(['build', '--strict', '-q'], standalone_mode=False)\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'unrolled', 'rich', 'psutil'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=site.root, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert site.executed() == set()
    assert done.stdout.strip() == "[]"
