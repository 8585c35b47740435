"""What a page is about, in its own words: for search engines and for who passes it on."""

from __future__ import annotations

import html
import re

FIRST = re.compile(r"</h1>.*?<p>(?P<text>.*?)</p>", re.S)
SENTENCE = re.compile(r"(?<=[.?!])\s+")
LENGTH = 160  # characters; what a list of results shows


def summary(content: str) -> str:
    """Return the first sentences of a page's HTML, as many as fit but at least one."""
    found = FIRST.search(content)
    if not found:
        return ""
    text = html.unescape(re.sub(r"<[^>]*>", "", found["text"]))
    first, *others = SENTENCE.split(" ".join(text.split()))
    for sentence in others:
        if len(f"{first} {sentence}") > LENGTH:
            break
        first = f"{first} {sentence}"
    return first
