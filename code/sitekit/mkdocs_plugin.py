"""All that ties the engine to MkDocs, Material and markdown-exec.

A build is: find the blocks, execute them (elsewhere), number what they yield, then let MkDocs
render the pages while this module hands it what was found. Nothing is published when anything
failed; in `serve` the failure is shown on the page instead.

It is long because it is the only one: moving to another site generator means rewriting this
module and none other.
"""

from __future__ import annotations

import base64
import gc
import logging
import posixpath
import re
import xml.etree.ElementTree as etree
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from markdown_exec import base_format, formatters
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import AnchorLink, TableOfContents
from pymdownx.superfences import SuperFencesException  # type: ignore[import-untyped]

from sitekit import glossary, references
from sitekit.blocks import Block, find_blocks
from sitekit.cache import Cache
from sitekit.chapter_files import LINK, cells_of
from sitekit.code_aside import insert_code, set_code_aside
from sitekit.code_lines import with_lines
from sitekit.display import source_of
from sitekit.execute import Executed, Executor
from sitekit.exercises import SOLVED, Exercise, pages_of
from sitekit.formulas import Formulas
from sitekit.jobs import Page
from sitekit.kept_together import keep_together
from sitekit.ledger import MARK, ledger_json, ledger_markdown
from sitekit.notebook_files import files_of, links_to, with_names
from sitekit.notebooks import Cell
from sitekit.numbering import Numbering, Target
from sitekit.offline import add_search, pack
from sitekit.policy import with_policy
from sitekit.problems import Problem, report
from sitekit.programs.program import Program
from sitekit.programs.shelf import SCALE, Programs
from sitekit.prose import ProseExtension, Scope, UnknownName, first_citations
from sitekit.provenance import Commit, Provenance
from sitekit.reach import imported_names, parse
from sitekit.reading import minutes_of
from sitekit.recorded import stale_results
from sitekit.reference import (
    Reference,
    breakable,
    displayed,
    insert_asides,
    insert_links,
    set_aside,
    upper,
)
from sitekit.render import (
    block_html,
    failure_html,
    figures_of,
    insert_figures,
    insert_sources,
    insert_tools,
    left_out_html,
    missing_html,
    numbers_file,
    outputs_html,
    source_html,
    stable_figures_of,
)
from sitekit.rendered import Branch, Rendered, Shelf, key_of
from sitekit.rewrite import rewrite
from sitekit.route import CHAPTERS, here_html, parts_of, route_html
from sitekit.route import MARK as ROUTE
from sitekit.route import PLACE as ROUTE_PLACE
from sitekit.summary import summary
from sitekit.swap import Stage
from sitekit.theme_faults import mended

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

log = logging.getLogger("mkdocs.plugins.unrolled")
SHELF = 64 * 1024 * 1024  # bytes of rendered pages to keep
HOME = "index.md"
LEDGER = "claims.md"
CARD = "assets/card.png"
CHANGES = "CHANGELOG.md"
"""Beside `mkdocs.yml`; it is a page as well."""
NOT_COMPUTED = "(not computed here)"
VARIES = "(see the output)"
"""What a file to take along has in the place of a measured time."""
SERVED = ("404.html", "sitemap.xml")
"""What only a server or a search engine asks for."""
COPY_MARK = "<!-- the offline copy -->"
COMMENT = re.compile(r"<!--.*?-->", re.S)


class UnrolledConfig(Config):
    """Options in `mkdocs.yml`."""

    code = config_options.Type(str, default="code")
    """Folder on the import path of every block, relative to `mkdocs.yml`."""
    claims = config_options.Type(str, default="unrolled.claims")
    """Package below it with one module of claims a chapter; empty for none."""
    programs = config_options.Type(str, default="")
    """Package below it whose code every block's program has in it; empty for no programs."""
    reference = config_options.Type(str, default="")
    """Package below it that the pages with `:::` show, whole; empty for no such pages."""
    unlisted = config_options.ListOfItems(config_options.Type(str), default=[])
    """Modules of it that need not be on any of these pages, nor what is below them."""
    card = config_options.Type(str, default="")
    """Figure of the home page that stands on the card of the site; empty for no card."""


