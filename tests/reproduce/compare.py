"""Compare two builds of the site byte by byte, but for what says itself that it varies."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

VARIES = {"build.json"}
"""It says how long everything took."""
MARK = "data-volatile"
AROUND = 60
"""Bytes that are shown on each side of a difference."""


class _Volatile(HTMLParser):
    """Finds where the contents of elements with the mark begin and end."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.spans: list[tuple[int, int]] = []
        self.open, self.depth, self.begin = "", 0, 0
        self.lines = [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.feed(html)
        self.close()
        if self.open:
            raise ValueError(f"<{self.open} {MARK}> is never closed")

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == self.open:
            self.depth += 1
        elif not self.open and any(name == MARK for name, _ in attrs):
            self.open, self.depth = tag, 1
            self.begin = self._at() + len(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag != self.open:
            return
        self.depth -= 1
        if not self.depth:
            self.spans.append((self.begin, self._at()))
            self.open = ""


def blanked(html: str) -> str:
    """Return a page without what is in its volatile elements, every other byte as it was.

    Raises:
        ValueError: If such an element is never closed.
    """
    parts, last = [], 0
    for begin, end in _Volatile(html).spans:
        parts.append(html[last:begin])
        last = end
    return "".join([*parts, html[last:]])


def differences(first: Path, second: Path) -> Iterator[str]:
    """Yield one line for each file that is not the same in two sites, in order.

    Args:
        first: Folder of a site.
        second: Folder of another build of it.
    """
    names = [_files(folder) for folder in (first, second)]
    for name in sorted(names[0] | names[1]):
        absent = [folder for folder, own in zip((first, second), names, strict=True)
                  if name not in own]  # fmt: skip
        if absent:
            yield f"{name}: not in {absent[0]}"
        elif name not in VARIES:
            one, other = (_content(folder / name) for folder in (first, second))
            if one != other:
                yield f"{name}: {_where(one, other)}"


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    return blanked(content.decode()).encode() if file.suffix == ".html" else content


def _where(one: bytes, other: bytes) -> str:
    pairs = zip(one, other, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    seen = [part[max(0, at - AROUND) : at + AROUND] for part in (one, other)]
    return f"from byte {at}: {seen[0]!r}, {seen[1]!r}"
