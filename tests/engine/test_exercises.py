"""One notebook, two pages: what the reader is to write, and what we would."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jupytext
import nbformat
import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import Abort

from sitekit.exercises import pages_of
from sitekit.notebook_files import as_ipynb, as_script, colab_address
from sitekit.notebooks import find_cells
from tests.engine.conftest import Site
from tests.reproduce.compare import blanked

NOTEBOOK = """\
# %% [markdown]
# # Adding
#
# Compute $a_1 + b_2$ as in [[page:index]]; `[[plain]]` is code, `$5` is not maths.
#
# $$c < d \\label{sum}$$
#
# <details><summary>Hint 1</summary>
#
# It is *easy*, see [the start](../index.md#title).
#
# <details><summary>Hint 2</summary>
#
# $x^2$
#
# </details>
# </details>
#
# ## A part

# %% id="given"
numbers = [1, 2]
print(numbers)

# %% id="task" quiet="on"
def add(numbers):
    total = 0
    # TODO: Add the numbers,
    # all of them.
    # <solution>
    for number in numbers:
        total += number
    # </solution>
    return total

# %% id="shown"
from unrolled.page import value
print("sum", value("sum", add(numbers)))

# %% [markdown] solution="on"
# ## Why
#
# The sum is [[sum:d]], by [[eq:sum]].

