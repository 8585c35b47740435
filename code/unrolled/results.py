"""Recorded results: what long runs gave, kept as files that say where they come from."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from unrolled import validate_kinds
from unrolled.files import write_whole
from unrolled.grid.describe import describe
from unrolled.grid.store import result_class
from unrolled.packing import pack, pack_fields, unpack, unpack_fields
from unrolled.record import Provenance, Record
from unrolled.sources import key as key_of_code

FORMAT = "unrolled result 1"
FOLDER = Path(__file__).resolve().parents[1] / "results"
"""Where recorded results are, in a checkout."""


PARTS = {"experiment": str, "fixed": dict, "axes": dict, "results": list}


class ResultError(ValueError):
    """A file holds no result, not a whole one, or one that this code cannot read."""


def save(path: Path, record: Record) -> None:
    """Write a record, exactly, as JSON: the old file or the new one, whole, at every moment.

    Raises:
        TypeError: Not a path and a record.
        OSError: It cannot be written.
    """
    validate_kinds.instance("path", path, Path)
    validate_kinds.instance("record", record, Record)
    head = {
        "format": FORMAT,
        "experiment": record.experiment,
        "seeds": record.results[0].seeds,
        "fixed": {name: pack(value) for name, value in record.fixed.items()},
        "axes": {name: pack(values) for name, values in record.axes.items()},
        "scale": record.scale,
        "provenance": asdict(record.provenance),
    }
    lines = [f'"{name}": {json.dumps(value)}' for name, value in head.items()]
    results = [
        ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in pack_fields(each).items())
        for each in record.results
    ]
    inner = ",\n".join(f"{{\n{each}\n}}" for each in results)
    lines.append(f'"results": [\n{inner}\n]')
    body = ",\n".join(lines)
    write_whole(path, f"{{\n{body}\n}}\n")


def load(path: Path) -> Record:
    """Return what `save` wrote; each result is of the experiment's own class.

    Raises:
        FileNotFoundError: There is no such file.
        ResultError: The file is truncated, of another program, or its fields are not those that
            the experiment returns today; the message says how to renew it.
        TypeError: Not a path.
    """
    content = _read(path)
    made = Provenance(**content["provenance"])
    try:
        cls = result_class(content["experiment"])
        results = tuple(unpack_fields(cls, each) for each in content["results"])
        fixed, axes = (
            {name: unpack(value) for name, value in content[part].items()}
            for part in ("fixed", "axes")
        )
        if len(results) != (points := math.prod(map(len, axes.values()))):
            raise ValueError(f"there are {len(results)} results, expected {points}")
    except (TypeError, ValueError) as error:
        raise ResultError(f"{path.name}: {error}; renew it with: {made.command}") from error
    return Record(content["experiment"], fixed, axes, content["scale"], results, made)


def names(*, folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of all recorded results.

    Raises:
        TypeError: Not a folder.
    """
    validate_kinds.instance("folder", folder, Path)
    return tuple(sorted(file.stem for file in folder.glob("*.json")))


def recorded(name: str, *, folder: Path = FOLDER) -> Record:
    """Return a recorded result by its name.

    Raises:
        FileNotFoundError, ResultError: As `load`.
        TypeError: Not a name and a folder.
    """
    return load(_file_of(name, folder))


def stale(name: str, *, folder: Path = FOLDER) -> str | None:
    """Return the command that renews a recorded result, or None while its code is as it was.

    Other versions of Python, NumPy or PyTorch do not make it stale. PyTorch is not imported.

    Raises:
        FileNotFoundError, ResultError: As `load`.
        TypeError: Not a name and a folder.
    """
    content = _read(_file_of(name, folder))
    try:
        now = key_of_code(describe(content["experiment"]).module)
    except ValueError:
        now = ""
    made = Provenance(**content["provenance"])
    return None if made.code == now else made.command


def _file_of(name: str, folder: Path) -> Path:
    validate_kinds.text("name", name, least=1)
    validate_kinds.instance("folder", folder, Path)
    return folder / f"{name}.json"


def _read(path: Path) -> dict[str, Any]:
    validate_kinds.instance("path", path, Path)
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(content["format"])
        Provenance(**content["provenance"])
        for part, kind in PARTS.items():
            validate_kinds.instance(part, content[part], kind)
        validate_kinds.text("scale", content["scale"] or "")
    except (ValueError, KeyError, TypeError) as error:
        raise ResultError(f"{path.name}: expected a whole file of {FORMAT!r}") from error
    whole: dict[str, Any] = content
    return whole
