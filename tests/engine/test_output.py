"""Everything a block yields reaches the page, in order, escaped, and only once."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from tests.engine.conftest import Site, block


def outputs(html: str) -> list[str]:
    soup = BeautifulSoup(html, "html.parser")
    return [element.get_text() for element in soup.select(".unrolled-output")]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print('a', 'b', sep='-', end='!\\n')", "a-b!"),
        ("import sys\nsys.stdout.write('written\\n')", "written"),
        ("import sys\nprint('to stderr', file=sys.stderr)", "to stderr"),
        ("import os\nos.write(1, b'descriptor\\n')", "descriptor"),
        ("import subprocess\nsubprocess.run(['echo', 'child'])", "child"),
        (
            "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.puts(b'from C')\nlibc.fflush(None)",
            "from C",
        ),
        ("import logging\nlogging.warning('logged')", "WARNING:root:logged"),
        ("print('<script>alert(1)</script> & \"q\"')", '<script>alert(1)</script> & "q"'),
        ("print('10 %\\r20 %\\r30 %')", "30 %"),
        ("print('\\x1b[31mred\\x1b[0m')", "red"),
        ("print('ζ → ∂h')", "ζ → ∂h"),
        ("import sys\nsys.stdout.buffer.write(b'bytes\\n')\nsys.stdout.buffer.flush()", "bytes"),
        ("print('# not a heading', '[[x]]', '$a$')", "# not a heading [[x]] $a$"),
        ("print(__name__)", "__main__"),
        ("import os\nprint(os.listdir())", "[]"),
    ],
)
def test_text_from_anywhere(site: Site, code: str, shown: str) -> None:
    site.page(block(code))
    assert outputs(site.build()) == [shown]


def test_order_is_kept(site: Site) -> None:
    site.page(
        block(
            """
            import os, warnings
            import matplotlib.pyplot as plt
            from unrolled.page import show
            print("one")
            os.write(1, b"two\\n")
            warnings.warn("three")
            fig, ax = plt.subplots()
            show(fig, alt="four")
            print("five")
            """,
            warns="UserWarning",
        )
    )
    html = site.build()
    found = re.findall(r"<samp>(.*?)</samp>|<title id=[^>]*>(.*?)</title>", html, re.S)
    assert [a or b for a, b in found] == ["one\ntwo", "UserWarning: three", "four", "five"]


def test_source_and_output_are_one_element(site: Site) -> None:
    site.page(block("print(1)", "one") + block("print(2)", "two", source="none"))
    soup = BeautifulSoup(site.build(), "html.parser")
    one = soup.find(attrs={"data-block": "index/one"})
    two = soup.find(attrs={"data-block": "index/two"})
    assert "print" in one.get_text()
    assert "1" in one.select_one(".unrolled-output").get_text()
    assert "print" not in two.get_text()
    below = block("print(3)", "three", source="below", title="A name")
    site.page(below)
    three = BeautifulSoup(site.build(), "html.parser").find(attrs={"data-block": "index/three"})
    assert three.get_text().strip().startswith("3")
    assert three.select_one(".filename").get_text() == "A name"


def test_blocks_of_a_page_share_names_and_pages_do_not(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.page(block("x = 41", "one", quiet="on") + block("print(x + 1)", "two"))
    site.page(block("print('x' in globals())"), "other.md")
    assert outputs(site.build()) == ["42"]
    assert outputs(site.html("other/index.html")) == ["False"]


def test_figures_are_inline_numbered_and_unique(site: Site) -> None:
    code = """
    import matplotlib.pyplot as plt
    from unrolled.page import show
    for name in ("first", "second"):
        fig, ax = plt.subplots()
        ax.plot([1, 2])
        show(fig, alt=f'The "{name}" <b>', caption=f"Caption {name}.")
    """
    site.page(block(code, "draw") + "\nSee [[fig:draw]] and [[fig:draw-2]].\n")
    site.page("\nSee [[fig:index/draw-2]].\n", "other.md")
    html = site.build()
    soup = BeautifulSoup(html, "html.parser")
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    svgs = soup.select("figure svg[role=img]")
    assert [svg.title.get_text() for svg in svgs] == ['The "first" <b>', 'The "second" <b>']
    for svg in svgs:
        used = re.findall(r'(?:href="#|url\(#)([^")]+)', str(svg))
        assert used
        assert set(used) <= set(ids)
    assert "#0a0a" not in html
    assert "var(--fig-c0)" in html
    captions = [caption.get_text() for caption in soup.select("figcaption")]
    assert captions == [
        "Figure 1. Caption first.Numbers of draw",
        "Figure 2. Caption second.Numbers of draw-2",
    ]
    for name, link in zip(("draw", "draw-2"), soup.select("a[data-numbers]"), strict=True):
        assert link["href"] == f"./figures/index/{name}.csv"
        assert site.html(f"figures/index/{name}.csv") == "x,y\n0,1\n1,2\n"
    links = [link.get("href") for link in soup.select("a.unrolled-reference")]
    assert links == ["#fig-draw", "#fig-draw-2"]
    other = BeautifulSoup(site.html("other/index.html"), "html.parser")
    assert other.select_one("a.unrolled-reference")["href"] == "../#fig-draw-2"


def test_figures_are_numbered_as_they_stand(site: Site) -> None:
    code = """
    import matplotlib.pyplot as plt
    from unrolled.page import show
    fig, ax = plt.subplots()
    show(fig, alt="A picture")
    """
    site.page(block(code, "zebra") + block(code, "mouse") + block(code, "ant"))
    for _ in range(2):  # executed, then from the cache
        soup = BeautifulSoup(site.build(), "html.parser")
        numbers = [(figure["id"], figure.strong.get_text()) for figure in soup.select("figure")]
        assert numbers == [
            ("fig-zebra", "Figure 1."),
            ("fig-mouse", "Figure 2."),
            ("fig-ant", "Figure 3."),
        ]


def test_figures_are_the_same_bytes_every_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
    import matplotlib.pyplot as plt
    from unrolled.page import show
    fig, ax = plt.subplots()
    ax.scatter([1, 2], [3, 4], label="$h_t$")
    ax.fill_between([1, 2], [1, 2], [2, 3], alpha=0.2)
    show(fig, alt="Dots")
    """
    site.page(block(code))
    svg = re.compile(r"<svg.*?</svg>", re.S)
    first = svg.search(site.build())[0]
    monkeypatch.setenv("UNROLLED_CACHE", str(site.root / "another-cache"))
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert svg.search(site.build())[0] == first
    assert site.executed() == {"index.md"}