class UnrolledPlugin(BasePlugin[UnrolledConfig]):
    """Executes pages before MkDocs renders them, and publishes only what is whole."""

    def __init__(self) -> None:
        self.serving = False
        self.stage: Stage | None = None
        self.whole = False
        self.shelf: Shelf | None = None
        self.templates = _Compiled()
        self._reset()

    def _reset(self) -> None:
        self.sources: dict[str, Page] = {}
        self.exercises: dict[str, Exercise] = {}
        self.executed = Executed()
        self.programs: dict[str, dict[str, Program]] = {}
        self.trials: dict[str, float] = {}
        self.numbering = Numbering()
        self.works: dict[str, references.Work] = {}
        self.terms: dict[str, str] = {}
        self.glossary = ""
        self.definitions: dict[str, str] | None = None
        self.problems: list[Problem] = []
        self.formulas: dict[str, Formulas] = {}
        self.highlighted: dict[str, dict[str, str]] = {}
        self.minutes: dict[str, float] = {}
        self.everywhere = ""
        self.addresses: dict[str, File] = {}
        self.rendered: set[str] = set()
        self.scope = Scope("", "")
        self.current: Page | None = None
        self.text = ""
        self.texts: dict[str, str] = {}

    def on_startup(self, *, command: str, dirty: bool) -> None:
        if dirty:
            raise PluginError("a dirty build would publish pages that are out of date: not allowed")
        self.serving = command == "serve"
        self.shelf = None
        if not gc.get_freeze_count():
            gc.freeze()  # modules stay: no collection during a build needs to look at them

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        self._reset()
        self.whole = False
        parse.cache_clear()
        _count_warnings_when_quiet(config)
        self.project = Path(config.config_file_path).absolute().parent
        self.code = self.project / self.config.code
        self.docs = Path(config.docs_dir)
        self.offline = config.extra.get("offline", "")
        self.copy = self._copy_of_the_site(config.extra.get("copy", ""))
        formatters["python"] = formatters["py"] = self._format
        config.markdown_extensions.append(ProseExtension(self._resolve))  # type: ignore[arg-type]
        if not self.serving:
            self.final = Path(config.site_dir)
            try:
                self.stage = Stage(self.final)
            except OSError as error:
                raise PluginError(f"cannot build beside {self.final}: {error}") from error
            config.site_dir = str(self.stage.folder)
            self.staged = config
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        self._take_notebooks(files, config)
        if self.copy:
            name, path = self.copy.name, str(self.copy)
            files.append(File.generated(config, name, abs_src_path=path))
        changes = self.project / CHANGES
        if changes.is_file():
            content = changes.read_text("utf-8")
            files.append(File.generated(config, CHANGES.lower(), content=content))
        texts = {file.src_uri: file.content_string for file in files.documentation_pages()}
        with Commit(self.project) as commit:
            self._execute(texts)
        order = [uri for uri in _nav_uris(config.nav) if uri in texts]
        order += [uri for uri in texts if uri not in order]
        pages = [self.sources[uri] for uri in order]
        self.problems += self.numbering.add_pages(pages, texts, self.executed.outcomes)
        if config.strict:  # a server's rebuild has no time for it
            self.problems += stale_results(self.code / "results", self.project)
        self.cited = first_citations(texts, self.numbering.pages)
        self.texts = texts
        self.terms = glossary.terms_of(texts.get(glossary.URI, ""))
        self._read_references()
        self._refer(texts)
        self._stop_or_show()
        self.provenance = Provenance.collect(commit.name, config.repo_url or "")
        generated = {
            "claims.json": ledger_json(self.executed.ledger),
            "build.json": self.provenance.build_json(
                self.executed.summary(), self._tried(), self.trials
            ),
            **{f"sources/{uri}": text for uri, text in texts.items()},
            **self.reference.copies(),
        }
        for exercise in self.exercises.values():
            generated[f"sources/{exercise.uri}"] = exercise.text
            cells = self._in_words(exercise.uri, exercise.cells, files, config)
            generated |= exercise.downloads(cells, self.provenance.repository, commit.name)
        for uri in self._chapters():
            cells = self._in_words(uri, self._cells(uri, texts[uri], files, config), files, config)
            slug, repository = self.sources[uri].slug, self.provenance.repository
            generated |= files_of(slug, cells, repository, commit.name)
        for uri, programs in self.programs.items():
            slug = self.sources[uri].slug
            for id, program in programs.items():
                header = self.provenance.header(f"{slug}/{id}")
                generated[f"programs/{slug}/{id}.py"] = program.text(header)
        for uri, page in self.sources.items():
            for figure in stable_figures_of(page.blocks, self.executed.outcomes.get(uri, {})):
                if figure["numbers"]:
                    generated[numbers_file(page.slug, figure["id"])] = figure["numbers"]
        if shown := self.config.card:
            files.append(File.generated(config, CARD, content=self._card(shown, config)))
        for uri, content in generated.items():
            target = f"{uri}.txt" if uri.endswith(".md") else uri
            files.append(File.generated(config, target, content=content))
        self.everywhere = self._what_all_pages_depend_on(files, config)
        self.files = files
        return files

    def on_page_read_source(self, *, page: MkDocsPage, config: MkDocsConfig) -> str | None:
        """Render what was executed, even where the file has changed or gone meanwhile."""
        return self.texts.get(page.file.src_uri)

    def on_page_markdown(
        self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        uri = page.file.src_uri
        self.current = self.sources.get(uri)
        if self.current is None:
            return markdown
        exercise = self.exercises.get(uri)
        self.text = exercise.text if exercise else self.texts[uri]
        self.rendered = set()
        self.scope = self._scope(self.current)
        if MARK in markdown:
            slugs = list(self.numbering.pages)
            markdown = markdown.replace(
                MARK, ledger_markdown(self.executed.ledger, slugs, self.cited)
            )
        if references.MARK in markdown:
            listed = references.references_markdown(self.works, self.texts, self.numbering.pages)
            markdown = markdown.replace(references.MARK, listed)
        if uri == glossary.URI:
            markdown = glossary.with_anchors(markdown)
        markdown = markdown.replace(COPY_MARK, self._copy_link(uri))
        markdown = markdown.replace(ROUTE, ROUTE_PLACE)
        page.render = partial(self._render, page)  # type: ignore[method-assign]
        if uri in self.reference:
            markdown = self.reference.expanded(markdown)
        return markdown if exercise else rewrite(markdown, self._display)

    def on_page_content(
        self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        current, uri = self.current, page.file.src_uri
        if current is None:
            return html
        visible = COMMENT.sub("", html)
        for block in current.blocks:
            if visible.count(f' data-block="{current.slug}/{block.id}"') != 1:
                self._problem(
                    block.line - 1, "the block is not where Markdown renders it", block.id
                )
        slug = current.slug
        formulas = self.formulas.setdefault(uri, Formulas())
        html = formulas.take(html, lambda label: self._equation(slug, label), self._bad_tex)
        if uri == glossary.URI:
            self.glossary = formulas.put(html)
        anchors = [*self.numbering.figures.items(), *self.numbering.equations.items()]
        page.present_anchor_ids = (page.present_anchor_ids or set()) | {
            target.anchor for (owner, _), target in anchors if owner == slug
        }
        notices = ""
        if slug_missing := self.executed.missing.get(current.name):
            notices = missing_html(slug_missing)
        if self.serving:
            own = [p for p in self.problems if self._belongs(p, current) and not self._at_block(p)]
            notices += failure_html(own)
        outcome = self.executed.outcomes.get(current.name, {})
        exercise = self.exercises.get(uri)
        root = _root_from(page)
        source = f"{root}/sources/{uri}.txt"
        setup = files.get_file_from_path("setup.md")
        foot = self.provenance.foot(
            current.path,
            source,
            f"{setup.url_relative_to(page.file)}#report-an-error" if setup else "",
            outcome.get("device", ""),
            self.executed.versions.get(current.name),
            starter=exercise is not None and not exercise.solved,
        )
        links = ""
        if exercise:
            twin = files.get_file_from_path(exercise.twin)
            assert twin is not None
            address = twin.url_relative_to(page.file)
            links = exercise.links(root, address, self.provenance.repository)
        elif uri in self._chapters():
            links = links_to(current.slug, root, self.provenance.repository)
        page.meta.setdefault("description", summary(html))
        if uri.startswith(CHAPTERS) or (outcome and uri != HOME):
            home, seconds = files.get_file_from_path(HOME), outcome.get("seconds")
            address = home.url_relative_to(page.file) if home else ""
            parts = parts_of(config.nav)
            links = here_html(uri, parts, address, self.minutes[uri], seconds) + links
        html = html.replace("</h1>", f"</h1>\n{links}", 1) if links else html
        return f"{notices}{html}\n{foot}"

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        self.current = None
        if not self.serving and self.problems:
            raise PluginError(report(self.problems))
        env.bytecode_cache = self.templates
        return env

    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        uri = page.file.src_uri
        if ROUTE_PLACE in output:
            output = output.replace(ROUTE_PLACE, self._route(page.file, config))
        if uri in self.formulas:
            output = self.formulas[uri].put(output)
        if uri in self.sources:
            source = self.sources[uri]
            exercise = self.exercises.get(uri)
            shown = exercise.shown if exercise else source.blocks
            output = insert_code(output, self.highlighted[uri])
            output = insert_sources(output, source.slug, shown, self.highlighted[uri])
            programs = self.programs.get(uri, {})
            root = _root_from(page)
            report_block = partial(self.provenance.report_block, source.path)
            output = insert_tools(output, source.slug, shown, programs, root, report_block)
            output = insert_figures(output, source.slug, self.executed.outcomes.get(uri, {}), root)
            output = glossary.insert_definitions(output, self._definitions())
        if uri in self.reference:
            output = insert_links(
                breakable(insert_asides(output, self.highlighted[uri])),
                partial(self._address, page.file),
                partial(self.provenance.source, root),
            )
        output = keep_together(mended(output))
        if self.serving:  # a server adds a script of its own
            return output
        return with_policy(output, in_folder=bool(self.offline))

    def on_post_template(self, output: str, *, template_name: str, config: MkDocsConfig) -> str:
        if self.offline and template_name in SERVED:
            return ""
        if not template_name.endswith(".html"):
            return output
        output = mended(output)
        return output if self.serving else with_policy(output)

    def on_serve(self, server: LiveReloadServer, **_: Any) -> LiveReloadServer:
        if self.code.is_dir():
            server.watch(str(self.code))
        return server

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        if self.offline:
            add_search(Path(config.site_dir))
        self.whole = True

    def on_build_error(self, *, error: Exception) -> None:
        self.whole = False

    def on_shutdown(self) -> None:
        stage, self.stage = self.stage, None
        if stage is None:
            return
        self.staged.site_dir = str(self.final)  # `mkdocs gh-deploy` reads it after this
        if self.whole:
            stage.publish()
            if self.offline:
                pack(self.final, self.final.with_name(self.offline))
        else:
            stage.discard()

    # Rendering, or finding a page as it was rendered before.

    def _render(self, page: MkDocsPage, config: MkDocsConfig, files: Files) -> None:
        """Stand for the page's own `render`, which a page that is as it was does not need."""
        assert self.current is not None
        assert self.shelf is not None
        current, uri = self.current, page.file.src_uri

        exercise = self.exercises.get(uri)

        def render() -> Rendered:
            if exercise:
                made = self._notebook(exercise, page.file, files)
            elif uri in self.reference:
                made = self._described(page, current, config, files)
            else:
                MkDocsPage.render(page, config, files)
                made = _taken_from(page, current)
            content, codes = set_code_aside(with_lines(made.content))
            sources = made.sources | codes
            return replace(made, content=content, sources=sources, minutes=minutes_of(made.content))

        if self.problems:  # what is shown of them is in no key
            rendered = render()
        else:
            solved = current.name if not exercise or exercise.solved else exercise.twin
            outcome = self.executed.outcomes.get(solved, {}).get("blocks")
            blocks = [[vars(block) for block in current.blocks], outcome]
            missing = self.executed.missing.get(current.name)
            left_out = self.executed.left_out.get(current.name)
            shows = self.reference.key if uri in self.reference else None
            key = key_of(self.everywhere, uri, page.markdown, blocks, missing, left_out, shows)
            rendered = self.shelf.get(uri, key, render)
        page.content, page._title_from_render = rendered.content, rendered.title
        page.toc = TableOfContents([_anchor_link(branch) for branch in rendered.toc])
        for first in list(page.toc)[:1]:
            first.active = True  # type: ignore[attr-defined]
        page.present_anchor_ids = set(rendered.anchors)
        page.links_to_anchors = {
            file: anchors
            for name, anchors in rendered.links.items()
            if (file := files.get_file_from_path(name))
        }
        self.highlighted[uri], self.minutes[uri] = rendered.sources, rendered.minutes
        if uri in self.reference:
            self.addresses |= dict.fromkeys(rendered.anchors, page.file)

    def _what_all_pages_depend_on(self, files: Files, config: MkDocsConfig) -> str:
        """Return a hash of what Markdown may look at while it renders any page."""
        numbered = [
            [[list(name), vars(target)] for name, target in known.items()]
            for known in (self.numbering.figures, self.numbering.equations)
        ]
        pages = {slug: vars(target) for slug, target in self.numbering.pages.items()}
        listed = [
            [file.src_uri, file.url, file.inclusion.name] for file in files.documentation_pages()
        ]
        listed += [[file.src_uri, file.url, file.inclusion.name] for file in files.media_files()]
        extensions = [each for each in config.markdown_extensions if isinstance(each, str)]
        options = [config.mdx_configs, config.validation, config.use_directory_urls]
        ledger = [{**entry, "measured": repr(entry["measured"])} for entry in self.executed.ledger]
        works = {key: vars(work) for key, work in self.works.items()}
        return key_of(
            self.engine,
            works,
            self.terms,
            numbered,
            pages,
            sorted(listed),
            extensions,
            options,
            ledger,
            self.serving,
        )

    # The reference: what the package says of itself.

    def _refer(self, texts: dict[str, str]) -> None:
        package, unlisted = self.config.reference, self.config.unlisted
        self.reference = Reference(package, unlisted, self.roots, self.project, texts)
        self.problems += self.reference.problems(self._path)
        for uri, page in self.sources.items():
            blocks = [name for block in page.blocks for name in imported_names(block.code, "")]
            self.reference.use(uri, [*blocks, *displayed(texts[uri])])

    def _address(self, file: File, name: str) -> str:
        """Return where the reference has something, seen from a page; empty if nowhere."""
        target = self.addresses.get(name)
        page = "" if target is None or target is file else target.url_relative_to(file)
        return f"{page}#{name}" if target else ""

    def _described(
        self, page: MkDocsPage, current: Page, config: MkDocsConfig, files: Files
    ) -> Rendered:
        """Render a page of the reference."""

        def link(uri: str) -> tuple[str, str]:
            target = files.get_file_from_path(uri)
            assert target is not None
            title = self.numbering.pages[self.sources[uri].slug].number
            return title, target.url_relative_to(page.file)

        config.markdown_extensions.append(self.reference.extension(link))  # type: ignore[arg-type]
        try:
            MkDocsPage.render(page, config, files)
        finally:
            config.markdown_extensions.pop()
        made = _taken_from(page, current)
        anchors = sorted({*made.anchors, *re.findall(r'\bid="([^"]+)"', made.content)})
        content, asides = set_aside(with_lines(made.content))
        return Rendered(content, made.title, upper(made.toc), anchors, made.links, asides)

    # What the site says of itself.

    def _route(self, file: File, config: MkDocsConfig) -> str:
        """Return the map for the page of `file`, when all pages are rendered."""

        def address(uri: str) -> str:
            target = self.files.get_file_from_path(uri)
            return target.url_relative_to(file) if target else ""

        def title(uri: str) -> str:
            return self.numbering.pages[self.sources[uri].slug].number

        blocks = sum(len(outcome["blocks"]) for outcome in self.executed.outcomes.values())
        facts = [f"{blocks} blocks of code, run by the build"]
        if ledger := self.executed.ledger:
            facts.append(f'{len(ledger)} <a href="{address(LEDGER)}">claims</a>, measured')
        return route_html(parts_of(config.nav), title, address, self.minutes, facts)

    def _card(self, figure: str, config: MkDocsConfig) -> bytes:
        """Return the card, drawn anew only when something on it has changed."""
        assert self.shelf is not None
        drawn = {
            each["id"]: each["svg"] for each in figures_of(self.executed.outcomes.get(HOME, {}))
        }
        if figure not in drawn:
            known = ", ".join(drawn) or "none"
            raise PluginError(f"card: {HOME} has no figure {figure!r}; it has {known}")
        chapters, claims = len(self._chapters()), len(self.executed.ledger)
        words = (
            config.site_name,
            (config.site_description or "").replace(", ", ",\n"),
            f"{chapters} chapters · {claims} claims, measured in every build",
            (self.docs / str(config.theme["logo"])).read_text("utf-8"),
            drawn[figure],
            "".join((self.docs / str(sheet)).read_text("utf-8") for sheet in config.extra_css),
        )
        files, installed = self.engine
        key = key_of("card", words, files["card.py"], installed)
        kept = self.shelf.cache.find(key)
        if kept is None:
            from sitekit.card import card  # Matplotlib: a second, and rarely needed

            kept = {"files": {}, "png": base64.b64encode(card(*words)).decode()}
            self.shelf.cache.store(key, kept)
        return base64.b64decode(kept["png"])

    # Exercises: notebooks, of which each gives two pages.

    def _take_notebooks(self, files: Files, config: MkDocsConfig) -> None:
        """Put the two pages of each exercise in the place of its notebook."""
        for file in list(files):
            if file.src_uri.startswith(SOLVED) and file.src_uri.endswith(".py"):
                files.remove(file)
                path = self._path(file.src_uri)
                pages, problems = pages_of(file.src_uri, path, file.content_string)
                self.problems += problems
                for page in pages:
                    files.append(File.generated(config, page.uri, content=page.markdown()))
                    self.exercises[page.uri] = page

    def _chapters(self) -> list[str]:
        return [
            uri for uri, page in self.sources.items() if uri.startswith(CHAPTERS) and page.blocks
        ]

    def _cells(self, uri: str, text: str, files: Files, config: MkDocsConfig) -> tuple[Cell, ...]:
        """Return the cells of a chapter."""
        page = self.sources[uri]

        def address(link: str) -> str:
            path, _, anchor = link.partition("#")
            name = posixpath.normpath(posixpath.join(posixpath.dirname(uri), path))
            target = files.get_file_from_path(name)
            whole = f"{config.site_url}{target.url}" if target and config.site_url else ""
            return f"{whole}#{anchor}" if whole and anchor else whole

        return cells_of(
            _without_front_matter(text),
            page.blocks,
            display=self._shown,
            number=lambda label: self._equation(page.slug, label).number,
            address=address,
        )

    def _shown(self, name: str) -> tuple[str, str]:
        try:
            source, file, _ = source_of(name, self.roots)
        except (ValueError, SyntaxError):  # said when the page is rendered
            return "", ""
        return source, self._path_of(file)

    def _in_words(
        self, uri: str, cells: tuple[Cell, ...], files: Files, config: MkDocsConfig
    ) -> tuple[Cell, ...]:
        """Return the cells for a file that is taken along: names as text, links only if whole."""
        scope = self._scope(self.sources[uri])

        def say(token: str) -> str:
            try:
                element = scope.element(token)
            except UnknownName:  # if it is one, that is said when the page is rendered
                return NOT_COMPUTED
            if "data-volatile" in element.attrib:
                return VARIES
            path, _, anchor = element.get("href", "").partition("#")
            name = posixpath.normpath(posixpath.join(posixpath.dirname(scope.uri), path))
            target = files.get_file_from_path(name)
            if not (element.tag == "a" and target and config.site_url):
                return LINK.sub(r"\1", "".join(element.itertext()))
            return f"[{element.text}]({config.site_url}{target.url}{anchor and '#'}{anchor})"

        return tuple(
            cell if cell.id else replace(cell, text=with_names(cell.text, say)) for cell in cells
        )

    def _notebook(self, exercise: Exercise, file: File, files: Files) -> Rendered:
        from sitekit.notebook_html import notebook_html  # only what has changed needs it

        links: dict[str, dict[str, str]] = {}

        def address(href: str) -> str:
            path, hash_, anchor = href.partition("#")
            if ":" in path or not path:
                return href
            uri = posixpath.normpath(posixpath.join(posixpath.dirname(exercise.uri), path))
            target = files.get_file_from_path(uri)
            if target is None:
                self._problem(self._line_of(href), f"there is no page {href!r} to link to")
                return href
            if anchor:
                links.setdefault(uri, {})[anchor] = href
            return f"{target.url_relative_to(file)}{hash_}{anchor}"

        def name(token: str) -> str:
            return etree.tostring(self._resolve(token), encoding="unicode")

        shown = {block.id: block for block in exercise.shown}
        cells = [
            (cell, self._block(shown[cell.id]))
            if cell.id
            else (replace(cell, text=with_names(cell.text, name)), "")
            for cell in exercise.cells
        ]
        made = notebook_html(cells, address)
        anchors = re.findall(r'\bid="([^"]+)"', made.content)
        return Rendered(
            made.content, made.title, made.toc, anchors, links, _sources(exercise.shown)
        )

    # What Markdown asks for while a page is rendered.

    def _format(self, *, id: str, code: str, **options: Any) -> Any:
        """Stand for markdown-exec's own formatter: the block ran already, look it up."""
        assert self.current is not None
        block = next((block for block in self.current.blocks if block.id == id), None)
        if block is None or block.code != code.rstrip():
            self._problem(1, "Markdown reads this block differently than the build", id)
            return failure_html(self.problems[-1:])
        options |= {"html": True, "source": ""}
        try:
            return base_format(language="python", run=self._lookup, id=id, code=code, **options)
        except Exception as error:  # any other would be swallowed, and the fence printed raw
            raise SuperFencesException(f"{self.current.path}: block {id}: {error!r}") from error

    def _lookup(self, code: str, *, id: str, **_: Any) -> str:
        assert self.current is not None
        return self._block(next(block for block in self.current.blocks if block.id == id))

    def _block(self, block: Block) -> str:
        """Return what stands on the page for a block: its source, and what it yielded."""
        assert self.current is not None
        current, id = self.current, block.id
        self.rendered.add(id)
        failed = [p for p in self.problems if p.path == current.path and p.block == id]
        outcome = self.executed.outcomes.get(current.name, {"blocks": {}})
        outputs = outcome["blocks"].get(id, {"outputs": []})["outputs"]
        shown = outputs_html(block, outputs, lambda name: self._figure(current.slug, name))
        if needs := self.executed.left_out.get(current.name, {}).get(id):
            shown = left_out_html(needs, current.environment)
        shown += failure_html(failed) if self.serving else ""
        return block_html(block, current.slug, shown)

    def _resolve(self, token: str) -> etree.Element:
        try:
            return self.scope.element(token)
        except UnknownName as error:
            assert self.current is not None
            if self.current.name in self.executed.missing | self.executed.left_out:
                element = etree.Element("span", {"class": "unrolled-value"})
                element.text = NOT_COMPUTED
                return element
            self._problem(self._line_of(token), f"[[{token}]]: {error}")
            element = etree.Element("strong", {"class": "unrolled-failure"})
            element.text = f"[{token}: {error}]"
            return element

    def _bad_tex(self, tex: str, reason: str) -> None:
        first = tex.splitlines()[0] if tex else tex
        self._problem(self._line_of(first), f"cannot typeset ${tex}$: {reason}")

    def _figure(self, slug: str, id: str) -> Target:
        return self.numbering.figures[slug, id]

    def _equation(self, slug: str, label: str) -> Target:
        known = self.numbering.equations.get((slug, label))
        return known or Target("?", self.scope.uri, f"eq-{label}")

    # The site as a file to take along.

    def _copy_of_the_site(self, path: str) -> Path | None:
        """Return the file that this site offers; none where no name is given."""
        if not path:
            return None
        copy = self.project / path
        if not copy.is_file():
            raise PluginError(
                f"extra.copy in mkdocs.yml names {path!r}, and there is no such file beside it: "
                "`make offline` makes one, or give no name"
            )
        return copy

    def _copy_link(self, uri: str) -> str:
        if not self.copy:
            return ""
        address = posixpath.relpath(self.copy.name, posixpath.dirname(uri) or ".")
        size = self.copy.stat().st_size / 1e6
        return f"[{self.copy.name}]({address}), {size:.0f} MB, is this site as it is today."

    # Preparing and checking.

    def _execute(self, texts: dict[str, str]) -> None:
        for uri, text in texts.items():
            if exercise := self.exercises.get(uri):
                self.sources[uri] = Page(uri, exercise.slug, exercise.path, exercise.executed)
                continue
            path = self._path(uri)
            blocks, problems = find_blocks(text, path)
            self.problems += problems
            environment = _front_matter(text).get("environment", "")
            self.sources[uri] = Page(uri, _slug(uri), path, tuple(blocks), environment)
        try:
            executor = Executor(self.project, self.code, self.config.claims)
            self.roots = executor.roots
            self.shelf = self.shelf or Shelf(
                Cache(executor.folder / "rendered", self.project, limit=SHELF)
            )
            self.engine = executor.keys.engine(), executor.keys.fingerprint_of()
            self.executed = executor.execute(list(self.sources.values()))
        except ValueError as error:
            raise PluginError(str(error)) from error
        self.problems += self.executed.problems
        if package := self.config.programs:
            self._make_programs(package)

    def _make_programs(self, package: str) -> None:
        """Make the programs of all pages of which nothing failed; while serving, find them."""
        broken = {problem.path for problem in self.problems}
        jobs = [
            job
            for job in self.executed.jobs
            if job.path not in broken and job.name not in self.exercises
        ]
        made = Programs(package, Executor(self.project, self.code, "", scale=SCALE))
        # Whoever serves edits, and wants to see a change at once.
        self.programs = made.of(jobs, known_only=self.serving)
        self.trials = made.seconds
        self.problems += made.problems

    def _tried(self) -> dict[str, dict[str, object]]:
        return {
            f"{self.sources[uri].slug}/{id}": {"kind": program.kind, "seconds": program.seconds}
            for uri, programs in self.programs.items()
            for id, program in programs.items()
        }

    def _scope(self, page: Page) -> Scope:
        exercise = self.exercises.get(page.name)
        ran = self.sources[exercise.twin] if exercise and not exercise.solved else page
        values = self.executed.values(ran)
        return Scope(
            page.name, page.slug, values, self.numbering, self.executed.ledger,
            works=self.works, terms=self.terms,
        )  # fmt: skip

    def _read_references(self) -> None:
        assert self.shelf is not None
        file = self.docs / references.FILE
        if file.is_file():
            text = file.read_text("utf-8")
            key = key_of("works", self.engine, text)
            path = self._path_of(file)
            self.works, problems = references.kept_works(self.shelf.cache, key, text, path)
            self.problems += problems

    def _definitions(self) -> dict[str, str]:
        """Return what the glossary, as it was rendered, says of each of its terms."""
        if self.definitions is None:
            self.definitions = glossary.definitions_of(self.glossary)
        return self.definitions

    def _display(self, name: str) -> tuple[str, str]:
        """Return package source and the path of its file, for a fence that displays it."""
        try:
            source, file, _ = source_of(name, self.roots)
        except (ValueError, SyntaxError) as error:
            self._problem(self._line_of(name), str(error))
            return str(error), ""
        return source, self._path_of(file)

    def _stop_or_show(self) -> None:
        if not self.problems:
            return
        if not self.serving:
            raise PluginError(report(self.problems))
        log.error(report(self.problems))

    def _problem(self, line: int, message: str, block: str = "") -> None:
        assert self.current is not None
        problem = Problem(self.current.path, line, message, block=block)
        if problem not in self.problems:
            self.problems.append(problem)
            if self.serving:
                log.error(str(problem))

    def _belongs(self, problem: Problem, page: Page) -> bool:
        """Say whether a problem is shown on this page: its own, or a claim's on the ledger."""
        foreign = all(problem.path != other.path for other in self.sources.values())
        return problem.path == page.path or (foreign and page.name == "claims.md")

    def _at_block(self, problem: Problem) -> bool:
        return problem.block in self.rendered

    def _line_of(self, text: str) -> int:
        before, found, _ = self.text.partition(text)
        return before.count("\n") + 1 if found else 1

    def _path(self, uri: str) -> str:
        return self._path_of(self.docs / uri)

    def _path_of(self, file: Path) -> str:
        inside = file.is_relative_to(self.project)
        return (file.relative_to(self.project) if inside else file).as_posix()


class _Compiled(BytecodeCache):
    """The theme's templates, compiled once for all rebuilds of `serve`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def _taken_from(page: MkDocsPage, current: Page) -> Rendered:
    links = page.links_to_anchors or {}
    return Rendered(
        page.content or "",
        page._title_from_render,
        [_branch(link) for link in page.toc],
        sorted(page.present_anchor_ids or ()),
        {file.src_uri: anchors for file, anchors in links.items()},
        _sources(current.blocks),
    )


def _sources(blocks: tuple[Block, ...]) -> dict[str, str]:
    return {
        block.id: source_html(block.code, **block.shown)
        for block in blocks
        if block.source != "none"
    }


def _branch(link: AnchorLink) -> Branch:
    return link.title, link.id, link.level, [_branch(child) for child in link.children]


def _anchor_link(branch: Branch) -> AnchorLink:
    title, id, level, children = branch
    link = AnchorLink(title, id, level)
    link.children = [_anchor_link(child) for child in children]
    return link


def _root_from(page: MkDocsPage) -> str:
    """Return the address of the site's root, relative to a page."""
    return posixpath.relpath(".", posixpath.dirname(page.file.url) or ".")


def _slug(uri: str) -> str:
    return posixpath.splitext(uri.removeprefix("chapters/"))[0]


def _without_front_matter(text: str) -> str:
    from mkdocs.utils.meta import get_data

    without, _ = get_data(text)
    return without


def _front_matter(text: str) -> dict[str, str]:
    from mkdocs.utils.meta import get_data

    _, data = get_data(text)
    return data


def _nav_uris(nav: Any) -> list[str]:
    """Return the Markdown files of the navigation in order."""
    if isinstance(nav, str):
        return [nav]
    if isinstance(nav, dict):
        return [uri for entry in nav.values() for uri in _nav_uris(entry)]
    return [uri for entry in nav or [] for uri in _nav_uris(entry)]


def _count_warnings_when_quiet(config: MkDocsConfig) -> None:
    """Let `--strict -q` hide warnings, but not forget them: MkDocs drops them uncounted."""
    logger = logging.getLogger("mkdocs")
    if config.strict and logger.level > logging.WARNING:
        for handler in logger.handlers:
            if handler.name == "MkDocsStreamHandler":
                handler.setLevel(logger.level)
        logger.setLevel(logging.WARNING)
