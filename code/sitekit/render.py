"""HTML for what a block yielded. Nothing is computed here, only looked up."""

from __future__ import annotations

import html
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from pymdownx.highlight import Highlight  # type: ignore[import-untyped]

from sitekit.blocks import Block
from sitekit.code_lines import with_lines
from sitekit.numbering import Target
from sitekit.plain_math import typeset
from sitekit.problems import Problem


def block_html(block: Block, slug: str, outputs: str) -> str:
    """Return source and outputs of a block as one element that can be found by its name.

    The source is plain; `insert_sources` highlights it in the finished page.
    """
    source = "" if block.source == "none" else _plain(block, slug)
    parts = (outputs, source) if block.source == "below" else (source, outputs)
    content = "\n".join(part for part in (*parts, _tools(block.id)) if part)
    return (
        f'<div class="unrolled-block" id="block-{block.id}" '
        f'data-block="{slug}/{block.id}">\n{content}\n</div>'
    )


def insert_sources(
    page: str, slug: str, blocks: Iterable[Block], highlighted: dict[str, str]
) -> str:
    """Return a finished page with the sources of its blocks highlighted.

    This comes last because Markdown and the search index are slow with many small elements.

    Args:
        highlighted: By block id, what `source_html` returns.

    Raises:
        ValueError: Something has changed a source meanwhile.
    """
    for block in blocks:
        if block.source != "none":
            plain = _plain(block, slug)
            if plain not in page:
                raise ValueError(
                    f"page: got none with the source of {slug}/{block.id} as it was put"
                )
            page = page.replace(plain, highlighted[block.id], 1)
    return page


def insert_tools(
    page: str,
    slug: str,
    blocks: Iterable[Block],
    programs: Container[str],
    root: str,
    report: Callable[[str], str],
) -> str:
    """Return a finished page with a line below each block: to copy it, its program, a report.

    Args:
        programs: Ids of the blocks that have one.
        root: The address of the site's root, relative to the page.
        report: Gives the address for an error in a block, or nothing.
    """
    for block in blocks:
        links = []
        what = f'<span class="unrolled-aside"> of block {block.id}</span>'
        if block.source != "none":
            links.append(f'<button type="button" data-copy>Copy{what}</button>')
        if block.id in programs:
            address = html.escape(f"{root}/programs/{slug}/{block.id}.py")
            links += [
                f'<button type="button" data-program="{address}">Copy program{what}</button>',
                f'<a href="{address}">Program{what}</a>',
            ]
        if where := report(f"{slug}/{block.id}"):
            links.append(f'<a href="{html.escape(where)}">Report an error{what}</a>')
        line = f'<p class="unrolled-tools" data-search-exclude>{" ".join(links)}</p>'
        page = page.replace(_tools(block.id), line if links else "", 1)
    return page


def _tools(block: str) -> str:
    return f"<!--tools {block}-->"


@lru_cache(maxsize=1000)  # while serving, all but the edited block are as they were
def source_html(code: str, title: str = "", hl_lines: str = "") -> str:
    """Return highlighted Python, as a plain fence of the site would be."""
    lines = [_line_range(part) for part in hl_lines.split()]
    marked = [number for part in lines for number in part]
    made = Highlight(None).highlight(code, "python", hl_lines=marked, title=title or None)
    return with_lines(str(made))


