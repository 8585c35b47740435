"""The reference: pages on which a line `::: module` becomes what the module says of itself.

`::: package` shows what the package exports, `::: package.*` each module below it in full.

mkdocstrings makes them, and it is not among the plugins of `mkdocs.yml`: loading it and reading
the package takes about a quarter of a build in which nothing changed. It is called here, when a
page of the reference has to be rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sitekit.cache import hash_of
from sitekit.problems import Problem
from sitekit.provenance import copy_of
from sitekit.rendered import Branch, key_of

if TYPE_CHECKING:
    from griffe import Alias, Object
    from markdown.extensions import Extension
    from mkdocstrings import Handlers

LINE = re.compile(r"^::: (?P<name>[\w.]+?)(?P<below>\.\*)?$", re.M)
DISPLAYED = re.compile(r'^```python display="([\w.]+):([\w.]*)"', re.M)
REFERENCE = re.compile(r'<autoref identifier="([^"]*)"[^>]*>(.*?)</autoref>', re.S)
DEFINED = re.compile(r'<a data-defined="([^"#]*)(?:#L(\d+)-L(\d+))?">')
HEADING = re.compile(r'<(h[2-6]) (id="[^"]*") class="unrolled-name">(.*?)(?:<a .*?)?</\1>', re.S)
NAME = re.compile(r'(<h[2-6] id="[^"]*" class="unrolled-name">)([\w.]+)')
FOUND = re.compile(r"<!--find-->(.*?)<!--/find-->", re.S)
ASIDE = re.compile(r"<!--aside (\d+)-->.*?<!--/aside-->", re.S)
TEMPLATES = Path(__file__).parent / "templates" / "reference"
HEADINGS = 3
"""Down to which level they stand in a page's table of contents: methods do not."""
LISTED = 10
"""How many of the pages that use something are named; of more, only the number."""
EXTENSIONS: dict[str, dict[str, object]] = {
    "toc": {"permalink": "#", "permalink_title": "Link to this section"},
    "pymdownx.highlight": {"anchor_linenums": False, "line_spans": False},
}
"""What docstrings are written in: plain Markdown."""
OPTIONS: dict[str, object] = {
    "allow_inspection": False,  # it is read, never imported
    "annotations_path": "source",
    "docstring_style": "google",
    "docstring_options": {"returns_multiple_items": False, "returns_named_value": False},
    "heading_level": 2,
    "separate_signature": True,
    "signature_crossrefs": True,
}

Link = Callable[[str], tuple[str, str]]
"""Gives title and address of a page by its name."""


