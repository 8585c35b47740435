"""A chapter as cells: prose in what notebooks know, code as it was written."""

from __future__ import annotations

from sitekit.blocks import find_blocks
from sitekit.chapter_files import cells_of

CHAPTER = """\
# Title

See [there](../setup.md#run) and [nowhere](../gone.md).

$$
a = b \\label{sum}
$$

```python display="demo:f"
```

??? success "Answer"
    It is this.

    ```python exec="on" id="answer"
    if True:
        print(1)
    ```

    And so on.

    ```python display="demo:f"
    ```

After.
"""
SOURCE = "def f():\n    return 1\n\n\nclass A:\n    pass"


def cells() -> list[tuple[str, str]]:
    blocks, problems = find_blocks(CHAPTER, "page.md")
    assert problems == []
    found = cells_of(
        CHAPTER,
        tuple(blocks),
        display=lambda name: (SOURCE, "demo.py"),
        number=lambda label: {"sum": "(4.2)"}[label],
        address=lambda link: "https://book.example/setup/#run" if "setup" in link else "",
    )
    return [(cell.id, cell.text) for cell in found]


def test_code_keeps_its_indentation() -> None:
    (_, first), (id, code), (_, last) = cells()
    assert (id, code) == ("answer", "if True:\n    print(1)")
    shown = f"`demo.py`\n\n```python\n{SOURCE}\n```"
    assert shown in first
    assert shown in last


def test_boxes_links_and_numbers_are_plain() -> None:
    (_, first), _, (_, last) = cells()
    assert "**Answer**\n\nIt is this." in first
    assert "And so on." in last.splitlines()
    assert last.endswith("After.")
    assert "[there](https://book.example/setup/#run) and nowhere." in first
    assert "a = b \\tag{4.2}" in first
