"""A block together with all that it needs, in one file that runs by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A program, its header left out: that one changes with every commit.

    Attributes:
        body: The code.
        requires: The distributions that it imports, each with the version that is installed.
        kind: How it was made: `slice` has what the block depends on, `page` all blocks before,
            `files` the files of the package as well.
        seconds: It took when it was tried, imports of NumPy, Matplotlib and PyTorch left out.
    """

    body: str
    requires: tuple[str, ...]
    kind: str
    seconds: float = 0.0

    def text(self, header: str) -> str:
        """Return the file: a line that says where it is from, what it needs, and the code."""
        listed = "".join(f'#     "{each}",\n' for each in self.requires)
        needs = f"# dependencies = [\n{listed}# ]" if listed else "# dependencies = []"
        script = f'# /// script\n# requires-python = ">=3.11"\n{needs}\n# ///'
        return f"# {header}\n{script}\n\n{self.body}"
