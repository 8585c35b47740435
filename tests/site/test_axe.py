"""axe-core finds nothing on the pages, on a phone and on a desk, in both colour schemes."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.browser import OPTIONS
from tests.site.conftest import Built
from tests.site.served import Served
from tests.site.tools import tool

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN = "axe.run({resultTypes: ['violations'], preload: false}).then(found => found.violations)"
WIDTHS = (390, 1280)
SAMPLE = ("index.html", "chapters/rnn/index.html", "exercises/memory-span/index.html", "404.html")


def axe() -> str:
    return tool("axe-core/axe.min.js").read_text("utf-8")


def faults(chromium: Path, address: str, names: Iterable[str]) -> list[str]:
    """Return what axe finds; each scheme has a browser and a thread, as this computes for long."""

    def in_scheme(scheme: Any) -> list[str]:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
            page = browser.new_page(color_scheme=scheme, reduced_motion="reduce")
            found = [
                f"{name} ({scheme}, {width}): {violation['help']}: "
                f"{[node['html'][:200] for node in violation['nodes']]}"
                for name in names
                for width in WIDTHS
                for violation in violations(page, f"{address}/{name}", width)
            ]
            browser.close()
        return found

    with ThreadPoolExecutor(2) as threads:
        light, dark = threads.map(in_scheme, ("light", "dark"))
    return light + dark


def violations(page: Any, address: str, width: int) -> list[dict[str, Any]]:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.evaluate(axe())
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return found


def test_a_page_of_each_kind_is_without_fault(served: Served, chromium: Path) -> None:
    assert faults(chromium, served.address, SAMPLE) == []


@pytest.mark.audit
def test_every_page_is_without_fault(built: Built, served: Served, chromium: Path) -> None:
    assert faults(chromium, served.address, built.pages) == []


def test_axe_finds_what_is_wrong(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><h1>a</h1><img src='data:,'></main>")
    page.evaluate(axe())
    assert [violation["id"] for violation in page.evaluate(RUN)] == ["image-alt"]
    page.close()
