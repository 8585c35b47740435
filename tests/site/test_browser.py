"""The pages in a real browser: nothing overflows, nothing fails, both schemes have contrast."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator

import pytest

from tests.site.conftest import Built

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
pytestmark = pytest.mark.browser


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(built: Built) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(built.folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = f"no browser on the PATH; looked for {', '.join(BROWSERS)}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=OPTIONS.split())
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_report_nothing(
    built: Built, address: str, browser: object, width: int, scheme: str
) -> None:
    page = browser.new_page(  # type: ignore[attr-defined]
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    faults: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    for name in built.pages:
        if name == "404.html":
            continue
        page.goto(f"{address}/{name.removesuffix('index.html')}")
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        for index, figure in enumerate(page.query_selector_all("figure svg")):
            box = figure.bounding_box()
            assert box["x"] >= 0, (name, index)
            assert box["x"] + box["width"] <= width, (name, index)
            assert box["height"] > 100, (name, index)
        colours = page.evaluate(
            """() => [...document.querySelectorAll('.md-typeset figure svg text')].map(
                 text => getComputedStyle(text).fill)"""
        )
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background not in colours, name
    page.close()
    assert faults == []
    assert [url for url in requested if not url.startswith((address, "data:"))] == []


def test_the_ledger_can_be_searched(address: str, browser: object) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})  # type: ignore[attr-defined]
    page.goto(f"{address}/claims/")

    def shown() -> list[str]:
        found: list[str] = page.eval_on_selector_all(
            ".unrolled-entry:not([hidden]) h3", "all => all.map(each => each.id)"
        )
        return found

    everything = shown()
    assert page.text_content(".unrolled-filter output") == (
        f"{len(everything)} of {len(everything)} statements"
    )
    page.select_option("select[name=chapter]", "bptt")
    assert shown()
    assert all(id.startswith("bptt-") for id in shown())
    page.uncheck("input[value=holds]")
    fewer = shown()
    assert 0 < len(fewer) < len(everything)
    page.fill("input[name=words]", "no such words")
    assert shown() == []
    page.goto(f"{address}/claims/#{everything[0]}")  # a link shows its claim all the same
    page.wait_for_function("!document.querySelector('.unrolled-entry[hidden]')")
    assert shown() == everything
    page.uncheck("input[value=holds]")
    page.click(".unrolled-filter button")
    page.wait_for_function("!document.querySelector('.unrolled-entry[hidden]')")
    page.close()