def test_values_in_prose(site: Site) -> None:
    code = """
    import numpy as np
    from unrolled.page import value
    value("third", 1 / 3)
    value("tiny", np.float32(2.5e-7))
    value("many", np.int64(64_000))
    value("word", "tanh")
    """
    prose = "[[third]] [[third:.1%]] [[tiny]] [[many]] [[many:,]] [[word]] `[[third]]`"
    site.page(block(code) + f"\n{prose}\n\n| a |\n|---|\n| [[many]] |\n\n- **[[third:.2f]]**\n")
    soup = BeautifulSoup(site.build(), "html.parser")
    shown = [element.get_text() for element in soup.select(".unrolled-value")]
    assert shown == [
        "0.3333",
        "33.3%",
        "2.5\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁻⁷",
        "64000",
        "64,000",
        "tanh",
        "64000",
        "0.33",
    ]
    assert "<code>[[third]]</code>" in site.html()


def test_formulas_become_mathml_and_are_numbered(site: Site) -> None:
    formula = "Inline $h_{t-1}$.\n\n$$ h_t = \\tanh(x_t) \\label{cell} $$\n\n$$ a < b $$\n"
    site.page(f"{formula}\nSee [[eq:cell]].\n", "chapters/one.md")
    site.page("See [[eq:one/cell]] in [[page:one]].\n")
    site.build()
    html = site.html("chapters/one/index.html")
    assert html.count("<math") == 3
    assert "arithmatex" not in html
    assert "label" not in html[html.index("<math") : html.rindex("</math>")]
    soup = BeautifulSoup(html, "html.parser")
    assert soup.select_one("#eq-cell .unrolled-number").get_text() == "(1.1)"
    assert soup.select_one("a.unrolled-reference").get_text() == "(1.1)"
    index = BeautifulSoup(site.html(), "html.parser")
    links = [(link.get_text(), link["href"]) for link in index.select("a.unrolled-reference")]
    assert links == [("(1.1)", "chapters/one/#eq-cell"), ("Title", "chapters/one/")]


