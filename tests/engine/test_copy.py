"""A site offers its offline copy where there is one, and says nothing where there is none."""

from __future__ import annotations

import pytest
from mkdocs.exceptions import Abort

from tests.engine.conftest import CONFIG, Site

PAGE = "Before.\n\n<!-- the offline copy -->\n\nAfter."


def test_the_copy_is_offered_where_it_is_there(site: Site) -> None:
    site.page(PAGE)
    assert "is this site as it is today" not in site.build()
    site.write("mkdocs.yml", CONFIG.replace("CLAIMS", "''") + "extra: {copy: build/book.zip}\n")
    site.write("build/book.zip", "x" * 2_300_000)
    assert '<a href="book.zip">book.zip</a>, 2\N{NO-BREAK SPACE}MB, is this site' in site.build()
    assert len(site.html("book.zip")) == 2_300_000


def test_a_copy_that_is_not_there_stops_the_build(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.page(PAGE)
    site.write("mkdocs.yml", CONFIG.replace("CLAIMS", "''") + "extra: {copy: book.zip}\n")
    with pytest.raises(Abort):
        site.build()
    assert "names 'book.zip', and there is no such file" in caplog.text
