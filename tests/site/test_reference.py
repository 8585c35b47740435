"""The reference has what a reader of the pages may look up."""

from __future__ import annotations

import gzip
import importlib
import json
import re
from pathlib import Path

from sitekit.reach import imported_names
from tests.site.conftest import Built
from tests.site.pages import pages
from unrolled import experiments

LIMIT = 60_000  # bytes of a page, gzipped
NOT_SHOWN = ("unrolled.claims", "unrolled.__version__")


def reference(built: Built) -> list[str]:
    return [name for name in built.pages if name.startswith("reference/")]


def shown(built: Built) -> set[str]:
    found = [built.soups[name].find_all(id=re.compile(r"^unrolled\.")) for name in reference(built)]
    return {element["id"] for elements in found for element in elements}


def defined(name: str) -> str:
    """Return the path under which something is defined that code imports as `name`."""
    module, _, last = name.rpartition(".")
    try:
        importlib.import_module(name)
        return name
    except ModuleNotFoundError:
        thing = getattr(importlib.import_module(module), last)
    if hasattr(thing, "__qualname__"):
        return f"{thing.__module__}.{thing.__qualname__}"
    return name


def test_everything_is_there_that_a_page_imports(built: Built) -> None:
    names = {
        name
        for _, blocks, executed in pages()
        for block in blocks
        if executed
        for name in imported_names(block.code, "")
        if name.startswith("unrolled.") and not name.startswith(NOT_SHOWN)
    }
    names |= {f"unrolled.experiments.{name}" for name in experiments.__all__}
    assert len(names) > 100
    there = shown(built)
    packages = {name.rpartition(".")[0] for name in there}
    assert {name for name in map(defined, names) if name not in there | packages} == set()


def test_signatures_have_shapes_and_types_are_linked(built: Built) -> None:
    text = built.soups["reference/numpy/index.html"].get_text()
    assert 'Float[np.ndarray, "*batch T O"]' in text
    copying = built.soups["reference/experiments/index.html"].find(
        id="unrolled.experiments.copying.copy_task"
    )
    assert copying is not None
    signature = copying.find_next(class_="unrolled-signature")
    links = {link["href"] for link in signature.select("a")}  # type: ignore[union-attr]
    assert links == {
        "#unrolled.experiments.copying.CopyTask",
        "../running/#unrolled.settings.Scale",
    }


def test_each_object_leads_to_its_source_and_to_the_pages_that_use_it(built: Built) -> None:
    for name in reference(built):
        for origin in built.soups[name].select(".unrolled-origin"):
            source = origin.a["href"]  # type: ignore[index]
            if not source.startswith("https:"):
                assert (built.folder / Path(name).parent / source).is_file(), source
    network = built.soups["reference/numpy/index.html"].find(id="unrolled.rnn.VanillaRNN")
    origin = network.find_next(class_="unrolled-origin")  # type: ignore[union-attr]
    assert "../../chapters/rnn/" in [link["href"] for link in origin.select("a")]  # type: ignore[union-attr]


def test_the_pages_are_light(built: Built) -> None:
    assert len(reference(built)) > 10
    for name in reference(built):
        assert len(gzip.compress(built.read(name).encode())) <= LIMIT, name


def test_names_are_found_by_the_search_and_signatures_are_not_in_its_way(built: Built) -> None:
    entries = json.loads(built.read("search/search_index.json"))["docs"]
    own = [entry for entry in entries if entry["location"].startswith("reference/")]
    titles = {entry["title"] for entry in own}
    assert {"unrolled.rnn", "VanillaRNN", "VanillaRNN.backward", "copy_task"} <= titles
    assert not any("np.ndarray, " in entry["text"] for entry in own if "#" in entry["location"])
    size = sum(len(json.dumps(entry)) for entry in own)
    assert size < 0.2 * sum(len(json.dumps(entry)) for entry in entries)
