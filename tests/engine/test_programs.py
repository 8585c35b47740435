"""Every block has a program: one file that runs alone and prints what the page prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from html import unescape
from pathlib import Path

import pytest
from mkdocs.exceptions import Abort

from tests.alone import run_alone
from tests.engine.conftest import Site, block

CODE = Path(__file__).resolve().parents[2] / "code"


@pytest.fixture
def small(site: Site) -> Site:
    """A site whose package is `demo`."""
    config = site.root / "mkdocs.yml"
    config.write_text(config.read_text().replace("claims: ''", "claims: '', programs: demo"))
    return site


def program(site: Site, id: str, page: str = "index") -> str:
    return site.html(f"programs/{page}/{id}.py")


def printed(site: Site, id: str, tmp_path: Path) -> str:
    done = run_alone(program(site, id), tmp_path / "empty")
    assert done.returncode == 0, done.stderr
    return done.stdout


NASTY = {
    "a-name": ("x = 2", "print(x)"),
    "a-change": ("x = [1]\nx.append(2)", "print(x)"),
    "another-name": ("x = [1]\ny = x", "y.append(2)", "print(x)"),
    "a-part": ("x = {'a': [1]}\ny = x['a']", "y += [2]", "print(x)"),
    "an-attribute": (
        "class A:\n    pass\n\na = A()\na.n = 1",
        "b = a\nb.n = 2",
        "print(a.n)",
    ),
    "a-late-name": ("def f():\n    return later", "later = 3", "print(f())"),
    "a-generator": (
        "import random\nr = random.Random(0)",
        "first = r.random()",
        "print(r.random())",
    ),
    "a-loop": (
        "xs = []\nfor i in range(3):\n    xs.append(i)\n    print('aside', i)",
        "print(xs, i)",
    ),
    "a-condition": ("x = 1", "if x:\n    x = 5", "print(x)"),
    "a-redefinition": ("x = 1", "x = 7", "print(x)"),
    "an-iterator": ("it = iter(range(9))", "next(it)", "print(next(it))"),
    "a-function-that-changes": (
        "def add(xs):\n    xs.append(1)\n\nxs = []",
        "add(xs)",
        "print(xs)",
    ),
    "an-unpacking": ("a, (b, *c) = 1, (2, 3, 4)", "print(a, b, c)"),
    "a-comprehension": ("n = 3\nsquares = [n * i for i in range(n)]", "print(squares)"),
    "a-walrus": ("if (n := 4) > 3:\n    m = n", "print(n + m)"),
    "a-with": (
        "import io\nwith io.StringIO() as f:\n    f.write('a')\n    text = f.getvalue()",
        "print(text)",
    ),
    "a-seed": ("import random\nrandom.seed(0)", "n = random.random()", "print(n)"),
    "a-function-that-prints": ("def f(x):\n    print(x)", "f(1)", "f(2)"),
    "a-try": ("try:\n    x = int('a')\nexcept ValueError:\n    x = 0", "print(x)"),
    "a-decorator": (
        "def twice(f):\n    return lambda: 2 * f()",
        "@twice\ndef four():\n    return 2",
        "print(four())",
    ),
    # These names do not tell.
    "a-hidden-state": (
        "import random\nrandom.seed(0)",
        "print(random.random())",
        "print(random.random())",
    ),
    "a-patch": ("import math\nmath.tau = 3", "import math", "print(math.tau)"),
    "an-environment": ("import os\nos.environ['A'] = 'b'", "import os\nprint(os.environ['A'])"),
    "a-closure": (
        "def make():\n    n = []\n    return (lambda: n.append(1)), (lambda: len(n))",
        "add, count = make()",
        "add()",
        "print(count())",
    ),
}
HIDDEN = {"a-hidden-state", "a-patch", "an-environment", "a-closure"}


def test_programs_print_what_the_page_prints_whatever_they_depend_on(
    small: Site, tmp_path: Path
) -> None:
    small.page("")
    for name, codes in NASTY.items():
        text = "".join(block(code, f"b{number}", quiet="on") for number, code in enumerate(codes))
        small.page(text, f"{name}.md")
    small.build()
    for name, codes in NASTY.items():
        last = f"b{len(codes) - 1}"
        page = small.html(f"{name}/index.html")
        shown = unescape(re.findall(r"<samp>(.*?)</samp>", page, re.S)[-1])
        done = run_alone(program(small, last, name), tmp_path / "empty")
        assert (done.stdout.strip(), done.stderr) == (shown, ""), name
        whole = "sys.stdout = shown" in program(small, last, name)
        assert whole <= (name in HIDDEN), f"{name}: names would have been enough"


def test_what_is_not_needed_is_left_out(small: Site, tmp_path: Path) -> None:
    text = block("x = 2\nprint(x)\ndear = sum(range(10**6))", "a") + block("print(dear)", "b")
    small.page(text + block("y = x + 1\nprint(y)", "c"))
    small.build()
    assert "dear" not in program(small, "c")
    assert "print(x)" not in program(small, "c")
    assert printed(small, "c", tmp_path) == "3\n"


def test_the_package_is_written_into_the_program(small: Site, tmp_path: Path) -> None:
    small.write(
        "code/demo/shapes.py",
        '''
        from __future__ import annotations
        import math
        from dataclasses import dataclass
        from demo import units
        from demo.other import area as other_area, helper
        LIST = []
        LIST.append(1)
        UNUSED = 3
        @dataclass
        class Circle:
            """Round."""
            radius: float
            def area(self, helper=helper):
                return helper(math.pi * self.radius**2) * units.metre(1) * len(LIST)
        def area(metre):
            from demo.lazily import one
            return other_area(metre) + one()
        '''.replace("\n        ", "\n"),
    )
    small.write("code/demo/units.py", "def metre(n):\n    return n\n")
    small.write("code/demo/lazily.py", "def one():\n    return 1\n")
    small.write(
        "code/demo/other.py",
        "def area(n):\n    return _round(n)\n\n\ndef _round(n):\n    return round(n)\n\n\n"
        "def helper(n):\n    return round(n, 2)\n",
    )
    small.page(
        block("from demo.shapes import Circle, area\nprint(Circle(1.0).area(), area(2.4))", "a")
        + block("from demo import shapes\nprint(shapes.area(3))", "b")
    )
    small.build()
    text = program(small, "a")
    assert "UNUSED" not in text
    assert "demo" not in re.sub(r"#.*", "", text)
    assert printed(small, "a", tmp_path) == "3.14 3\n"
    assert printed(small, "b", tmp_path) == "4\n"


def test_a_package_that_reads_its_own_files_brings_them_along(small: Site, tmp_path: Path) -> None:
    small.write("code/demo/table.txt", "41\n")
    small.write(
        "code/demo/data.py",
        "from pathlib import Path\n\n\n"
        "def read():\n    return int((Path(__file__).parent / 'table.txt').read_text())\n",
    )
    small.page(block("from demo.data import read\nprint(read() + 1)"))
    small.build()
    assert printed(small, "demo", tmp_path) == "42\n"


def test_a_block_that_raises_has_a_program_that_raises(small: Site, tmp_path: Path) -> None:
    small.page(block("n = 0", "a", quiet="on") + block("1 / n", "b", expect="ZeroDivisionError"))
    small.build()
    done = run_alone(program(small, "b"), tmp_path / "empty")
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_figures_are_saved_and_named(small: Site, tmp_path: Path) -> None:
    small.page(
        block(
            """
            import matplotlib.pyplot as plt
            from unrolled.page import show, value
            fig, ax = plt.subplots()
            ax.plot([0, value("top", 1)])
            show(fig, alt="It rises.", caption="A line.")
            """
        )
    )
    small.build()
    done = run_alone(program(small, "demo"), tmp_path / "empty")
    assert done.stdout == ""
    saved = re.fullmatch(r"figure saved as (.+): It rises\.\n", done.stderr)
    assert saved is not None
    assert "<svg" in Path(saved[1]).read_text()


def test_a_program_says_where_it_is_from_and_what_it_needs(small: Site) -> None:
    small.page(block("import numpy as np\nprint(np.ones(2))"))
    small.build()
    lines = program(small, "demo").splitlines()
    assert re.fullmatch(r"# Block index/demo of Unrolled, commit \w+\. MIT licence\.", lines[0])
    metadata = "\n".join(line[2:] for line in lines[2 : lines.index("# ///")])
    needs = tomllib.loads(metadata)
    assert needs["requires-python"] == ">=3.11"
    assert [need.partition("==")[0] for need in needs["dependencies"]] == ["numpy"]


def test_measured_times_are_compared_by_their_shape(small: Site) -> None:
    code = "import time\nprint(f'{time.perf_counter() % 1:.3f} s')"
    small.page(block(code, volatile="on"))
    small.build()
    assert "perf_counter" in program(small, "demo")


def test_a_block_without_a_program_stops_the_build(
    small: Site, caplog: pytest.LogCaptureFixture
) -> None:
    small.page(block("import uuid\nprint(uuid.uuid4())"))
    with pytest.raises(Abort):
        small.build()
    assert "docs/index.md:4 (block demo): no program of this block prints" in caplog.text


def test_programs_are_made_again_only_where_something_changed(small: Site) -> None:
    small.write("code/demo/one.py", "def one():\n    return 1\n")
    small.page(block("from demo.one import one\nprint(one())"))
    small.build()
    cache = small.root / ".cache" / "programs"
    first = {path: path.stat().st_mtime_ns for path in cache.rglob("*.json")}
    small.page("Other prose." + block("from demo.one import one\nprint(one())"))
    small.build()
    assert len(list(cache.rglob("*.json"))) == len(first)
    small.write("code/demo/one.py", "def one():\n    return 2\n")
    small.build()
    assert "return 2" in program(small, "demo")
    assert len(list(cache.rglob("*.json"))) == len(first) + 1


def test_the_page_offers_its_programs(small: Site) -> None:
    small.page(block("print(1)"))
    html = small.build()
    assert '<a href="./programs/index/demo.py">' in html
    assert 'data-program="./programs/index/demo.py"' in html


def test_programs_are_tried_without_forking_as_well(tmp_path: Path) -> None:
    """As on macOS and Windows."""
    blocks = [
        {"id": "a", "code": "x = 1\nprint(x)"},
        {"id": "b", "code": "print('x' in globals())", "volatile": True},
        {"id": "c", "code": "import os\nos._exit(3)"},
        {"id": "d", "code": "import unrolled"},
    ]
    common = {"line": 1, "expect": "", "warns": "", "volatile": False, "quiet": True}
    job = {
        "slug": "s",
        "path": "p.md",
        "project": str(tmp_path),
        "roots": [str(CODE)],
        "blocks": [common | block for block in blocks],
    }
    code = "import sitekit.programs.runner as runner; runner.FORKS = False; runner.main()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CODE), "TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(job) + "\ngo\n")
        process.stdin.flush()
        events = [json.loads(line) for line in process.stdout]
    done = [event for event in events if event["event"] == "done"]
    assert [event["block"] for event in done] == [0, 1, 2, 3]
    assert [event["outputs"] for event in done[:2]] == [
        [{"kind": "text", "text": "1\n"}],
        [{"kind": "text", "text": "False\n"}],
    ]
    assert "ended with status" in done[2]["problem"]["message"]
    assert "No module named 'unrolled'" in done[3]["problem"]["message"]
    assert {event["event"] for event in events} == {"ready", "begin", "wait", "done", "end"}