def test_package_source_is_displayed(site: Site) -> None:
    site.write(
        "code/demo/shown.py",
        "import demo\n\nSIZE = 3\n\n\nclass Cell:\n    def step(self):\n        return SIZE\n",
    )
    site.page(
        '\n```python display="demo.shown:Cell.step"\n```\n'
        '\n```python display="demo.shown:SIZE" title="The size"\n```\n'
    )
    soup = BeautifulSoup(site.build(), "html.parser")
    code = [element.get_text().strip() for element in soup.select("pre code")]
    assert code == ["def step(self):\n    return SIZE", "SIZE = 3"]
    names = [element.get_text() for element in soup.select(".filename")]
    assert names == ["code/demo/shown.py", "The size"]
    assert site.executed() == set()


def test_a_block_in_a_list_or_admonition_runs(site: Site) -> None:
    inner = block("if True:\n    print('indented')").strip().replace("\n", "\n    ")
    site.page(f"!!! note\n\n    {inner}\n")
    assert outputs(site.build()) == ["indented"]
    quoted = block("print('quoted')").strip().replace("\n", "\n> ")
    site.page(f"> {quoted}\n")
    assert outputs(site.build()) == ["quoted"]


def test_what_is_volatile_is_marked(site: Site) -> None:
    code = "import time\nfrom unrolled.page import value\nprint(value('took', time.perf_counter()))"
    site.page(block(code, volatile="on") + "\nIt took [[took]].\n")
    soup = BeautifulSoup(site.build(), "html.parser")
    assert soup.select_one(".unrolled-output").has_attr("data-volatile")
    assert soup.select_one(".unrolled-value").has_attr("data-volatile")
    assert soup.select_one(".unrolled-value").has_attr("data-search-exclude")


def test_what_is_volatile_is_not_in_files_to_take_along(site: Site) -> None:
    code = "from unrolled.page import value\nprint(value('took', 17.25), value('kept', 3.5))"
    site.page(block(code, volatile="on") + "\nIt took [[took]].\n", "chapters/timed.md")
    site.page(block(code) + "\nIt took [[took]].\n", "chapters/counted.md")
    site.page("A page.")
    site.build()
    for name in ("timed.py", "timed.ipynb"):
        text = site.html(f"downloads/{name}")
        assert "It took (see the output)." in text
        assert "It took 17.25." not in text
    assert "It took 17.25." in site.html("downloads/counted.py")


def test_a_volatile_figure_has_no_file_of_numbers(site: Site) -> None:
    draw = (
        "import matplotlib.pyplot as plt\nfrom unrolled.page import show\n"
        "fig, ax = plt.subplots()\nax.plot([1, 2])\n"
        "show(fig, alt='A line rises.', caption='A line.')"
    )
    site.page(block(draw, "drawn") + block(draw, "timed", volatile="on"))
    soup = BeautifulSoup(site.build(), "html.parser")
    assert len(soup.select("figure")) == 2
    files = [file.name for file in (site.root / "site/figures/index").iterdir()]
    assert files == ["drawn.csv"]
    assert [link["href"] for link in soup.select("[href$='.csv']")] == ["./figures/index/drawn.csv"]


def test_an_expected_error_shows_its_message(site: Site) -> None:
    site.page(block("print('before')\n{}['<k>']", expect="LookupError"))
    assert outputs(site.build()) == ["before", "KeyError: '<k>'"]


def test_torch_is_deterministic_and_only_imported_by_a_block(site: Site) -> None:
    look = "import sys\nprint('torch' in sys.modules)"
    use = (
        "import torch\nprint(torch.are_deterministic_algorithms_enabled(), torch.get_num_threads())"
    )
    site.page(block(look, "before") + block(use, "after"))
    assert outputs(site.build()) == ["False", "True 1"]


def test_a_page_of_a_missing_environment_says_so(site: Site) -> None:
    text = f"{block('print(1)')}\nSee [[fig:demo]]: it is [[speed]].\n"
    site.write("docs/index.md", f"---\nenvironment: vision\n---\n# Title\n{text}")
    html = site.build()
    assert html.count("(not computed here)") == 2
    assert "needs the environment <code>vision</code>" in html
    assert outputs(html) == []


