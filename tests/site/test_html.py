"""What every page of the built site must be."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from bs4 import BeautifulSoup

from tests.site.conftest import Built
from tests.site.pages import html_of, pages, slug_of


def test_every_page_ran_at_smoke_scale(built: Built) -> None:
    about = json.loads(built.read("build.json"))
    assert about["scale"] == "smoke"
    for name, blocks, executed in pages():
        if blocks and executed:
            if built.fresh:
                assert about["pages"][name]["cache"] == "miss"
            assert about["pages"][name]["seconds"] > 0


def test_links_and_fragments_lead_somewhere(built: Built) -> None:
    beside = Path(sys.executable).parent
    lychee = shutil.which("lychee", path=f"{beside}{os.pathsep}{os.environ['PATH']}")
    assert lychee, "lychee is missing: pip install -r requirements-dev.txt"
    done = subprocess.run(
        [lychee, "--offline", "--include-fragments", "--index-files", "index.html",
         "--root-dir", str(built.folder), "--no-progress", str(built.folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_ids_are_unique(built: Built) -> None:
    for name, soup in built.soups.items():
        ids = [element["id"] for element in soup.find_all(id=True)]
        assert len(ids) == len(set(ids)), (name, {id for id in ids if ids.count(id) > 1})


def test_pictures_have_words(built: Built) -> None:
    figures = 0
    for name, soup in built.soups.items():
        for image in soup.find_all("img"):
            assert image.get("alt") is not None, (name, image)
        for svg in soup.select("figure svg"):
            figures += 1
            assert svg["role"] == "img"
            assert len(svg.title.get_text()) > 20, (name, svg.title)
            assert svg["aria-labelledby"] == svg.title["id"]
        for figure in soup.select("figure.unrolled-figure"):
            assert re.match(r"Figure [\d.]+\.", figure.figcaption.get_text())
    assert figures >= 5


def test_no_trace_of_a_fault_or_of_an_unrendered_mark(built: Built) -> None:
    for name, html in built.pages.items():
        for mark in ("#0a0a", "<!--drawing", "data-formula", "arithmatex", "unrolled-failure"):
            assert mark not in html, (name, mark)
        soup = BeautifulSoup(html, "html.parser")
        for element in soup.select(".unrolled-error, script, style"):
            element.decompose()
        assert "Traceback (most recent call last)" not in soup.get_text(), name
        for element in soup.select("code, pre"):  # pages about the syntax quote it
            element.decompose()
        for mark in ("exec=", "display=", "[[", "]]", "```", "$$"):
            assert mark not in soup.get_text(), (name, mark)


def test_every_block_is_on_its_page_once(built: Built) -> None:
    for name, blocks, _ in pages():
        found = built.soups[html_of(name)].select("[data-block]")
        shown = [element["data-block"] for element in found]
        assert shown == [f"{slug_of(name)}/{block.id}" for block in blocks]


def test_sources_are_highlighted(built: Built) -> None:
    """Each block's source stands on its page as a plain fence of the site would be."""
    for name, blocks, _ in pages():
        assert "data-source" not in built.pages[html_of(name)]
        for block in blocks:
            element = built.soups[html_of(name)].find(id=f"block-{block.id}")
            assert element is not None
            sources = element.select(".highlight:not(.unrolled-output) code")
            assert len(sources) == (block.source != "none"), block.id
            for source in sources:
                assert source.get_text().strip() == block.code.strip()
                assert source.select("span[class]")


def test_blocks_yield_what_they_promise(built: Built) -> None:
    for name, blocks, executed in pages():
        for block in blocks if executed else ():
            place = {"data-block": f"{slug_of(name)}/{block.id}"}
            element = built.soups[html_of(name)].find(attrs=place)
            assert element is not None
            if block.needs and element.select(".unrolled-left-out"):
                assert not element.select("figure, .unrolled-output")
                continue
            if block.expect:
                assert element.select(".unrolled-error")
            if block.warns:
                assert element.select(".unrolled-warning")
            if "show(" in block.code:
                assert element.select("figure svg")
            for output in element.select(".unrolled-output, figure"):
                assert output.has_attr("data-volatile") == block.volatile


def test_formulas_are_mathml(built: Built) -> None:
    for chapter in ("rnn", "bptt"):
        soup = built.soups[f"chapters/{chapter}/index.html"]
        assert len(soup.select("math")) > 10
        assert soup.select(".unrolled-equation .unrolled-number")


def test_nothing_is_loaded_from_elsewhere(built: Built) -> None:
    for name, soup in built.soups.items():
        for element in soup.select("script[src], link[href], img[src], iframe[src]"):
            if element.name == "link" and "canonical" in element.get("rel", []):
                continue
            address = element.get("src") or element.get("href")
            assert not re.match(r"(https?:)?//", address), (name, element)


def test_every_page_allows_its_own_scripts_and_no_others(built: Built) -> None:
    for name, soup in built.soups.items():
        (policy,) = soup.select("meta[http-equiv=Content-Security-Policy]")
        # What stands before it is not under it.
        assert policy.find_previous_siblings(["script", "link", "style"]) == [], name
        rules = dict(rule.strip().split(" ", 1) for rule in str(policy["content"]).split(";"))
        assert rules["default-src"] == "'none'", name
        inline = [
            script.get_text()
            for script in soup.select("script:not([src])")
            if "json" not in str(script.get("type"))
        ]
        digests = [base64.b64encode(sha256(text.encode()).digest()).decode() for text in inline]
        expected = {"'self'", *(f"'sha256-{digest}'" for digest in digests)}
        assert set(rules["script-src"].split()) == expected, name


def test_search_finds_prose_and_not_drawings(built: Built) -> None:
    index = json.loads(built.read("search/search_index.json"))
    text = " ".join(entry["text"] for entry in index["docs"])
    assert "hidden state" in text
    assert "h_t" in text
    for code in ("gradient_by_lag", "clip_grad_norm_"):
        assert code in text
    for noise in ("clip-path", "DejaVu", "stroke-width", "rotate(-0"):
        assert noise not in text


def test_claims_for_programs(built: Built) -> None:
    claims = json.loads(built.read("claims.json"))
    assert len(claims) >= 10
    keys = {"id", "chapter", "statement", "source", "measured", "bound", "holds", "seeds"}
    for claim in claims:
        assert keys <= set(claim)
        assert isinstance(claim["holds"], bool)
        assert claim["verdict"] in {"holds", "only if", "does not hold"}
        assert ".." in claim["bound"]
        assert built.soups["claims/index.html"].find(id=claim["id"])


def test_every_page_has_a_foot(built: Built) -> None:
    for name, soup in built.soups.items():
        if name == "404.html":
            continue
        foot = soup.select_one("footer.unrolled-provenance")
        assert foot is not None, name
        source = foot.find("a")["href"]
        assert (built.folder / Path(name).parent / source).resolve().is_file(), (name, source)
        assert "report an error" in foot.get_text().lower()


def test_exercises_look_like_the_other_pages(built: Built) -> None:
    """No style or script of a notebook, and files to take along."""
    for name, _, _ in pages():
        if name.startswith(("exercises/", "solutions/")):
            html, soup = built.pages[html_of(name)], built.soups[html_of(name)]
            assert len(html) < 200_000
            assert "jp-" not in html
            assert len(soup.select(".md-content style:not(svg style)")) == 0
            assert soup.select("math")
            for link in soup.select(".unrolled-downloads a")[:2]:
                assert (built.folder / name.removesuffix(".md") / link["href"]).is_file()
            assert len(soup.select(".md-nav--secondary a.md-nav__link")) >= 3
