"""Says at the end how many cases ran, also where they ran in several processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.badinput.table import CALLS, taken


@pytest.fixture(autouse=True)
def counted(request: pytest.FixtureRequest) -> Iterator[None]:
    taken()
    yield
    request.node.user_properties.append(("bad input cases", taken()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for each in terminalreporter.stats.values() for report in each]
    cases = sum(
        number
        for report in reports
        if getattr(report, "when", "") == "teardown"
        for name, number in report.user_properties
        if name == "bad input cases"
    )
    if cases:
        arguments = sum(len(call.kinds) for call in CALLS)
        terminalreporter.write_sep("=", "bad and harmless arguments")
        terminalreporter.write_line(
            f"{cases} cases; the table has {len(CALLS)} calls with {arguments} arguments."
        )