# %% id="further" solution="on"
print(2 * add(numbers))
"""

DATE = re.compile("Build Date UTC : .*")


@pytest.fixture
def exercise(site: Site) -> Site:
    site.page("A page.")
    site.write("docs/solutions/adding.py", NOTEBOOK)
    return site


def soup(site: Site, name: str) -> BeautifulSoup:
    return BeautifulSoup(site.html(f"{name}/adding/index.html"), "html.parser")


def test_the_solution_is_executed_and_the_starter_is_not(exercise: Site) -> None:
    exercise.build()
    solved, starter = soup(exercise, "solutions"), soup(exercise, "exercises")
    assert [samp.text for samp in solved.select("samp")] == ["[1, 2]", "sum 3", "6"]
    assert not starter.select("samp")
    ids = [block["data-block"] for block in starter.select("[data-block]")]
    assert ids == ["exercises/adding/given", "exercises/adding/task", "exercises/adding/shown"]
    assert exercise.executed() == {"solutions/adding.md"}
    exercise.build()
    assert not exercise.executed()


def test_only_the_solution_shows_what_is_marked(exercise: Site) -> None:
    exercise.build()
    solved = soup(exercise, "solutions").text
    starter = soup(exercise, "exercises").text
    for text, where in (
        ("total += number", solved), ("The sum is 3", solved), ("2 * add", solved),
        ("TODO: Add the numbers,", starter), ("# all of them.", starter),
        ('raise NotImplementedError("TODO")', starter),
    ):  # fmt: skip
        other = solved if where is starter else starter
        assert text in where
        assert text not in other
    assert "<solution>" not in solved + starter
    titles = [soup(exercise, page).h1.text for page in ("solutions", "exercises")]
    assert [title.removesuffix("#") for title in titles] == ["Adding, solved", "Adding"]


def test_prose_looks_as_on_every_page(exercise: Site) -> None:
    exercise.build()
    html = exercise.html("solutions/adding/index.html")
    page = soup(exercise, "solutions")
    assert len(page.select("math")) == 3
    assert "$" not in page.select_one("details").text
    (numbered,) = page.select(".unrolled-number")
    assert numbered.text == "(1)"
    assert page.select_one("a.unrolled-reference[href='#eq-sum']").text == "(1)"
    assert page.select_one("a.unrolled-reference[href='../../']").text == "Title"
    assert page.select_one("details details summary").text == "Hint 2"
    assert page.select_one("details a")["href"] == "../../#title"
    assert page.select_one("h2#a-part a.headerlink")["href"] == "#a-part"
    assert [code.text for code in page.select("p code")][:2] == ["[[plain]]", "$5"]
    assert "<style" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.S)
    assert "jp-" not in html
    assert "data-source" not in html  # every cell's source is highlighted
    assert page.select(".unrolled-block .highlight span.s2")
    toc = [link.text.strip() for link in page.select(".bs-sidebar a, .toc a")]
    assert not toc or "A part" in toc


def test_search_finds_prose_once_and_no_output(exercise: Site) -> None:
    text = exercise.root / "mkdocs.yml"
    text.write_text(text.read_text().replace("plugins:", "plugins:\n  - search"))
    exercise.build()
    index = json.loads(exercise.html("search/search_index.json"))["docs"]
    found = [entry for entry in index if entry["location"].startswith("solutions/adding/")]
    assert sum("Compute" in entry["text"] for entry in found) <= 2  # the page and its first part
    assert any("a_1" in entry["text"] for entry in found)


def test_files_to_take_along(exercise: Site) -> None:
    exercise.build()
    for page in ("solutions", "exercises"):
        folder = exercise.root / "site" / "downloads" / page
        given = nbformat.read(folder / "adding.ipynb", as_version=4)
        nbformat.validate(given)
        script = jupytext.read(folder / "adding.py")
        assert [(cell.cell_type, cell.source) for cell in given.cells] == [
            (cell.cell_type, cell.source) for cell in script.cells
        ]
        assert given.cells[1].id == "install"
        compile((folder / "adding.py").read_text(), "adding.py", "exec")
        links = [link["href"] for link in soup(exercise, page).select(".unrolled-downloads a")]
        assert links[:2] == [f"../../downloads/{page}/adding{end}" for end in (".ipynb", ".py")]
        assert "[[page" not in (folder / "adding.py").read_text()
        assert "as in Title;" in (folder / "adding.py").read_text()


def test_colab_opens_what_github_has(exercise: Site) -> None:
    config = exercise.root / "mkdocs.yml"
    config.write_text("repo_url: https://github.com/some/one\n" + config.read_text())
    exercise.build()
    link = soup(exercise, "exercises").select_one(".unrolled-downloads a:nth-of-type(3)")
    assert link["href"] == (
        "https://colab.research.google.com/github/some/one/blob/notebooks/exercises/adding.ipynb"
    )
    installs = (exercise.root / "site/downloads/exercises/adding.py").read_text()
    assert '"clone", "--quiet", "https://github.com/some/one", clone]' in installs
    assert not colab_address("https://example.org/some/one", "exercises/adding")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("print(numbers)", "print(number)", "docs/solutions/adding.py:23 (block given): NameError"),
        ("total += number\n", "total += nothing\n", "docs/solutions/adding.py:"),
        ("[[sum:d]]", "[[summ:d]]", "docs/solutions/adding.py:43: [[summ:d]]"),
        ("../index.md#title", "../nowhere.md", "docs/solutions/adding.py:10: there is no page"),
        ('id="given"', "", "docs/solutions/adding.py:21: id: got ''"),
        ('id="given"', 'id="given" sulution="on"', "adding.py:21: unknown option 'sulution'"),
        ('id="given"', 'id="task"', "adding.py:25 (block task): id 'task' is used twice"),
        (' solution="on"\n# ## Why', ' id="x"\n# ## Why', "adding.py:40: unknown option 'id'"),
        ("# ## Why", "## Why\nprint()", "adding.py:42: a line of prose starts with"),
        ("    # </solution>\n", "", "adding.py:30: # <solution> is not closed"),
        ("    # <solution>\n", "", "adding.py:32: # </solution> without"),
        ("    # TODO: Add", "    # Add", "adding.py:30: # <solution> needs a comment"),
        ("# # Adding", "# Adding", "adding.py:1: a notebook starts with prose"),
        ("$x^2$", "$\\nonsense{x}$", "cannot typeset"),
        ("print(numbers)", "numbers", "yields nothing"),
    ],
)  # fmt: skip
def test_what_is_wrong_stops_the_build_with_its_line(
    exercise: Site, old: str, new: str, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert old in NOTEBOOK
    exercise.write("docs/solutions/adding.py", NOTEBOOK.replace(old, new, 1))
    with pytest.raises(Abort):
        exercise.build()
    assert complaint in caplog.text
    assert not (exercise.root / "site").exists()


def test_cells_are_those_that_jupytext_reads() -> None:
    notebook, problems = find_cells(NOTEBOOK, "adding.py")
    assert not problems
    theirs = jupytext.reads(NOTEBOOK, fmt="py:percent")
    assert [cell.text for cell in notebook.cells] == [cell.source for cell in theirs.cells]


def test_a_starter_runs_to_its_first_task() -> None:
    (starter, solution), _ = pages_of("solutions/adding.py", "adding.py", NOTEBOOK)
    names: dict[str, object] = {}
    with pytest.raises(NotImplementedError, match="TODO"):
        exec(as_script(starter.cells), names)
    assert "add" in names
    exec(as_script(solution.cells), names := {})
    assert names["add"]([1, 2, 3]) == 6  # type: ignore[operator]


def test_notebooks_are_the_same_every_time(exercise: Site) -> None:
    exercise.build()
    before = exercise.bytes()
    shutil.rmtree(exercise.root / ".cache")
    exercise.build()
    after = exercise.bytes()
    made = [name for name in before if "adding" in name]
    assert len(made) == 8  # two pages, two sources, two files of each to take along
    for name in made:
        first, second = (DATE.sub("", blanked(each[name].decode())) for each in (before, after))
        assert first == second


def test_a_starter_keeps_no_word_of_the_solution(tmp_path: Path) -> None:
    (starter, _), _ = pages_of("solutions/adding.py", "adding.py", NOTEBOOK)
    text = as_script(starter.cells) + as_ipynb(starter.cells) + starter.markdown()
    for hidden in ("total += number", "Why", "2 * add"):
        assert hidden not in text
