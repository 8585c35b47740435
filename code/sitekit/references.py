"""The works that pages cite: read from one BibTeX file, listed on a page of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sitekit.cache import Cache
from sitekit.numbering import Target
from sitekit.problems import Problem

if TYPE_CHECKING:
    from pybtex.database import Entry, Person

FILE = "references.bib"
MARK = "[[references]]"
CITING = re.compile(r"\[\[(?:cite|citep|source):([^\[\]\n]+)\]\]")
ALWAYS = {"author", "year", "title", "annote"}
NEEDED = {
    "article": {"journal"},
    "book": {"publisher"},
    "incollection": {"booktitle", "publisher"},
    "inproceedings": {"booktitle"},
    "mastersthesis": {"school", "type"},
    "misc": set(),
    "phdthesis": {"school"},
    "techreport": {"institution", "number"},
}
POSSIBLE = {
    "chapter", "doi", "edition", "eprint", "howpublished", "number", "pages", "publisher",
    "series", "type", "url", "volume",
}  # fmt: skip
LINKS = {"doi", "eprint", "url"}
IN_ITALICS = {"book", "mastersthesis", "phdthesis"}


@dataclass(frozen=True)
class Work:
    """One entry, its parts as Markdown."""

    short: str
    """Its authors, as a sentence names them."""
    authors: str
    year: str
    title: str
    venue: str
    links: list[list[str]]
    """Text and address, the one that lasts longest first."""
    remark: str

    def source(self, link: str) -> str:
        """Return the entry for the end of a chapter, where `link` leads to the whole one."""
        venue = self.venue or " ".join(text for text, _ in self.links[:1])
        return f"{self.authors} ({self.year}). [{self.title}]({link}){_stop(self.title)} {venue}."


def read_works(text: str, path: str) -> tuple[dict[str, Work], list[Problem]]:
    """Return the works of a BibTeX file by their keys, oldest first, and what is wrong with it.

    Args:
        text: Of the file.
        path: Its name, for problems.
    """
    # Only a changed file needs it: the import takes as long as rendering a page.
    from pybtex.database.input.bibtex import Parser
    from pybtex.exceptions import PybtexError

    try:
        entries = Parser().parse_string(text).entries
    except PybtexError as error:
        return {}, [Problem(path, getattr(error, "lineno", None) or 1, str(error))]
    works, problems = {}, []
    for key, entry in entries.items():
        start = re.search(rf"^\s*@\w+\s*\{{\s*{re.escape(key)}\s*,", text, re.M | re.I)
        line = text.count("\n", 0, start.end()) + 1 if start else 1
        faults = list(_faults(entry))
        problems += [Problem(path, line, f"{key}: {fault}") for fault in faults]
        if not faults:
            works[key] = _work(entry)
    return dict(sorted(works.items(), key=lambda item: (item[1].year, item[1].authors))), problems


def kept_works(
    cache: Cache, key: str, text: str, path: str
) -> tuple[dict[str, Work], list[Problem]]:
    """Do what `read_works` does, and keep the result of a file without faults under `key`."""
    stored = cache.find(key)
    if stored is not None:
        return {name: Work(**work) for name, work in stored["works"].items()}, []
    works, problems = read_works(text, path)
    if not problems:
        plain = {name: asdict(work) for name, work in works.items()}
        cache.store(key, {"files": {}, "works": plain})
    return works, problems


def keys_cited(text: str) -> list[str]:
    """Return the keys that the Markdown of a page cites, in order, each once."""
    keys = (key.strip() for group in CITING.findall(text) for key in group.split(","))
    return list(dict.fromkeys(keys))


def references_markdown(
    works: dict[str, Work], texts: dict[str, str], pages: dict[str, Target]
) -> str:
    """Return the list of all works as Markdown, each with the pages that cite it.

    Args:
        works: By key.
        texts: The Markdown of each page, by its name.
        pages: By slug, in the order of the navigation.
    """
    cited: dict[str, list[str]] = {}
    for target in pages.values():
        for key in keys_cited(texts[target.uri]):
            cited.setdefault(key, []).append(f"[{target.number}]({target.uri}#cite-{key})")
    items = (_item(key, work, cited.get(key, [])) for key, work in works.items())
    return "\n".join(['<ul class="unrolled-works" markdown="1">', *items, "</ul>"])


def _item(key: str, work: Work, cited: list[str]) -> str:
    links = ", ".join(f"[{text}]({address})" for text, address in work.links)
    parts = [f"{work.authors} ({work.year}).", f"{work.title}{_stop(work.title)}"]
    parts += [f"{part}." for part in (work.venue, links) if part]
    remark = f'<span class="unrolled-remark">{work.remark}</span>'
    where = f'<span class="unrolled-cited">Cited in {", ".join(cited)}.</span>' if cited else ""
    return f'<li id="{key}" markdown="span">{" ".join([*parts, remark, where])}</li>'


def _faults(entry: Entry) -> Iterator[str]:
    if entry.type not in NEEDED:
        yield f"there is no kind @{entry.type} here, expected one of {', '.join(sorted(NEEDED))}"
        return
    given = {*map(str.lower, entry.fields), *map(str.lower, entry.persons)}
    needed = ALWAYS | NEEDED[entry.type]
    for name in sorted(needed - given):
        yield f"@{entry.type} needs the field {name!r}"
    if not given & LINKS:
        yield f"@{entry.type} needs one of the fields {', '.join(sorted(LINKS))}"
    for name in sorted(given - needed - POSSIBLE):
        yield f"@{entry.type} has a field {name!r}, expected one of {', '.join(sorted(POSSIBLE))}"


def _work(entry: Entry) -> Work:
    fields = {name.lower(): _plain(text) for name, text in entry.fields.items()}
    authors: list[Person] = entry.persons["author"]
    title = fields["title"]
    if entry.type in IN_ITALICS:
        title = f"*{title}*"
    if edition := fields.get("edition"):
        title += f", {edition} edition"
    venue = _venue(entry.type, fields)
    if chapter := fields.get("chapter"):
        venue += f". {chapter}"
    links = []
    if doi := fields.get("doi"):
        links.append([f"doi:{doi}", f"https://doi.org/{doi}"])
    if eprint := fields.get("eprint"):
        links.append([f"arXiv:{eprint}", f"https://arxiv.org/abs/{eprint}"])
    if url := fields.get("url"):
        links.append([url.split("/")[2].removeprefix("www."), url])
    return Work(
        _short(authors), _all(authors), fields["year"], title, venue, links, fields["annote"]
    )


def _venue(kind: str, fields: dict[str, str]) -> str:
    def of(name: str, before: str = "", after: str = "") -> str:
        return f"{before}{fields[name]}{after}" if name in fields else ""

    issue = of("volume", " ") + of("number", "(", ")")
    parts: tuple[str, ...]
    if kind == "article":
        parts = f"*{fields['journal']}*{issue}", of("pages")
    elif "booktitle" in fields:
        book = f"{'In ' if kind == 'incollection' else ''}*{fields['booktitle']}*"
        place = (book, f"{fields['series']}{issue}") if "series" in fields else (book + issue,)
        parts = *place, of("publisher"), of("pages")
    elif kind == "techreport":
        report = f"{fields.get('type', 'Technical report')} {fields['number']}"
        parts = report, fields["institution"]
    elif "school" in fields:
        parts = fields.get("type", "PhD thesis"), fields["school"]
    else:
        parts = of("publisher"), of("howpublished")
    return ", ".join(filter(None, parts))


def _all(authors: list[Person]) -> str:
    names = [_plain(str(person)) for person in authors]
    if names[-1] == "others":
        return ", ".join([*names[:-1], "et al."])
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, and {names[-1]}"


def _short(authors: list[Person]) -> str:
    names = [_plain(" ".join(each.prelast_names + each.last_names)) for each in authors]
    if len(names) > 2 or names[-1] == "others":
        return f"{names[0]} et al."
    return " and ".join(names)


def _plain(latex: str) -> str:
    from pybtex.richtext import Text

    return re.sub(r"(?<=\d)--(?=\d)", "–", str(Text.from_latex(latex)))


def _stop(title: str) -> str:
    """Return the full stop that a title needs."""
    return "" if title.rstrip("*").endswith(("?", "!", ".")) else "."
