"""Every test runs with the shapes in the package's signatures enforced.

The package imports the annotations' names for type checkers only, so that readers need
neither jaxtyping nor beartype. Here they become built-in names, before `unrolled` is
first imported, and jaxtyping's import hook checks each call against them.
"""

from __future__ import annotations

import builtins
import importlib.util
import os
import sys
from collections.abc import Iterator

import jaxtyping
import pytest
from hypothesis import Phase, settings

import tests.environment  # noqa: F401  first: before anything imports PyTorch

# As in the build: matrices this small do not gain from threads, which on a busy machine wait
# for each other. It must be said before NumPy and PyTorch are imported.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

if any(name.split(".")[0] == "unrolled" for name in sys.modules):
    raise RuntimeError("unrolled was imported before its shapes could be enforced")

_NAMES = {
    "Float": jaxtyping.Float,
    "Float64": jaxtyping.Float64,
    "Bool": jaxtyping.Bool,
    "Int": jaxtyping.Int,
    "Shaped": jaxtyping.Shaped,
    # What these accept is for the package itself to check, with its own messages.
    "ArrayLike": object,
    "DTypeLike": object,
}
for _name, _meaning in _NAMES.items():
    setattr(builtins, _name, _meaning)

jaxtyping.install_import_hook("unrolled", "beartype.beartype")

# The same examples everywhere, no folder of past ones, no stop-watch on a shared machine.
settings.register_profile("unrolled", derandomize=True, database=None, deadline=None)
settings.register_profile(
    "unshrunk", settings.get_profile("unrolled"), phases=[Phase.explicit, Phase.generate]
)  # for who asks whether an example fails, and not which: `make mutants`
settings.load_profile("unrolled")


HAS_TORCHVISION = importlib.util.find_spec("torchvision") is not None
collect_ignore = [] if HAS_TORCHVISION else ["vision"]
if not any("tests/programs" in argument for argument in sys.argv):
    collect_ignore.append("programs")  # they take long: `make test-programs` asks for them


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-browser", action="store_true", help="leave out what needs a browser")
    parser.addoption("--audits", action="store_true", help="let axe and Lighthouse see every page")
    parser.addoption("--points", type=int, default=1, help="of each kind of fault; 20 is thorough")
    parser.addoption("--site", metavar="FOLDER", help="test the site that was built there")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    marks = [] if config.getoption("--audits") else ["audit"]
    marks += ["browser"] if config.getoption("--no-browser") else []
    left_out = [item for item in items if any(map(item.get_closest_marker, marks))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and how to run it: it is not among the skipped tests."""
    if not HAS_TORCHVISION:
        terminalreporter.write_sep("=", "tests/vision needs torchvision", yellow=True)
        terminalreporter.write_line("It was not run. `make test-vision` runs it, where it belongs.")
    if terminalreporter.config.getoption("--no-browser"):
        terminalreporter.write_sep("=", "no page was seen in a browser", yellow=True)
        terminalreporter.write_line("The tests marked `browser` were left out: --no-browser.")
    elif not terminalreporter.config.getoption("--audits"):
        terminalreporter.write_sep("=", "axe and Lighthouse did not see every page", yellow=True)
        terminalreporter.write_line(
            "`make test-pages` lets them; so does `make test ARGS=--audits`."
        )


@pytest.fixture
def shapes_unchecked() -> Iterator[None]:
    """Switch the enforcement off: for tests of what the package says to wrong arguments."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
