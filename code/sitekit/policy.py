"""A Content-Security-Policy in each page: nothing from elsewhere, and no script but its own."""

from __future__ import annotations

import base64
import hashlib
import re

SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.S)
DATA = re.compile(r'\btype="?application/(ld\+)?json')
CHARSET = '<meta charset="utf-8">'
"""It must stand in the first kilobyte, so the policy comes after it."""
RULES = {
    "default-src": "'none'",
    "style-src": "'self' 'unsafe-inline'",  # drawings have styles of their own
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}


IN_FOLDER = {"worker-src": "blob:"}
"""Where browsers start no worker from a file: see `offline`."""


def with_policy(page: str, *, in_folder: bool = False) -> str:
    """Return a page that allows its own inline scripts, by their hashes, and files of its site.

    Of the site's other pages none need be allowed here: each is loaded whole.

    Args:
        in_folder: The page is opened from a folder. Not every browser counts its neighbours
            there as of the same origin; but whatever is a file is not elsewhere.
    """
    inline = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for attributes, text in SCRIPT.findall(page)
        if " src=" not in attributes and not DATA.search(attributes)
    ]
    scripts = " ".join(dict.fromkeys(["'self'", *inline]))
    rules = {"script-src": scripts, **RULES}
    if in_folder:
        rules = {name: value.replace("'self'", "'self' file:") for name, value in rules.items()}
        rules |= IN_FOLDER
    text = "; ".join(f"{name} {sources}" for name, sources in rules.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{text}">'
    return page.replace(CHARSET, f"{CHARSET}\n{meta}", 1)