def _line_range(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


def outputs_html(
    block: Block, outputs: list[dict[str, Any]], figure: Callable[[str], Target]
) -> str:
    """Return the outputs of one block in their order.

    Args:
        figure: Gives number and anchor of a figure of this page.
    """
    volatile = " data-volatile" if block.volatile else ""
    parts = []
    for output in outputs:
        if output["kind"] == "figure":
            parts.append(_figure(output, figure(output["id"]), volatile))
        elif output["text"].strip():
            parts.append(_text(output["kind"], output["text"], block.result, volatile))
    return "\n".join(parts)


def _plain(block: Block, slug: str) -> str:
    text = html.escape(block.code)
    return f'<pre data-source="{slug}/{block.id}"><code>{text}</code></pre>'


def insert_figures(page: str, slug: str, outcome: dict[str, Any], root: str) -> str:
    """Return a finished page with the drawings in their places, and links to their numbers.

    They come last, so that neither Markdown nor the search index reads through them.

    Args:
        root: The address of the site's root, relative to the page.
    """
    for output in figures_of(outcome):
        address = html.escape(f"{root}/{numbers_file(slug, output['id'])}")
        link = (
            f'<p class="unrolled-saving" data-search-exclude><a href="{address}" data-numbers>'
            f'Numbers<span class="unrolled-aside"> of {output["id"]}</span></a></p>'
        )
        page = page.replace(_place(output["id"]), output["svg"], 1)
        page = page.replace(_numbers(output["id"]), link if output["numbers"] else "", 1)
    return page


def figures_of(outcome: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each figure that a page shows."""
    for block in outcome.get("blocks", {}).values():
        yield from (output for output in block["outputs"] if output["kind"] == "figure")


def stable_figures_of(blocks: Sequence[Block], outcome: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each figure that a page shows and that is the same in every build."""
    stable = {block.id for block in blocks if not block.volatile}
    kept = {id: block for id, block in outcome.get("blocks", {}).items() if id in stable}
    return figures_of({"blocks": kept})


def numbers_file(slug: str, figure: str) -> str:
    """Return the address of a figure's numbers below the site's root."""
    return f"figures/{slug}/{figure}.csv"


def failure_html(problems: list[Problem]) -> str:
    """Return the red box that `serve` shows where a published page would not exist."""
    boxes = []
    for problem in problems:
        detail = f"<pre><code>{html.escape(problem.detail)}</code></pre>" if problem.detail else ""
        place = html.escape(f"{problem.path}:{problem.line}")
        boxes.append(
            f'<div class="unrolled-failure" role="alert" data-search-exclude>'
            f"<p><strong>{place}</strong> {html.escape(problem.message)}</p>{detail}</div>"
        )
    return "\n".join(boxes)


def missing_html(environment: str) -> str:
    """Return the notice on a page whose environment is not installed where it was built."""
    return (
        '<div class="unrolled-warning" role="note"><p>The blocks of this page were not run in '
        f"this build: it needs the environment <code>{html.escape(environment)}</code>, which "
        "is not installed where the site was built.</p></div>"
    )


def left_out_html(needs: str, environment: str) -> str:
    """Return the notice on a block whose needs were not met where the site was built."""
    name = html.escape(environment)
    how = f" <code>make test-{name}</code> makes the environment that has it." if name else ""
    return (
        '<div class="unrolled-warning unrolled-left-out" role="note" data-search-exclude>'
        f"<p>Not run in this build: this block needs <code>{html.escape(needs)}</code>, which is "
        f"not installed where the site was built.{how}</p></div>"
    )


def _text(kind: str, text: str, language: str, volatile: str) -> str:
    names = {"text": "Output", "warning": "Warning", "error": "Error"}
    body = html.escape(text.rstrip())
    if language and kind == "text":
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import get_lexer_by_name

        formatter = HtmlFormatter(nowrap=True)
        body = highlight(text.rstrip(), get_lexer_by_name(language), formatter).rstrip()
    kinds = "unrolled-output" if kind == "text" else f"unrolled-output unrolled-{kind}"
    return (
        f'<div class="{kinds} highlight" role="group" aria-label="{names[kind]}" '
        f'data-search-exclude{volatile}><pre tabindex="0"><samp>{body}</samp></pre></div>'
    )


def _figure(output: dict[str, Any], target: Target, volatile: str) -> str:
    caption = typeset(f" {html.escape(output['caption'])}" if output["caption"] else "")
    return (
        f'<figure class="unrolled-figure" id="{target.anchor}"{volatile}>'
        f"<div>{_place(output['id'])}</div>"
        f"<figcaption><strong>Figure {target.number}.</strong>{caption}"
        f"{'' if volatile else _numbers(output['id'])}</figcaption></figure>"
    )


def _numbers(figure: str) -> str:
    return f"<!--numbers {figure}-->"


def _place(figure: str) -> str:
    return f"<!--drawing {figure}-->"
