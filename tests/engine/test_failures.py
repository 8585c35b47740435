"""Whatever goes wrong on a page stops the build, is named with its line, and changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from mkdocs.exceptions import Abort

from tests.engine.conftest import Site, block

FIGURE = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"
SHOW = "from unrolled.page import show, value\n"

# What a page says, the line that is blamed, and what the message must contain.
FAULTS = {
    "raises": (block("x = 1\nraise KeyError('gone')"), 6, "KeyError: 'gone'"),
    "syntax": (block("x = 1\ny = (\n"), 6, "SyntaxError"),
    "exit": (block("import sys\nsys.exit(0)"), 6, "sys.exit(0)"),
    "exit-expected": (block("raise SystemExit", expect="SystemExit"), 5, "sys.exit(None)"),
    "dies": (block("import os\nos._exit(0)"), 4, "ended by itself with exit code 0"),
    "killed": (block("import os\nos.kill(os.getpid(), 11)"), 4, "died: SIGSEGV"),
    "too-long": (block("while True: pass", timeout="0.5"), 4, "longer than its limit of 0.5 s"),
    "sleeps": (block("import time\ntime.sleep(60)", timeout="0.5"), 4, "longer than its limit"),
    "interrupt": (block("raise KeyboardInterrupt"), 5, "KeyboardInterrupt"),
    "not-raised": (block("x = 1", expect="ValueError"), 4, "expected ValueError, but the block"),
    "other-raised": (block("1 / 0", expect="ValueError"), 5, "expected ValueError, got ZeroDivis"),
    "not-warned": (block("print(1)", warns="UserWarning"), 4, "did not warn"),
    "warns": (block("import warnings\nwarnings.warn('careful')"), 4, "UserWarning: careful"),
    "other-warned": (
        block("import warnings\nwarnings.warn('x')", warns="RuntimeWarning"), 4, "UserWarning: x",
    ),
    "nothing": (block("x = 1"), 4, "yields nothing"),
    "no-alt": (block(SHOW + FIGURE + "show(fig)"), 9, "missing 1 required keyword-only argument"),
    "empty-alt": (block(SHOW + FIGURE + "show(fig, alt=' ')"), 9, "alt: got ' '"),
    "not-shown": (block(FIGURE + "print('drawn')"), 4, "drawn but not shown"),
    "not-a-figure": (block(SHOW + "show(3, alt='three')"), 6, "figure: got int"),
    "value-twice": (block(SHOW + "value('a', 1)\nvalue('a', 2)"), 7, "'a' is already named"),
    "value-nan": (block(SHOW + "value('a', float('nan'))"), 6, "'a' is NaN"),
    "value-name": (block(SHOW + "value('A b', 1)"), 6, "name: got 'A b'"),
    "value-type": (block(SHOW + "value('a', [1])"), 6, "number: got list"),
    "unknown-option": (block("print(1)", sourec="below"), 4, "unknown option 'sourec'"),
    "bad-source": (block("print(1)", source="left"), 4, "source: got 'left'"),
    "bad-timeout": (block("print(1)", timeout="soon"), 4, "timeout: got 'soon'"),
    "bad-switch": (block("print(1)", volatile="maybe"), 4, "volatile: got 'maybe'"),
    "bad-lines": (block("print(1)", hl_lines="2,3"), 4, "hl_lines: got '2,3'"),
    "bad-needs": (block("print(1)", needs="a b"), 4, "needs: got 'a b'"),
    "session": (block("print(1)", session="one"), 4, "unknown option 'session'"),
    "no-id": ('\n```python exec="on"\nprint(1)\n```\n', 4, "id: got ''"),
    "bad-id": (block("print(1)", "Bad Id"), 4, "id: got 'Bad Id'"),
    "same-id": (block("print(1)") + block("print(2)"), 8, "id 'demo' is used twice"),
    "empty": (block(""), 4, "the block is empty"),
    "hidden": (block("x = 1  # markdown-exec: hide\nprint(x)"), 4, "hidden lines"),
    "not-executed": ("\n```python\nprint(1)\n```\n", 4, 'either exec="on" or display='),
    "exec-misspelt": ('\n```python exce="on" id="a"\nprint(1)\n```\n', 4, "unknown option 'exce'"),
    "exec-off": ('\n```python exec="off" id="a"\nprint(1)\n```\n', 4, 'exec: got "off"'),
    "exec-bash": ('\n```bash exec="on"\necho 1\n```\n', 4, "unknown option 'exec'"),
    "unquoted": ("\n```python exec=on id=a\nprint(1)\n```\n", 4, "cannot read the options"),
    "braces": ('\n```{.python exec="on"}\nprint(1)\n```\n', 4, "needs a language"),
    "no-language": ("\n```\nprint(1)\n```\n", 4, "needs a language"),
    "not-closed": ('\n```python exec="on" id="a"\nprint(1)\n', 4, "not closed"),
    "sticks-out": (
        '\n- item\n\n    ```python exec="on" id="a"\n  print(1)\n    ```\n', 6, "sticks out",
    ),
    "comment": (f"\n<!--\n{block('print(1)')}\n-->\n", 6, "not where Markdown renders it"),
    "code-block": (f"\n    text\n\n\n\n{block('print(1)').replace(chr(10), chr(10) + '    ')}", 9,
                   "not where Markdown renders it"),
    "unknown-value": (block("print(1)") + "\nSo [[speed]].", 8, "names a value 'speed'"),
    "bad-format": (block(SHOW + "value('a', 1.5)") + "\nSo [[a:d]].", 9, "cannot be printed as"),
    "unknown-figure": ("\nSee [[fig:none]].", 4, "there is no [[fig:none]]"),
    "unknown-equation": ("\nSee [[eq:none]].", 4, "there is no [[eq:none]]"),
    "unknown-claim": ("\nSo [[claim:none]].", 4, "there is no claim 'none'"),
    "unknown-page": ("\nSee [[page:none]].", 4, "there is no page 'none'"),
    "near-value": (block(SHOW + "value('speed', 1)") + "\nSo [[sped]].", 9, "it: 'speed'"),
    "near-figure": (
        block(SHOW + FIGURE + "show(fig, alt='A line.')", "line") + "\nSee [[fig:lime]].", 12,
        "close to it: 'line'",
    ),
    "near-equation": ("\n$$a \\label{cell}$$\n\nSee [[eq:cel]].", 6, "close to it: 'cell'"),
    "near-page": ("\nSee [[page:inex]].", 4, "close to it: 'index'"),
    "unknown-work": ("\nAs in [[cite:none]].", 4, "there is no work 'none' in references.bib"),
    "unknown-term": ("\nA [[term:none]].", 4, "there is no term 'none' in glossary.md"),
    "label-twice": ("\n$$a \\label{e}$$\n\n$$b \\label{e}$$\n", 1, "label 'e' is used twice"),
    "bad-tex": ("\nSo $\\nonsense{x}$.", 4, "cannot typeset"),
    "no-module": ('\n```python display="demo.none:f"\n```\n', 4, "no module 'demo.none'"),
    "no-function": ('\n```python display="demo:f"\n```\n', 4, "'demo:f' has no 'f'"),
    "display-body": ('\n```python display="demo:"\nx = 1\n```\n', 4, "empty body"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_nothing_is_published(
    site: Site, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    site.page("Good.")
    site.build()
    before = site.bytes()
    text, line, message = FAULTS[fault]
    site.write("docs/index.md", f"# Title\n\n{text}")
    with pytest.raises(Abort) as stopped:
        site.build(strict=False)
    assert stopped.value.code == 1
    logged = caplog.text
    assert f"docs/index.md:{line}" in logged, logged
    assert message in logged, logged
    assert site.bytes() == before
    assert _left_behind(site) == []


def _left_behind(site: Site) -> list[str]:
    return [path.name for path in site.root.iterdir() if path.name.startswith(".site-")]


def test_the_traceback_names_the_lines_of_the_page(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.page("\n" * 20 + block("def broken():\n    return 1 / 0\n\n\nbroken()"))
    with pytest.raises(Abort):
        site.build()
    logged = caplog.text
    assert 'File "docs/index.md", line 29, in <module>' in logged
    assert 'File "docs/index.md", line 26, in broken' in logged
    assert "return 1 / 0" in logged
    assert "sitekit" not in logged.partition("Traceback")[2]


def test_all_failing_blocks_of_all_pages_are_reported(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.page(block("1 / 0", "one") + block("print('fine')", "two") + block("[][1]", "three"))
    site.page(block("{}['k']", "four"), "other.md")
    with pytest.raises(Abort):
        site.build()
    logged = caplog.text
    for expected in ("3 problems", "ZeroDivisionError", "IndexError", "KeyError", "other.md:5"):
        assert expected in logged


def test_what_a_dying_process_said_is_reported(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.page(block("import faulthandler\nfaulthandler._sigsegv()") + block("print(2)", "later"))
    with pytest.raises(Abort):
        site.build()
    logged = caplog.text
    assert "Segmentation fault" in logged
    assert "1 later block did not run" in logged


def test_a_warning_of_mkdocs_stops_a_strict_build(site: Site) -> None:
    site.page("Good.")
    site.build()
    before = site.bytes()
    site.page("[broken](nowhere.md)")
    with pytest.raises(Abort):
        site.build()
    assert site.bytes() == before
    site.build(strict=False)
    assert site.bytes() != before


@pytest.mark.parametrize("options", [[], ["-q"], ["--strict"], ["--strict", "-q"]])
def test_the_command_exits_with_one(site: Site, options: list[str]) -> None:
    site.page(block("1 / 0"))
    done = _command(site, options)
    assert done.returncode == 1
    assert "docs/index.md:5 (block demo): ZeroDivisionError" in done.stdout + done.stderr
    assert not (site.root / "site").exists()


def test_quiet_does_not_forget_a_warning(site: Site) -> None:
    site.page("[broken](nowhere.md)")
    assert _command(site, ["--strict", "-q"]).returncode == 1
    assert not (site.root / "site").exists()


def test_a_dirty_build_is_refused(site: Site) -> None:
    site.page("Good.")
    done = _command(site, ["--dirty"])
    assert done.returncode == 1
    assert "dirty build" in done.stderr


def test_a_bad_number_of_jobs_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_JOBS", "many")
    site.page(block("print(1)"))
    done = _command(site, [])
    assert done.returncode == 1
    assert "UNROLLED_JOBS='many'" in done.stderr


def test_a_bad_scale_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_SCALE", "huge")
    site.page(block("print(1)"))
    done = _command(site, [])
    assert done.returncode == 1
    assert "UNROLLED_SCALE='huge'" in done.stderr


def _command(site: Site, options: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", *options],
        cwd=site.root, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
