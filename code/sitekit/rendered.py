"""What Markdown made of a page, kept for as long as nothing that it depends on has changed.

Executing pages is what costs minutes, and its cache is elsewhere; this one saves the seconds
that Markdown and Pygments take for pages that look as they did.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from sitekit.cache import Cache

Branch = tuple[str, str, int, list[Any]]
"""A heading: its title, its id, its level, and the branches below it."""


@dataclass(frozen=True)
class Rendered:
    """All that is taken from Markdown for one page, as plain data."""

    content: str
    title: str | None
    toc: list[Branch]
    anchors: list[str]
    links: dict[str, dict[str, str]]
    """Anchors that the page links to: by file, then by anchor the link as it was written."""
    sources: dict[str, str] = field(default_factory=dict)
    """What is put into the finished page: highlighted sources of blocks, by their ids, and what
    was set aside."""
    minutes: float = 0.0
    """What it takes to read, counted here because it is needed as rarely as the rest."""


class Shelf:
    """Rendered pages, those of this process in memory and the others on disk."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.recent: dict[str, tuple[str, Rendered]] = {}

    def get(self, name: str, key: str, render: Callable[[], Rendered]) -> Rendered:
        """Return the page `name` as it is under `key`; where it is not there, render it.

        What was rendered with a warning is not kept, so that the next build warns as well.
        """
        kept = self.recent.get(name)
        if kept and kept[0] == key:
            return kept[1]
        stored = self.cache.find(key)
        if stored is not None:
            page = Rendered(**stored["page"])
        else:
            with warnings_counted() as warned:
                page = render()
            if warned():
                return page
            self.cache.store(key, {"files": {}, "page": asdict(page)})
            self.cache.shrink()
        self.recent[name] = key, page
        return page


def key_of(*parts: object) -> str:
    """Return a hash of plain data; functions and classes count by their names."""
    text = json.dumps(parts, sort_keys=True, default=_named)
    return hashlib.sha256(text.encode()).hexdigest()


def _named(thing: object) -> str:
    name = getattr(thing, "__qualname__", None)
    return f"{getattr(thing, '__module__', '')}.{name}" if name else repr(thing)


@contextmanager
def warnings_counted() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether MkDocs or a plugin has logged a warning meanwhile.

    Those count, too, that `-q` keeps from being shown.
    """
    seen: list[logging.LogRecord] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record)

    logger = logging.getLogger("mkdocs")
    level, others = logger.level, [(handler, handler.level) for handler in logger.handlers]
    listener = Listener(logging.WARNING)
    logger.addHandler(listener)
    if level > logging.WARNING:
        logger.setLevel(logging.WARNING)
        for handler, own in others:
            handler.setLevel(max(own, level))
    try:
        yield lambda: bool(seen)
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
        for handler, own in others:
            handler.setLevel(own)