class Reference:
    """What the pages of the reference show of a package.

    Args:
        package: Its name; empty for no reference.
        without: Modules that need not be on any page, nor what is below them.
        roots: Folders on the import path; the package is below one of them.
        project: What the paths of its files are told relative to.
        texts: The Markdown of each page, by its name.
    """

    def __init__(
        self,
        package: str,
        without: Iterable[str],
        roots: Iterable[Path],
        project: Path,
        texts: Mapping[str, str],
    ) -> None:
        self.package = package
        self.without = tuple(without)
        self.roots = tuple(roots)
        self.project = project
        self.modules = self._modules() if package else {}
        self.lines = {
            uri: lines for uri, text in texts.items() if package and (lines := _lines(text))
        }
        files = {self.path(file): hash_of(file) for file in self.modules.values()}
        templates = {file.name: hash_of(file) for file in sorted(TEMPLATES.rglob("*.jinja"))}
        self.shown = files, templates
        self.uses: dict[str, list[str]] = {}

    def __contains__(self, uri: object) -> bool:
        """Say whether a page is one of the reference."""
        return uri in self.lines

    @cached_property
    def key(self) -> str:
        """A hash of all that these pages show, and of how."""
        return key_of(*self.shown, self.uses)

    def copies(self) -> dict[str, str]:
        """Return a copy of each file that is shown, by its address in the site."""
        if not self.lines:
            return {}
        return {copy_of(self.path(file)): file.read_text("utf-8") for file in self.modules.values()}

    def problems(self, paths: Callable[[str], str]) -> list[Problem]:
        """Return what is on no page, on two, or not in the package.

        Args:
            paths: Gives the path of a page by its name.
        """
        found: list[Problem] = []
        shown = dict.fromkeys(self.without, "")
        for uri, lines in self.lines.items():
            for line, name in lines:
                if name not in self.modules and not self._below(name):
                    message = f"::: {name}: there is no such module in {self.package}"
                    found.append(Problem(paths(uri), line, message))
                elif name in shown:
                    message = f"::: {name}: it is on {shown[name] or 'the list of those left out'}"
                    found.append(Problem(paths(uri), line, message))
                shown[name] = uri
        whole = {name.removesuffix(".*") for name in shown}
        for module, file in self.modules.items() if self.package else ():
            parents = {".".join(module.split(".")[:end]) for end in range(1, module.count(".") + 2)}
            if module != self.package and not parents & whole:
                message = f"no page of the reference has ::: {module} or ::: of a package above it"
                found.append(Problem(self.path(file), 1, message))
        return found

    def expanded(self, markdown: str) -> str:
        """Return a page with a line for each module instead of `::: package.*`."""

        def each(found: re.Match[str]) -> str:
            names = self._below(found[0][4:]) if found["below"] else [found["name"]]
            return "\n\n".join(f"::: {name}" for name in names)

        return LINE.sub(each, markdown)

    def use(self, uri: str, names: Iterable[str]) -> None:
        """Take note of what a page uses of the package.

        Args:
            uri: Of the page.
            names: Dotted, as it imports or shows them.
        """
        own = sorted({name for name in names if name.startswith(f"{self.package}.")})
        for name in own:  # `from a.b import c` is a use of a.b.c, not of a.b
            if not any(other.startswith(f"{name}.") for other in own):
                self.uses.setdefault(name, []).append(uri)

    def path(self, file: Path) -> str:
        """Return the path of a file as it is told."""
        inside = file.is_relative_to(self.project)
        return (file.relative_to(self.project) if inside else file).as_posix()

    def extension(self, link: Link) -> Extension:
        """Return what makes Markdown understand `:::`, on one page.

        Args:
            link: For the pages that use what is shown, seen from this one.
        """
        from mkdocs_autorefs import AutorefsPlugin
        from mkdocstrings import MkdocstringsExtension

        handlers = self.handlers
        used = handlers.get_handler("python").env.globals
        used["used"] = lambda path: [link(uri) for uri in self._used().get(path, ())]
        # The plugin is never run: it is where mkdocstrings would leave what it knows of anchors.
        return MkdocstringsExtension(handlers, AutorefsPlugin())

    @cached_property
    def handlers(self) -> Handlers:
        """mkdocstrings, set up; what it has read of the package is kept in it."""
        from mkdocstrings import Handlers

        handlers = Handlers(
            theme="material",
            default="python",
            inventory_project="",
            handlers_config={"python": {"paths": [*map(str, self.roots)], "options": OPTIONS}},
            custom_templates=str(TEMPLATES),
            mdx=list(EXTENSIONS),
            mdx_config=EXTENSIONS,
            tool_config=None,
        )
        environment = handlers.get_handler("python").env
        environment.globals["LISTED"] = LISTED
        environment.filters |= {
            "public": public,
            "quoted": quoted,
            "laid_out": laid_out,
            "file": lambda shown: self.path(Path(shown.filepath)),
            "lines": lambda shown: f"#L{shown.lineno}-L{shown.endlineno}" if shown.lineno else "",
        }
        return handlers

    def _used(self) -> dict[str, list[str]]:
        """Return the pages that use an object, by the path under which it is defined."""
        handler = self.handlers.get_handler("python")
        whole = handler.collect(self.package, handler.get_options({}))
        found: dict[str, list[str]] = {}
        for name, uris in self.uses.items():
            try:
                path = whole[name.removeprefix(f"{self.package}.")].canonical_path
            except KeyError:  # a name that only running code can find
                continue
            found[path] = list(dict.fromkeys([*found.get(path, ()), *uris]))
        return found

    def _modules(self) -> dict[str, Path]:
        """Return the files of all modules that a reader may import, by their names."""
        found = {}
        for root in self.roots:
            for file in sorted((root / self.package).rglob("*.py")):
                parts = file.relative_to(root).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                hidden = any(part.startswith("_") for part in name.split("."))
                left_out = any(f"{name}.".startswith(f"{each}.") for each in self.without)
                if not hidden and not left_out:
                    found[name] = file
        return dict(sorted(found.items()))

    def _below(self, name: str) -> list[str]:
        """Return the modules that `package.*` stands for; none if `name` is no such thing."""
        if not name.endswith(".*"):
            return []
        return [module for module in self.modules if module.startswith(name[:-1])]


