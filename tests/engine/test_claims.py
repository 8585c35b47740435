"""Claims are measured in the build, cited, listed, and stop it when they fail."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import Abort

from tests.engine.conftest import Site

MODULE = """
from unrolled.claims.registry import claim


@claim(
    id="rnn-answer",
    statement="The answer is *42*.",
    source="A novel.",
    protocol="Asked once a seed.",
    bound="41..43",
    verdict="holds",
)
def answer(seeds, scale):
    return [42 + seed / 4 for seed in seeds]


@claim(
    id="rnn-tiny",
    statement="It is tiny.",
    source="Folklore.",
    protocol="None.",
    bound="..1e-6",
    verdict="only if",
    remark="You look away.",
)
def tiny(seeds, scale):
    return 2.5e-7
"""


@pytest.fixture
def claimed(site: Site) -> Site:
    site.claims("demo.claims")
    site.write("code/demo/claims/__init__.py", "")
    site.write("code/demo/claims/rnn.py", MODULE)
    site.page("\nIt is [[claim:rnn-answer]], or [[claim:rnn-answer:.0f]]; [[claim:rnn-tiny]].\n")
    site.page("\n[[ledger]]\n", "claims.md")
    return site


def test_prose_cites_and_links_to_the_ledger(claimed: Site) -> None:
    soup = BeautifulSoup(claimed.build(), "html.parser")
    cited = [(link.get_text(), link["href"]) for link in soup.select("a.unrolled-claim")]
    assert cited == [
        ("42 to 42.5", "claims/#rnn-answer"),
        ("42", "claims/#rnn-answer"),
        ("2.5\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁻⁷", "claims/#rnn-tiny"),
    ]
    ledger = BeautifulSoup(claimed.html("claims/index.html"), "html.parser")
    entry = ledger.select_one("#rnn-answer").find_next(class_="unrolled-ledger")
    assert ledger.select_one("#rnn-answer em").get_text() == "42"
    assert "42 to 42.5 over seeds 0 to 2" in entry.get_text()
    assert "between 41 and 43" in entry.get_text()
    assert "at most 1 × 10⁻⁶" in ledger.get_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "Holds only if: You look away." in ledger.get_text()
    back = ledger.select_one("#rnn-answer").find_next("a", string="where it is used")
    assert back["href"] == "../#claim-rnn-answer"
    assert soup.select_one("#claim-rnn-answer").get_text() == "42 to 42.5"
    assert len(soup.select("#claim-rnn-answer")) == 1


def test_the_ledger_is_sorted_by_verdict(claimed: Site) -> None:
    claimed.build()
    ledger = BeautifulSoup(claimed.html("claims/index.html"), "html.parser")
    sections = [heading["id"] for heading in ledger.select("h2[id]")]
    assert sections == ["only-if", "holds"]
    entries = ledger.select(".unrolled-entry")
    assert [entry["data-verdict"] for entry in entries] == sections
    assert all(entry.select_one("h3")["id"].startswith("rnn-") for entry in entries)


def test_the_ledger_for_programs(claimed: Site) -> None:
    claimed.build()
    first, second = json.loads(claimed.html("claims.json"))
    assert first["id"] == "rnn-answer"
    assert first["chapter"] == "rnn"
    assert first["measured"] == [42, 42.25, 42.5]
    assert first["bound"] == "41..43"
    assert first["holds"] is True
    assert first["seeds"] == [0, 1, 2]
    assert first["verdict"] == "holds"
    assert second["measured"] == 2.5e-7


def test_a_claim_that_fails_stops_the_build(
    claimed: Site, caplog: pytest.LogCaptureFixture
) -> None:
    claimed.build()
    before = claimed.bytes()
    claimed.write("code/demo/claims/rnn.py", MODULE.replace("42 +", "43 +"))
    with pytest.raises(Abort):
        claimed.build(strict=False)
    assert "code/demo/claims/rnn.py:5: claim 'rnn-answer' no longer holds" in caplog.text
    assert "measured 43 to 43.5, bound 41..43" in caplog.text
    assert claimed.bytes() == before


def test_a_claim_that_prints_is_measured_all_the_same(claimed: Site) -> None:
    noisy = MODULE.replace("    return 2.5e-7", "    print('{}')\n    return 2.5e-7")
    claimed.write("code/demo/claims/rnn.py", noisy)
    claimed.build()
    assert json.loads(claimed.html("claims.json"))[1]["measured"] == 2.5e-7


def test_a_nan_never_holds(claimed: Site, caplog: pytest.LogCaptureFixture) -> None:
    claimed.write("code/demo/claims/rnn.py", MODULE.replace("2.5e-7", "float('nan')"))
    with pytest.raises(Abort):
        claimed.build()
    assert "claim 'rnn-tiny' no longer holds" in caplog.text


def test_claims_are_not_judged_at_smoke_scale(
    claimed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_SCALE", "smoke")
    claimed.write("code/demo/claims/rnn.py", MODULE.replace("42 +", "43 +"))
    claimed.build()
    assert json.loads(claimed.html("claims.json"))[0]["holds"] is False


def test_a_claim_that_raises_is_named_and_the_others_are_measured(
    claimed: Site, caplog: pytest.LogCaptureFixture
) -> None:
    broken = MODULE.replace("return 2.5e-7", "return 1 / 0").replace("42 +", "43 +")
    claimed.write("code/demo/claims/rnn.py", broken)
    with pytest.raises(Abort):
        claimed.build()
    assert "(block rnn-tiny): ZeroDivisionError" in caplog.text
    assert "claim 'rnn-answer' no longer holds" in caplog.text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id="rnn-tiny"', 'id="gru-tiny"', "expected one that starts with 'rnn-'"),
        ('id="rnn-tiny"', 'id="rnn-answer"', "'rnn-answer' is taken by"),
        ('"..1e-6"', '"small"', "bound: got 'small'"),
        ('"only if"', '"perhaps"', "verdict: got 'perhaps'"),
        ("return 2.5e-7", "return 'small'", "expected a number or a list"),
        ('statement="It is tiny."', 'statement=""', "must be given"),
        ("def tiny(seeds, scale):", "def tiny(seeds, scale:", "cannot be read"),
    ],
)
def test_a_malformed_claim_is_named(
    claimed: Site, old: str, new: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert old in MODULE
    claimed.write("code/demo/claims/rnn.py", MODULE.replace(old, new))
    with pytest.raises(Abort):
        claimed.build()
    assert "code/demo/claims/rnn.py:" in caplog.text
    assert message in caplog.text


def test_an_edit_measures_only_the_claims_that_reach_it(claimed: Site) -> None:
    claimed.write("code/demo/claims/gru.py", MODULE.replace("rnn-", "gru-"))
    claimed.build()
    assert claimed.executed() == {"claims/rnn", "claims/gru"}
    claimed.write("code/demo/claims/gru.py", MODULE.replace("rnn-", "gru-") + "\n# edited\n")
    claimed.build()
    assert claimed.executed() == {"claims/gru"}
