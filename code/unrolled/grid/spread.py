"""Spread calls of one function: in this process, over its cores, or over a Dask cluster.

All three yield each outcome as soon as it is there, with the index of its call.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from unrolled import validate, validate_kinds
from unrolled.grid.work import failure

if TYPE_CHECKING:
    from distributed import Client

Given = TypeVar("Given")
Outcome = TypeVar("Outcome")
Spread = Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[tuple[int, Any]]]
"""Takes a function of one argument and the arguments of all calls."""

PATIENCE = 5
"""Seconds to wait for a scheduler, and again for its first worker."""


def in_process(function: Callable[[Given], Outcome], given: Sequence[Given]) -> Iterator[Any]:
    """Call one after the other, here."""
    for index, each in enumerate(given):
        yield index, function(each)


def over_cores(jobs: int) -> Spread:
    """Return what spreads calls over `jobs` processes, each with one thread.

    Raises:
        TypeError, ValueError: Not a number of processes.
    """
    validate.size("jobs", jobs)
    from joblib import Parallel, delayed, parallel_config

    def spread(function: Callable[[Any], Any], given: Sequence[Any]) -> Iterator[Any]:
        calls = (delayed(_watched)(function, index, each) for index, each in enumerate(given))
        with parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
            parallel = Parallel(
                return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs"
            )
        outcomes = parallel(calls)
        try:
            yield from outcomes
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that calls were given up: we know
                outcomes.close()

    return spread


def _watched(function: Callable[[Any], Any], index: int, given: Any) -> tuple[int, Any]:
    """Call a function in a process that ends when its parent is no longer there."""
    global _watching
    if not _watching:
        _watching = True
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return index, function(given)


_watching = False


def _end_with(parent: int) -> None:
    while os.getppid() == parent:  # a killed parent can tell nobody
        time.sleep(0.5)
    os._exit(1)


@contextmanager
def cluster(address: str) -> Iterator[Spread]:
    """Connect with a Dask scheduler, and give what spreads calls over its workers.

    A call whose worker dies is made again on another one.

    Raises:
        ModuleNotFoundError: `distributed` is not installed; the message says how to do that.
        ConnectionError: Nothing answers there, or no worker has joined.
        TypeError, ValueError: This is no address.
    """
    validate_kinds.text("dask", address)
    if not re.fullmatch(r"(\w+://)?[^\s/]+:\d+", address):
        raise ValueError(f"dask: got {address!r}, expected one such as tcp://127.0.0.1:8786")
    with _connected(address) as client:

        def spread(function: Callable[[Any], Any], given: Sequence[Any]) -> Iterator[Any]:
            from distributed import as_completed

            futures = client.map(function, given, pure=False, retries=0)
            numbers = {future.key: index for index, future in enumerate(futures)}
            try:
                for future in as_completed(futures, loop=client.loop):
                    try:
                        outcome = future.result()
                    except Exception as error:  # its workers died, or it could not be sent
                        outcome = failure(error)
                    yield numbers[future.key], outcome
            finally:
                client.cancel(futures)

        yield spread


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'dask: this needs Dask; install it with: pip install -e ".[cluster]"'
        ) from error
    for name in ("distributed", "distributed.client", "distributed.comm"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what is wrong, we say ourselves
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except OSError as error:
        raise ConnectionError(f"dask: nothing answers at {address}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise ConnectionError(f"dask: no worker has joined {address}") from error
        yield client