def displayed(text: str) -> list[str]:
    """Return what of the package a page shows, as dotted names."""
    return [".".join(found).rstrip(".") for found in DISPLAYED.findall(text)]


def upper(toc: Iterable[Branch]) -> list[Branch]:
    """Return a table of contents without the headings of methods."""
    return [
        (title, id, level, upper(below)) for title, id, level, below in toc if level <= HEADINGS
    ]


def set_aside(content: str) -> tuple[str, dict[str, str]]:
    """Return a page with only names and first sentences, and what belongs in their place.

    The search index is slow with many small elements, and so it has to read few: what stands from
    the heading of each object to the next is put into the finished page by `insert_asides`.
    """
    starts = [found.start() for found in HEADING.finditer(content)]
    parts: dict[str, str] = {}
    kept = [content[: starts[0]] if starts else content]
    for start, end in pairwise([*starts, len(content)]):
        number, part = str(len(parts)), content[start:end]
        heading = HEADING.match(part)
        assert heading is not None
        words = re.sub(r"<[^>]*>", "", " ".join(FOUND.findall(part))).strip()
        brief = f"<{heading[1]} {heading[2]}>{heading[3]}</{heading[1]}>{words}"
        kept.append(f"<!--aside {number}-->{brief}<!--/aside-->")
        parts[number] = re.sub("<!--/?find-->", "", part)
    return "".join(kept), parts


def insert_asides(page: str, parts: Mapping[str, str]) -> str:
    """Return a finished page with what was set aside."""
    return ASIDE.sub(lambda found: parts[found[1]], page)


def breakable(html: str) -> str:
    """Return a page on which names of modules may break after their dots, and nowhere else."""
    return NAME.sub(lambda found: found[1] + found[2].replace(".", ".<wbr>"), html)


def insert_links(page: str, address: Callable[[str], str], source: Callable[..., str]) -> str:
    """Return a finished page with its types linked to where they are, and objects to their source.

    They come last because they lead to pages rendered later, and to a commit that each build has
    anew.

    Args:
        address: Gives that of an object in the reference by its path, or nothing.
        source: Gives the address of a file's source from its path, first and last line.
    """

    def reference(found: re.Match[str]) -> str:
        where = address(found[1])
        return f'<a href="{where}">{found[2]}</a>' if where else found[2]

    page = REFERENCE.sub(reference, page)
    return DEFINED.sub(lambda found: f'<a href="{source(*found.groups())}">', page)


def public(shown: Object) -> list[Object | Alias]:
    """Return what of a module or class is shown, in the order of the text.

    Of a package that is what it exports, from wherever; of a class only attributes of which it
    says more than their name.
    """
    if shown.is_init_module and shown.exports is not None:
        # By their imports: a module may have the name of the function in it.
        exported = [shown.modules_collection[shown.imports[str(name)]] for name in shown.exports]
        return [each.final_target if each.is_alias else each for each in exported]
    members = [
        member
        for name, member in shown.members.items()
        if not (member.is_alias or member.is_module or name.startswith("_"))
    ]
    if shown.is_module:
        return members
    return [member for member in members if not member.is_attribute or _is_described(member)]


def quoted(code: str) -> str:
    """Return code with strings as we write them; a shape's first space is for type checkers."""
    text = re.sub("""'([^'"<>]*)'""", r'"\1"', str(code).replace("&#39;", "'"))
    return type(code)(re.sub(r'(?<=, )" (?=[^"]*"\])', '"', text))


def laid_out(parameters: list[str], returned: str, name: str, limit: int = 68) -> str:
    """Return a signature in one line, or where that would be long, with a parameter a line."""
    returned = f" -> {returned}" if returned else ""
    line = f"({', '.join(parameters)}){returned}"
    if len(name + line) <= limit or not parameters:
        return line
    each = "".join(f"    {parameter},\n" for parameter in parameters)
    return f"(\n{each}){returned}"


def _is_described(attribute: Object | Alias) -> bool:
    return bool(attribute.docstring or getattr(attribute, "annotation", None))


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the names after `:::`, each with its line."""
    return [
        (text.count("\n", 0, found.start()) + 1, found[0].removeprefix("::: "))
        for found in LINE.finditer(text)
    ]
