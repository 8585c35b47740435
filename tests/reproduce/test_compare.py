"""The comparison sees every byte but those of volatile elements and of `build.json`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reproduce.compare import blanked, differences

PAGE = '<p>It took <span class="v" data-volatile>3.1 <b>s</b></span>, on <i>7</i> cores.</p>\n'


def site(folder: Path, **files: str) -> Path:
    for name, text in {"index.html": PAGE, "build.json": "1", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (PAGE, PAGE.replace("3.1 <b>s</b>", "")),
        (
            "<div\n data-volatile><div>1</div>\n<br>2</div><div>3</div>",
            "<div\n data-volatile></div><div>3</div>",
        ),
        (
            "<figure data-volatile><svg><path d='1'/></svg></figure>é&amp;<b data-volatile>x</b>",
            "<figure data-volatile></figure>é&amp;<b data-volatile></b>",
        ),
        ("<p class=volatile>1</p><!-- <b data-volatile> -->", None),
    ],
)
def test_only_the_contents_of_volatile_elements_are_blanked(html: str, expected: str) -> None:
    assert blanked(html) == (html if expected is None else expected)


def test_an_element_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="<span data-volatile> is never closed"):
        blanked("<span data-volatile>1<p>")


def test_builds_that_differ_in_what_varies_are_the_same(tmp_path: Path) -> None:
    other = PAGE.replace("3.1", "2.97")
    first = site(tmp_path / "a")
    second = site(tmp_path / "b", **{"index.html": other, "build.json": "2"})
    assert list(differences(first, second)) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("index.html", PAGE.replace("7", "8"), "from byte 56"),
        ("index.html", PAGE.replace("data-volatile>", "data-volatile >"), "from byte 40"),
        ("index.html", PAGE.rstrip(), "from byte 72"),
        ("a/claims.json", "{}", "not in {first}"),
    ],
)
def test_any_other_byte_is_a_difference(tmp_path: Path, name: str, text: str, said: str) -> None:
    first, second = site(tmp_path / "a"), site(tmp_path / "b", **{name: text})
    (found,) = differences(first, second)
    assert found.startswith(f"{name}: {said.format(first=first)}")