def test_a_page_runs_in_the_environment_it_names(site: Site) -> None:
    import os
    import sys
    import venv

    venv.create(site.root / ".venv-vision", symlinks=os.name == "posix")
    site.write(
        "docs/index.md",
        f"---\nenvironment: vision\n---\n# Title\n{block('import sys; print(sys.prefix)')}",
    )
    shown = outputs(site.build())
    assert shown == [str((site.root / ".venv-vision").resolve())]
    assert shown != [sys.prefix]


def environment_with(site: Site, *distributions: str) -> None:
    """Make an environment `vision` in which these seem to be installed."""
    import os
    import venv

    folder = site.root / ".venv-vision"
    venv.create(folder, symlinks=os.name == "posix")
    packages = next(folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages")
    for distribution in distributions:
        (packages / f"{distribution}.dist-info").mkdir()


NEEDY = "---\nenvironment: vision\n---\n# Title\n" + "".join(
    [
        block("print('all')", "all"),
        block(
            "import sys\nsys.modules['unrolled_page_receiver'].value('n', 7)\nprint(7)",
            "some",
            needs="Far-Off",
        ),
        "It is [[n]].\n",
    ]
)


def test_a_block_whose_needs_are_not_met_is_left_out_and_named(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="mkdocs.plugins.unrolled")
    site.write("docs/index.md", NEEDY)
    html = site.build()
    assert outputs(html) == ["all"]
    assert "(not computed here)" in html
    assert 'this block needs <code><span class="unrolled-whole">Far-Off</span></code>' in html
    assert 'make <span class="unrolled-whole">test-vision</span>' in html
    assert "1 of 2 blocks not run, as they need Far-Off: `make test-vision`" in caplog.text
    assert '"not_run": [\n    "some"' in site.html("build.json")


def test_a_block_whose_needs_are_met_runs(site: Site) -> None:
    site.write("docs/index.md", NEEDY)
    site.build()
    environment_with(site, "far_off-1.0")
    html = site.build()
    assert outputs(html) == ["all", "7"]
    assert "It is <span" in html
    assert "not run" not in html
    assert site.executed() == {"index.md"}, "what was left out before is no result of this page"
    assert outputs(site.build()) == ["all", "7"]
    assert site.executed() == set()


def test_an_environment_without_what_a_block_needs_is_no_error_but_said(site: Site) -> None:
    environment_with(site, "far_away-1.0")
    site.write("docs/index.md", NEEDY)
    html = site.build()
    assert outputs(html) == ["all"]
    assert 'this block needs <code><span class="unrolled-whole">Far-Off</span></code>' in html


def test_the_foot_names_what_the_page_ran_with(site: Site) -> None:
    environment_with(site, "torch-9.8.7", "numpy-6.5.4")
    site.write("docs/index.md", f"---\nenvironment: vision\n---\n# Title\n{block('print(1)')}")
    assert "NumPy 6.5.4, PyTorch 9.8.7" in site.build()


def test_a_missing_environment_is_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="mkdocs.plugins.unrolled")
    site.write("docs/index.md", f"---\nenvironment: vision\n---\n# Title\n{block('print(1)')}")
    site.build()
    assert "docs/index.md: not run: `make test-vision`" in caplog.text


def test_build_json_says_what_ran(site: Site) -> None:
    import json
    import platform

    site.page(block("print(1)"))
    site.build()
    about = json.loads(site.html("build.json"))
    assert about["versions"]["python"] == platform.python_version()
    assert about["scale"] == "site"
    assert about["pages"]["index.md"]["device"] == "cpu"
    assert about["pages"]["index.md"]["seconds"] > 0
    assert about["commit"] == "unknown"


def test_the_foot_of_a_page_links_to_its_source(site: Site) -> None:
    text = site.page(block("print(1)")).read_text()
    soup = BeautifulSoup(site.build(), "html.parser")
    foot = soup.select_one(".unrolled-provenance")
    assert "ran on cpu" in foot.get_text()
    assert site.html(foot.a["href"]) == text


def test_an_error_is_reported_to_the_repository_with_page_and_commit(site: Site) -> None:
    config = site.root / "mkdocs.yml"
    config.write_text(config.read_text() + "repo_url: https://example.org/unrolled\n")
    site.page("Prose.")
    foot = BeautifulSoup(site.build(), "html.parser").select_one(".unrolled-provenance")
    link = foot.find("a", string="Report an error")["href"]
    assert link.startswith("https://example.org/unrolled/issues/new?title=docs%2Findex.md")
    assert "commit+unknown" in link
