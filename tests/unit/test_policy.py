"""The policy allows a page's own scripts, and nothing else."""

from __future__ import annotations

import base64
import hashlib

from sitekit.policy import with_policy

PAGE = """<!doctype html><html><head>
<meta charset="utf-8">
<script src="assets/a.js"></script><script>run()</script>
<script type="application/json">{}</script></head><body></body></html>"""


def test_own_scripts_are_allowed_by_their_hashes() -> None:
    page = with_policy(PAGE)
    digest = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}'; " in page
    assert page.count("'sha256-") == 1
    assert "default-src 'none'" in page
    assert page.index("charset") < page.index("Content-Security-Policy") < page.index("<script")


def test_the_rest_of_the_page_is_as_it_was() -> None:
    lines = with_policy(PAGE).splitlines()
    del lines[2]
    assert lines == PAGE.splitlines()


def test_in_a_folder_files_count_as_own_and_the_search_starts_from_memory() -> None:
    page = with_policy(PAGE, in_folder=True)
    assert "script-src 'self' file: 'sha256-" in page
    assert "worker-src blob:;" in page
    assert "http" not in page.partition("Content-Security-Policy")[2].partition(">")[0]
