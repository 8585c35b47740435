"""Who computes: this process, others on this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from unrolled import validate
from unrolled.commands.errors import named

if TYPE_CHECKING:
    from unrolled.grid.spread import Spread


@contextmanager
def workers(jobs: int, calls: int, dask: str = "") -> Iterator[Spread]:
    """Yield what spreads calls over `jobs` processes (0: one a core), or over a Dask cluster.

    Args:
        calls: How many there are; no more processes are started.
        dask: The address of a scheduler, or nothing.

    Raises:
        BadParameter: No such number, nobody at the address.
    """
    from unrolled.grid import spread

    if dask:
        with named():
            connection = spread.cluster(dask)
            distribute = connection.__enter__()
        try:
            yield distribute
        finally:
            connection.__exit__(None, None, None)
        return
    with named():
        count = min(count_of(jobs), calls)
    yield spread.over_cores(count) if count > 1 else spread.in_process


def count_of(jobs: int) -> int:
    """Return a number of processes; 0 means one for each core that may be used.

    Raises:
        ValueError: Less than 0.
    """
    from joblib import cpu_count

    return validate.size("jobs", jobs, least=0) or int(cpu_count())
