"""Works are cited from one file, and listed with the places that cite them."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import Abort

from sitekit import references
from tests.engine.conftest import Site

WORKS = """
@article{elman1990,
  author  = {Elman, J. L.},
  year    = {1990},
  title   = {Finding structure in time},
  journal = {Cognitive Science},
  volume  = {14},
  number  = {2},
  pages   = {179--211},
  doi     = {10.1207/s15516709cog1402_1},
  annote  = {The vanilla RNN.},
}

@misc{cho1974,
  author = {Cho, K. and van Merriënboer, B. and {Daumé III}, H.},
  year   = {1974},
  title  = {What is a gate?},
  eprint = {1406.1078},
  annote = {Gates.},
}
"""
NAV = """nav:
  - index.md
  - chapters/late.md
  - references.md
"""


@pytest.fixture
def cited(site: Site) -> Site:
    site.write("mkdocs.yml", (site.root / "mkdocs.yml").read_text() + NAV)
    site.write("docs/references.bib", WORKS)
    site.page("\n[[references]]\n", "references.md")
    site.page("\nAs [[cite:elman1990]] and others [[citep:cho1974, elman1990]] said.\n")
    site.write("docs/chapters/late.md", "# Late\n\n[[source:elman1990]]\nIn *short*.\n")
    return site


def test_a_citation_names_authors_and_year_and_leads_to_the_entry(cited: Site) -> None:
    soup = BeautifulSoup(cited.build(), "html.parser")
    assert "As Elman (1990) and others (Cho et al. 1974; Elman 1990) said." in soup.get_text()
    links = [(link.get("id"), link["href"]) for link in soup.select("a.unrolled-reference")]
    assert links == [
        ("cite-elman1990", "references/#elman1990"),
        ("cite-cho1974", "references/#cho1974"),
        (None, "references/#elman1990"),
    ]


def test_a_source_is_the_whole_entry(cited: Site) -> None:
    cited.build()
    soup = BeautifulSoup(cited.html("chapters/late/index.html"), "html.parser")
    source = soup.select_one("#cite-elman1990")
    whole = "Elman, J. L. (1990). Finding structure in time. Cognitive Science 14(2), 179–211."
    assert source.get_text() == whole
    assert source.em.get_text() == "Cognitive Science"
    assert source.a["href"] == "../../references/#elman1990"


def test_the_list_has_all_works_oldest_first_and_who_cites_them(cited: Site) -> None:
    cited.build()
    soup = BeautifulSoup(cited.html("references/index.html"), "html.parser")
    first, second = soup.select("ul.unrolled-works > li")
    assert " ".join(first.get_text().split()) == (
        "Cho, K., van Merriënboer, B., and Daumé III, H. (1974). What is a gate? arXiv:1406.1078. "
        "Gates. Cited in Title."
    )
    assert second["id"] == "elman1990"
    assert [link["href"] for link in second.select("a")] == [
        "https://doi.org/10.1207/s15516709cog1402_1",
        "../#cite-elman1990",
        "../chapters/late/#cite-elman1990",
    ]


def test_what_is_cited_later_shows_at_once(cited: Site) -> None:
    cited.build()
    cited.page("\nAs [[cite:elman1990]] said.\n")
    cited.write("docs/references.bib", WORKS.replace("Elman, J. L.", "Elmann, J. L."))
    assert "Elmann (1990)" in cited.build()
    listed = BeautifulSoup(cited.html("references/index.html"), "html.parser")
    assert "Cited in" not in listed.select_one("#cho1974").get_text()


def test_an_unchanged_file_is_not_read_again(cited: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    cited.build()
    monkeypatch.setattr(references, "read_works", lambda *_: pytest.fail("the file was read"))
    assert "Elman (1990)" in cited.build()


@pytest.mark.parametrize("kind", ["cite", "citep", "source"])
def test_an_unknown_key_stops_the_build(
    cited: Site, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    cited.page(f"\nFirst.\nAs [[{kind}:elman1909]] said.\n")
    with pytest.raises(Abort):
        cited.build()
    expected = (
        f"docs/index.md:5: [[{kind}:elman1909]]: there is no work 'elman1909' in references.bib; "
        "close to it: 'elman1990'"
    )
    assert expected in caplog.text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("@article", "@artikle", "bib:2: elman1990: there is no kind @artikle here, expected one"),
        ("  journal", "  jurnal", "bib:2: elman1990: @article needs the field 'journal'"),
        ("  eprint", "  epirnt", "bib:14: cho1974: @misc has a field 'epirnt', expected one of"),
        ("  eprint = {1406.1078},", "", "bib:14: cho1974: @misc needs one of the fields doi, epr"),
        ("cho1974", "elman1990", "bib:1: repeated bibliography entry: elman1990"),
        ("{1990},", "{1990}", "bib:5: syntax error in line 5: '}' expected"),
    ],
)
def test_a_fault_of_the_file_stops_the_build(
    cited: Site, caplog: pytest.LogCaptureFixture, old: str, new: str, said: str
) -> None:
    cited.write("docs/references.bib", WORKS.replace(old, new, 1))
    with pytest.raises(Abort):
        cited.build()
    assert f"docs/references.{said}" in caplog.text
