"""The reference shows what the package says of itself, and is made only when that has changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import Abort

from sitekit.provenance import Provenance
from sitekit.reference import Reference, laid_out, quoted
from tests.engine.conftest import CONFIG, Site, block

CELL = '''\
"""Cells, in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

SIZES = (2, 3)


@dataclass
class State:
    """What is kept between two steps."""

    h: Float[np.ndarray, " H"]
    """Between -1 and 1."""


def step(x: Float[np.ndarray, "B D"], before: State, *, rate: float = 0.5) -> State:
    """Take one step.

    It is a short one.

    Args:
        rate: Share of the old state that is lost.

    Raises:
        ValueError: The shapes differ.
    """
    raise ValueError


def _hidden() -> None:
    """Do nothing."""
'''


@pytest.fixture
def shown(site: Site) -> Site:
    site.write("mkdocs.yml", CONFIG.replace("CLAIMS", "'', reference: demo, unlisted: [demo.left]"))
    site.write("code/demo/cell.py", CELL)
    site.write("code/demo/left/out.py", "")
    site.page(block("from demo.cell import step\nprint(step.__name__)"))
    site.page("::: demo.cell\n", "api.md")
    return site


def reference(site: Site) -> BeautifulSoup:
    return BeautifulSoup(site.html("api/index.html"), "html.parser")


def test_an_object_has_its_signature_text_place_and_users(shown: Site) -> None:
    shown.build()
    page = reference(shown)
    ids = ["demo.cell", "demo.cell.SIZES", "demo.cell.State", "demo.cell.State.h", "demo.cell.step"]
    assert [each["id"] for each in page.find_all(id=lambda id: id and id.startswith("demo"))] == ids
    signature = page.select_one(".unrolled-signature")
    assert signature is not None
    assert signature.get_text().strip() == (
        'step(\n    x: Float[np.ndarray, "B D"],\n    before: State,\n    *,\n'
        "    rate: float = 0.5,\n) -> State"
    )
    assert {link["href"] for link in signature.select("a")} == {"#demo.cell.State"}
    field = page.find(id="demo.cell.State.h")
    assert field is not None
    said = field.find_next("dd").get_text().split("\n")  # type: ignore[union-attr]
    assert [line for line in said if line] == ['Float[np.ndarray, "H"]', "Between -1 and 1."]
    text = page.get_text()
    assert "It is a short one." in text
    assert "Share of the old state that is lost." in text
    origin = page.select(".unrolled-origin")[-1]
    assert origin.get_text() == "Function in code/demo/cell.py, line 24. Used in Title."
    copy, user = (link["href"] for link in origin.select("a"))
    assert (shown.root / "site/api" / str(copy)).read_text("utf-8") == CELL
    assert user == "../"


def test_what_is_searched_for_is_names_and_first_sentences(shown: Site) -> None:
    config = (shown.root / "mkdocs.yml").read_text("utf-8")
    shown.write("mkdocs.yml", config.replace("plugins:\n", "plugins:\n  - search\n"))
    shown.build()
    entries = json.loads(shown.html("search/search_index.json"))["docs"]
    text = "\n".join(
        f"{entry['title']} {entry['text']}" for entry in entries if "api" in entry["location"]
    )
    assert all(word in text for word in ("demo.cell", "SIZES", "State", "step", "Take one step."))
    assert "demo.<wbr>cell<" in shown.html("api/index.html")
    assert not any(word in text for word in ("Float", "a short one", "lost", "cell.py"))


def test_it_is_made_again_only_when_the_package_or_its_users_change(
    shown: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    own = Reference.extension

    def extension(*arguments: object) -> object:
        made.append("")
        return own(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Reference, "extension", extension)
    shown.build()
    shown.build()
    assert len(made) == 1
    shown.page(block("from demo.cell import step\nprint('as before')"))
    shown.build()
    assert len(made) == 1
    shown.write("code/demo/cell.py", CELL.replace("a short one", "a long one"))
    shown.build()
    assert len(made) == 2
    assert "It is a long one." in reference(shown).get_text()
    shown.page(block("print('no use of it')"))
    shown.build()
    assert len(made) == 3
    assert "Used in" not in reference(shown).get_text()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("Nothing.", "code/demo/cell.py:1: no page of the reference has ::: demo.cell"),
        ("::: demo.cell\n\n::: demo.other\n", "docs/api.md:5: ::: demo.other: there is no such"),
        ("::: demo.cell\n\n::: demo.cell\n", "docs/api.md:5: ::: demo.cell: it is on api.md"),
        ("::: demo.cell\n\n::: demo.left\n", "docs/api.md:5: ::: demo.left: there is no such"),
    ],
)
def test_a_reference_that_is_not_whole_stops_the_build(
    shown: Site, caplog: pytest.LogCaptureFixture, lines: str, message: str
) -> None:
    shown.page(lines, "api.md")
    with pytest.raises(Abort):
        shown.build()
    assert message in caplog.text
    assert not (shown.root / "site").exists()


def test_a_docstring_that_contradicts_its_signature_stops_a_strict_build(
    shown: Site, caplog: pytest.LogCaptureFixture
) -> None:
    shown.write("code/demo/cell.py", CELL.replace("        rate:", "        speed:"))
    for _ in range(2):
        caplog.clear()
        with pytest.raises(Abort):
            shown.build()
        assert "cell.py:30: Parameter 'speed' does not appear" in caplog.text


def test_a_package_shows_what_it_exports_or_all_its_modules(shown: Site) -> None:
    shown.write(
        "code/demo/face/__init__.py", 'from demo.face.one import one\n\n__all__ = ["one"]\n'
    )
    shown.write(
        "code/demo/face/one.py", "def one() -> int:\n    return 1\n\n\ndef two() -> int: ...\n"
    )
    shown.page("::: demo.cell\n\n::: demo.face\n", "api.md")
    shown.build()
    names = [each.get_text() for each in reference(shown).select("h2, h3")]
    assert [name.rstrip("¶#") for name in names][-2:] == ["demo.face", "one"]
    shown.page("::: demo.cell\n\n::: demo.face.*\n", "api.md")
    shown.build()
    names = [each.get_text() for each in reference(shown).select("h2, h3")]
    assert [name.rstrip("¶#") for name in names][-3:] == ["demo.face.one", "one", "two"]


def test_the_source_of_a_commit_is_in_the_repository(tmp_path: Path) -> None:
    commit = "0123456789" * 4
    place = ("..", "code/a.py", "3", "9")
    copy = "../sources/code/a.py.txt"
    clean = Provenance(commit, {}, "site", "https://example.org/who/what")
    assert clean.source(*place) == f"https://example.org/who/what/blob/{commit}/code/a.py#L3-L9"
    assert clean.source(*place[:2]).endswith("code/a.py")
    edited = Provenance(f"{commit}-dirty", {}, "site", "https://example.org/who/what")
    assert edited.source(*place) == copy
    assert Provenance(commit, {}, "site", "").source(*place) == copy


def test_code_is_shown_as_we_write_it() -> None:
    assert quoted("Float[np.ndarray, ' H']") == 'Float[np.ndarray, "H"]'
    assert quoted("""x = '"'""") == """x = '"'"""
    assert laid_out(["a", "*", "b: int"], "int", "f") == "(a, *, b: int) -> int"
    assert laid_out([], "int" * 50, "f") == "() -> " + "int" * 50
    assert laid_out(["a" * 40, "b" * 40], "", "f") == f"(\n    {'a' * 40},\n    {'b' * 40},\n)"
