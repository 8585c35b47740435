"""axe-core finds nothing on any page, on a phone and on a desk, in both colour schemes."""

from __future__ import annotations

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


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(built: Built, served: Served, chromium: Path, width: int) -> None:
    axe = tool("axe-core/axe.min.js").read_text("utf-8")

    def faults(scheme: str) -> list[str]:
        """Each scheme has a browser and a thread of its own, since this computes for long."""
        from playwright.sync_api import sync_playwright

        found = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
            page = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            for name in built.pages:
                page.goto(f"{served.address}/{name.removesuffix('index.html')}")
                page.evaluate(axe)
                violations: list[dict[str, Any]] = page.evaluate(RUN)
                for violation in violations:
                    nodes = [node["html"][:200] for node in violation["nodes"]]
                    found.append(f"{name} ({scheme}): {violation['help']}: {nodes}")
            browser.close()
        return found

    with ThreadPoolExecutor(2) as threads:
        light, dark = threads.map(faults, ("light", "dark"))
    assert light + dark == []


def test_axe_finds_what_is_wrong(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><h1>a</h1><img src='data:,'></main>")
    page.evaluate(tool("axe-core/axe.min.js").read_text("utf-8"))
    assert [violation["id"] for violation in page.evaluate(RUN)] == ["image-alt"]
    page.close()
