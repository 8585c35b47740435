"""`mkdocs serve`: failures show on the page, fixes show without a restart, memory stays."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.engine.conftest import Site, block


class Server:
    def __init__(self, site: Site) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = (site.root / "serve.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{self.port}"],
            cwd=site.root, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def shows(self, text: str, path: str = "", seconds: float = 30) -> str:
        """Wait until the page holds `text`; return its HTML."""
        deadline = time.monotonic() + seconds
        html = ""
        while text not in html:
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, f"{text!r} did not appear in:\n{html[-3000:]}"
            time.sleep(0.1)
            try:
                address = f"http://127.0.0.1:{self.port}/{path}"
                with urllib.request.urlopen(address, timeout=10) as answer:
                    html = answer.read().decode()
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                continue
        return html


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    site.page(block("from demo import WORD\nprint(WORD)"))
    site.write("code/demo/__init__.py", "WORD = 'first'\n")
    server = Server(site)
    yield server
    server.process.terminate()
    server.process.wait(timeout=20)
    server.log.close()


def test_edits_of_pages_and_code_show(site: Site, server: Server) -> None:
    server.shows("<samp>first</samp>")
    site.write("code/demo/__init__.py", "WORD = 'second'\n")
    server.shows("<samp>second</samp>")
    site.page("New prose." + block("from demo import WORD\nprint(WORD)"))
    server.shows("New prose.")


def test_a_failure_shows_as_a_box_and_its_fix_without_restart(site: Site, server: Server) -> None:
    server.shows("<samp>first</samp>")
    site.page(block("print('before')\n1 / 0") + block("print('after')", "after"))
    html = server.shows("unrolled-failure")
    assert "docs/index.md:6" in html
    assert "ZeroDivisionError" in html
    assert "<samp>before</samp>" in html
    assert "<samp>after</samp>" in html
    site.page(block("print('mended')"))
    html = server.shows("<samp>mended</samp>")
    assert "unrolled-failure" not in html


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (block("print(1)", sourec="below"), "unknown option &#x27;sourec&#x27;"),
        ("\n```python\nprint(1)\n```\n", "either exec="),
        ("\n[[nothing]]\n", "names a value 'nothing'"),
        ("\n$\\nonsense$\n", "nonsense"),
        (block("import os; os._exit(3)"), "exit code 3"),
        ('\n```python display="demo:none"\n```\n', "has no"),
    ],
)
def test_every_kind_of_failure_shows(site: Site, server: Server, text: str, message: str) -> None:
    server.shows("<samp>first</samp>")
    site.page(text)
    assert message in server.shows(message)
    site.page(block("print('mended')"))
    assert "unrolled-failure" not in server.shows("<samp>mended</samp>")


def test_a_server_can_start_on_a_broken_page(site: Site) -> None:
    site.page(block("1 / 0"))
    server = Server(site)
    try:
        server.shows("unrolled-failure")
        site.page(block("print('mended')"))
        server.shows("<samp>mended</samp>")
    finally:
        server.process.terminate()
        server.process.wait(timeout=20)
        server.log.close()


def test_memory_stays_over_200_rebuilds(site: Site) -> None:
    """Rebuilds as `serve` does, in one process; every tenth executes a page anew."""
    for number in range(3):
        prose = "\n\n".join(
            f"## Heading {index}\n\nSome *prose* and $h_{index}$." for index in range(20)
        )
        blocks = "".join(block(f"print({index})", f"b{index}") for index in range(5))
        site.page(prose + blocks, f"p{number}.md")
    site.page("Home")
    script = """
    import gc, sys
    from pathlib import Path
    import psutil
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    page = Path("docs/p0.md")
    text = page.read_text()
    resident = []
    plugins = None
    for number in range(240):
        edit = f"print({number})" if number % 10 == 0 else "print(0)"
        page.write_text(text.replace("Some", f"Edit {number}", 1).replace("print(0)", edit, 1))
        config = load_config("mkdocs.yml", site_dir="served")
        if plugins is None:
            plugins = config.plugins
            plugins.on_startup(command="serve", dirty=False)
        else:
            config.plugins.on_startup(command="serve", dirty=False)
        build(config, serve_url="http://127.0.0.1/")
        gc.collect()
        resident.append(psutil.Process().memory_info().rss / 2**20)
    print(resident[39], resident[-1])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=site.root, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    warm, last = map(float, done.stdout.split()[-2:])
    assert last - warm <= 20, f"{warm:.1f} MB after 40 rebuilds, {last:.1f} MB after 240"
