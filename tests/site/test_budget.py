"""What a page costs a reader: bytes, requests, and text that jumps while it loads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.site.conftest import Built
from tests.site.served import Served

pytestmark = pytest.mark.browser

KB = 1000
FIRST, LATER = 160 * KB, 60 * KB
REQUESTS = 15
SHIFT = 0.02
AFTERWARDS = 200  # milliseconds

WATCH = """
window.shifted = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


@dataclass
class Visit:
    """What happened while a page was loaded."""

    sent: list[tuple[str, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    shifted: float = 0.0

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.sent)


def visit(page: Any, served: Served, name: str) -> Visit:
    """Load a page, and wait a little for what it may ask for afterwards."""
    result, before = Visit(), len(served.sent)
    heard = {
        "request": lambda request: result.asked.append(request.url),
        "console": lambda said: said.type == "error" and result.faults.append(said.text),
        "pageerror": lambda error: result.faults.append(str(error)),
    }
    for event, listen in heard.items():
        page.on(event, listen)
    page.goto(f"{served.address}/{name.removesuffix('index.html')}")
    page.wait_for_timeout(AFTERWARDS)
    result.shifted = page.evaluate("window.shifted")
    for event, listen in heard.items():
        page.remove_listener(event, listen)
    result.sent = served.sent[before:]
    return result


@pytest.fixture(scope="module")
def visits(built: Built, served: Served, browser: Any) -> Iterator[dict[str, tuple[Visit, Visit]]]:
    """Every page twice: as the first of the site on a phone, and later, on a desk."""

    def fresh(width: int) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_init_script(WATCH)
        return context.new_page()

    first = {}
    for name in built.pages:
        page = fresh(390)
        first[name] = visit(page, served, name)
        page.context.close()
    page = fresh(1280)
    visit(page, served, "no/such/page")  # has what every page has
    yield {name: (first[name], visit(page, served, name)) for name in built.pages}
    page.context.close()


def test_a_first_visit_is_light(visits: dict[str, tuple[Visit, Visit]]) -> None:
    heavy = {name: first.sent for name, (first, _) in visits.items() if first.bytes > FIRST}
    assert heavy == {}


def test_later_pages_are_lighter(visits: dict[str, tuple[Visit, Visit]]) -> None:
    heavy = {name: later.sent for name, (_, later) in visits.items() if later.bytes > LATER}
    assert heavy == {}
    assert all(0 < later.bytes < first.bytes for first, later in visits.values())


def test_a_first_visit_takes_few_requests(visits: dict[str, tuple[Visit, Visit]]) -> None:
    many = {name: first.asked for name, (first, _) in visits.items() if len(first.sent) > REQUESTS}
    assert many == {}


def test_nothing_is_asked_of_others(visits: dict[str, tuple[Visit, Visit]], served: Served) -> None:
    asked = {url for pair in visits.values() for each in pair for url in each.asked}
    assert {url for url in asked if not url.startswith((f"{served.address}/", "data:"))} == set()
    assert f"{served.address}/" in asked


def test_nothing_fails(visits: dict[str, tuple[Visit, Visit]]) -> None:
    faults = {name: [*first.faults, *later.faults] for name, (first, later) in visits.items()}
    assert {name: said for name, said in faults.items() if said} == {}


def test_nothing_jumps(visits: dict[str, tuple[Visit, Visit]]) -> None:
    shifts = {name: (first.shifted, later.shifted) for name, (first, later) in visits.items()}
    assert {name: pair for name, pair in shifts.items() if max(pair) >= SHIFT} == {}
