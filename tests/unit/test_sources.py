"""The key of a module's code: changed by all that can change what it does, by nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import unrolled
from unrolled.experiments import _MODULES
from unrolled.reach import reach
from unrolled.sources import key, normal

FILES = {
    "pack/__init__.py": "",
    "pack/start.py": (
        "import typing\n"
        "from pack import near\n"
        "from pack.lazy import thing\n"
        "if typing.TYPE_CHECKING:\n    from pack import types\n"
        "if not typing.TYPE_CHECKING:\n    from pack import runs\n"
        "def f():\n    '''Says so.'''\n    from .within import g\n    return g\n"
    ),
    "pack/near.py": "from pack.far import x\n",
    "pack/far.py": "x = 1\n",
    "pack/within.py": "def g(): return 2\n",
    "pack/types.py": "",
    "pack/runs.py": "y = 2\n",
    "pack/apart.py": "",
    "pack/computed.py": "import importlib\nimportlib.import_module('pack.' + input())\n",
    "pack/whole.py": "from pack import lazy\n",
    "pack/lazy/__init__.py": (
        "import importlib\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from pack.lazy.two import other\n"
        "__all__ = ['thing', 'other']\n"
        "_MODULES = {'thing': 'one', 'other': 'two'}\n"
        "def __getattr__(name): return importlib.import_module(_MODULES[name])\n"
    ),
    "pack/lazy/one.py": "thing = 1\n",
    "pack/lazy/two.py": "other = 2\n",
    "pack/table.csv": "1,2\n",
}
REACHED = {
    "pack", "pack.start", "pack.near", "pack.far", "pack.within", "pack.runs",
    "pack.lazy", "pack.lazy.one",
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_reach(root: Path) -> None:
    assert set(reach("pack.start", root=root)) == REACHED
    assert set(reach("pack.whole", root=root)) == {
        "pack", "pack.whole", "pack.lazy", "pack.lazy.one", "pack.lazy.two",
    }  # fmt: skip
    assert len(reach("pack.computed", root=root)) == len(FILES) - 1
    with pytest.raises(ModuleNotFoundError, match=r"no pack\.nothing"):
        reach("pack.nothing", root=root)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("py")])
def test_code_changes_the_key_where_it_is_reached(root: Path, name: str) -> None:
    before = key("pack.start", root=root)
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    (root / name).write_text(f"{FILES[name]}\nz = 3\n", "utf-8")
    assert (key("pack.start", root=root) != before) == (module in REACHED)


def test_data_changes_the_key_and_comments_do_not(root: Path) -> None:
    before = key("pack.start", root=root)
    text = FILES["pack/start.py"].replace("Says so.", "Says something else.")
    (root / "pack/start.py").write_text(f"'''New.'''\n\n# why\n{text}\n\n", "utf-8")
    (root / "pack/lazy/three.py").write_text("new = 3\n", "utf-8")
    lazy = FILES["pack/lazy/__init__.py"]
    lazy = lazy.replace("'two'}", "'two', 'new': 'three'}").replace("'other']", "'other', 'new']")
    lazy = lazy.replace("import other\n", "import other\n    from pack.lazy.three import new\n")
    (root / "pack/lazy/__init__.py").write_text(lazy, "utf-8")
    assert key("pack.start", root=root) == before
    (root / "pack/table.csv").write_text("1,3\n", "utf-8")
    assert key("pack.start", root=root) != before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = 1.0"),
        ("x = 'a'", "x = b'a'"),
        ("x = None", "x = 0"),
        ("f(a, b)", "f(b, a)"),
        ("x[1:]", "x[:1]"),
        ("a and b", "a or b"),
        ("'a'; x", "x; y"),
        ("if TYPE_CHECKING: x\nelse: y", "if TYPE_CHECKING: x\nelse: z"),
    ],
)
def test_what_differs_is_written_differently(one: str, other: str) -> None:
    assert normal(one.encode()) != normal(other.encode())


def test_never_too_narrow_for_any_experiment() -> None:
    """What a fresh process has imported after the experiment's module was reached by reading."""
    probe = (
        "import importlib, sys\n"
        "importlib.import_module(sys.argv[1])\n"
        "print(*[name for name in sys.modules if name.split('.')[0] == 'unrolled'])"
    )
    path = str(Path(unrolled.__file__).parents[1])
    for module in ("order", "lengths", "characters"):
        name = f"unrolled.experiments.{module}"
        assert module in _MODULES.values()
        done = subprocess.run(
            [sys.executable, "-c", probe, name],
            check=True, capture_output=True, text=True, env={"PYTHONPATH": path}, timeout=60,
        )  # fmt: skip
        assert set(done.stdout.split()) <= set(reach(name))
