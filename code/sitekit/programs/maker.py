"""Make the programs of all pages, and keep those that print and draw what their pages show.

A program is tried at the smallest scale, against its page executed at that scale: what is left
out wrongly is missing there, too. Names decide first what a block depends on; where the result
differs, all blocks before it are taken; where that cannot be written flat, the package's files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sitekit.blocks import Block
from sitekit.jobs import TRIALS, Job, Result
from sitekit.problems import Problem
from sitekit.programs.assemble import (
    formatted,
    requirements,
    sliced,
    whole_page,
    with_files,
)
from sitekit.programs.flatten import NotFlat
from sitekit.programs.modules import Library
from sitekit.programs.program import Program
from sitekit.programs.verdict import same

Outcome = dict[str, Any]
Run = Callable[[list[Job]], list[Result]]
Way = Callable[[Sequence[Block], int, Library], str]
WAYS: dict[str, Way] = {"slice": sliced, "page": whole_page, "files": with_files}
"""How a program is made, the best first."""


@dataclass
class Made:
    """The programs of one page, by block, and what is wrong."""

    programs: dict[str, Program] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def make(references: Sequence[tuple[Job, Outcome]], library: Library, run: Run) -> dict[str, Made]:
    """Return the programs of pages, by the name of the page.

    Args:
        references: Pages as they were executed at the scale at which programs are tried.
        run: Executes jobs.
    """
    made = {job.name: Made() for job, _ in references}
    left = {job.name: [block.id for block in job.blocks] for job, _ in references}
    why: dict[tuple[str, str], str] = {}
    for kind, way in WAYS.items():
        drafts: list[tuple[Job, Block, str]] = []
        for job, _ in references:
            for number, block in enumerate(job.blocks):
                if block.id not in left[job.name]:
                    continue
                try:
                    drafts.append((job, block, way(job.blocks, number, library)))
                except (NotFlat, SyntaxError) as error:
                    why[job.name, block.id] = str(error)
        with tempfile.TemporaryDirectory(prefix="unrolled-programs-") as folder:
            bodies = formatted([text for *_, text in drafts], Path(folder))
        programs: dict[str, dict[str, Program]] = {}
        for (job, block, _), body in zip(drafts, bodies, strict=True):
            each = Program(body, requirements(body), kind)
            programs.setdefault(job.name, {})[block.id] = each
        trials = [_trial(job, programs[job.name]) for job, _ in references if job.name in programs]
        results = {result.job.name: result for result in run(trials)}
        for job, outcome in references:
            result = results.get(_name(job))
            for id, program in programs.get(job.name, {}).items():
                block = next(each for each in job.blocks if each.id == id)
                reason = _differs(block, outcome, result)
                if reason:
                    why[job.name, id] = reason
                else:
                    took = result.outcome["blocks"][id]["seconds"] if result else 0.0
                    made[job.name].programs[id] = replace(program, seconds=round(took, 3))
                    left[job.name].remove(id)
        if not any(left.values()):
            break
    for job, _ in references:
        for id in left[job.name]:
            line = next(block.line for block in job.blocks if block.id == id) - 1
            message = f"no program of this block prints what the page shows: {why[job.name, id]}"
            made[job.name].problems.append(Problem(job.path, line, message, block=id))
        order = [block.id for block in job.blocks]
        found = made[job.name].programs
        made[job.name].programs = {id: found[id] for id in order if id in found}
    return made


def _name(job: Job) -> str:
    return f"{TRIALS}{job.name}"


def _trial(job: Job, programs: dict[str, Program]) -> Job:
    """Return the job that runs the programs of a page."""
    blocks = tuple(
        Block(
            block.id,
            programs[block.id].body,
            block.line,
            expect=block.expect,
            warns=block.warns,
            volatile=block.volatile,
            quiet=True,
            timeout=block.timeout,
        )
        for block in job.blocks
        if block.id in programs
    )
    return Job(
        _name(job), job.slug, job.path, blocks, job.interpreter, module="sitekit.programs.runner"
    )


def _differs(block: Block, outcome: Outcome, result: Result | None) -> str:
    """Return what is wrong with a program; empty if nothing is."""
    if result is None:
        return "it was not run"
    problem = next((each for each in result.problems if each.block == block.id), None)
    if problem:
        return f"{problem.message}\n{problem.detail}".strip()
    found = result.outcome["blocks"].get(block.id)
    if found is None:
        return "it did not end"
    wanted = outcome["blocks"][block.id]["outputs"]
    if same(wanted, found["outputs"], volatile=block.volatile):
        return ""
    return f"the page has {_short(wanted)}, the program {_short(found['outputs'])}"


def _short(outputs: list[Outcome]) -> str:
    texts = [str(each.get("text") or each.get("caption", "")) for each in outputs]
    return repr("\n".join(texts)[:400])
