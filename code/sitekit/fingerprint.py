"""Everything outside the pages and the project that can change what a block prints."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

THREADS = 1
PREFIXES = (
    "PYTHON", "OMP_", "MKL_", "OPENBLAS_", "GOTO_", "BLIS_", "NUMEXPR_", "VECLIB_", "KMP_",
    "TORCH", "PYTORCH", "CUDA", "CUBLAS", "NVIDIA_", "NPY_", "NUMPY_", "MPL", "MATPLOTLIB",
)  # fmt: skip
CHOICES = ("UNROLLED_SCALE", "UNROLLED_DEVICE", "UNROLLED_DATA", "LANG", "LC_ALL", "TZ")
DEFAULTS = {"UNROLLED_SCALE": "site", "UNROLLED_DEVICE": "auto"}


def worker_environment(roots: tuple[Path, ...]) -> dict[str, str]:
    """Return the environment in which pages are executed: one thread, no locale, no colours."""
    here = Path(__file__).parent
    paths = [*map(str, roots), *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = dict.fromkeys(
        (f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")), str(THREADS)
    )
    return {
        **os.environ,
        **threads,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "agg",
        "MATPLOTLIBRC": str(here / "matplotlibrc"),
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }


def fingerprint(interpreter: str, environment: dict[str, str], roots: tuple[Path, ...]) -> str:
    """Return one line of text for the interpreter, its distributions, machine and settings.

    Args:
        interpreter: Path of the Python that executes the pages.
        environment: As `worker_environment` returns it.
        roots: The project's import folders; their own location does not count.
    """
    if Path(interpreter) == Path(sys.executable):
        python = describe_python(environment["PYTHONPATH"].split(os.pathsep))
    else:
        python = json.loads(
            subprocess.run(
                [interpreter, "-m", "sitekit.fingerprint"],
                env=environment, check=True, capture_output=True, text=True,
            ).stdout
        )  # fmt: skip
    local = {str(root) for root in roots}
    variables = {
        name: os.pathsep.join(part for part in text.split(os.pathsep) if part not in local)
        for name, text in {**DEFAULTS, **environment}.items()
        if name in CHOICES or name.startswith(PREFIXES)
    }
    variables.pop("MATPLOTLIBRC")
    return json.dumps(
        {"python": python, "machine": _machine(), "variables": variables}, sort_keys=True
    )


def describe_python(extra: list[str]) -> dict[str, object]:
    """Return this interpreter's version and every distribution it can import.

    A distribution counts with its `RECORD`, the hashes of all its files, so that a patched
    build of the same version is another one.
    """
    folders = dict.fromkeys([*extra, *sys.path])
    return {
        "version": sys.version,
        "distributions": sorted(line for folder in folders for line in _distributions(folder)),
    }


def _distributions(folder: str) -> list[str]:
    try:
        found = [entry for entry in os.scandir(folder or ".") if entry.name.endswith(".dist-info")]
    except OSError:
        return []
    lines = []
    for entry in found:
        digest = hashlib.sha256()
        record = Path(entry.path, "RECORD")
        if not _is_ours(entry.name) and record.is_file():
            digest.update(record.read_bytes())
        lines.append(f"{entry.name} {digest.hexdigest()[:16]}")
    return lines


def _is_ours(name: str) -> bool:
    """Our own files are hashed one by one; the editable install's record is only a path."""
    return name.startswith("unrolled-")


def _machine() -> dict[str, str]:
    described = {"system": platform.system(), "machine": platform.machine()}
    processor = Path("/proc/cpuinfo")
    if processor.is_file():
        wanted = ("model name", "flags", "Features", "CPU part")
        lines = processor.read_text().split("\n\n", 1)[0].splitlines()
        text = "\n".join(line for line in lines if line.startswith(wanted))
        described["processor"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    else:
        described["processor"] = platform.processor()
    gpus = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    described["gpus"] = " ".join(
        line for gpu in gpus for line in gpu.read_text().splitlines() if line.startswith("Model")
    )
    return described


if __name__ == "__main__":
    print(json.dumps(describe_python([])))
