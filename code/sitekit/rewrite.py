"""Write the fences of a page in the words that markdown-exec and superfences know."""

from __future__ import annotations

from collections.abc import Callable

from sitekit.fences import Fence, find_fences


def rewrite(markdown: str, display: Callable[[str], tuple[str, str]]) -> str:
    """Return the page with its executed blocks named and its displays filled.

    Args:
        markdown: Without front matter.
        display: Gives source and title for the name of something in a package.
    """
    fences, _ = find_fences(markdown, "")
    lines = markdown.splitlines()
    for fence in reversed(fences):
        if "display" in fence.options:
            lines[fence.first - 1 : fence.last] = _filled(fence, *display(fence.options["display"]))
        elif "exec" in fence.options and fence.language in {"python", "py"}:
            words = f'exec="on" id="{fence.options.get("id", "")}"'
            lines[fence.first - 1] = f"{fence.prefix}{fence.mark}python {words}"
    return "\n".join(lines)


def _filled(fence: Fence, source: str, title: str) -> list[str]:
    shown = {
        "title": fence.options.get("title", title),
        "hl_lines": fence.options.get("hl_lines", ""),
    }
    words = " ".join(f'{key}="{value}"' for key, value in shown.items() if value)
    body = [f"{fence.mark}python {words}", *source.splitlines(), fence.mark]
    return [f"{fence.prefix}{line}".rstrip() for line in body]
