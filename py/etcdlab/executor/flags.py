"""-executor and -workers, and the executor that they name."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec

from etcdlab.cli.flag_types import workers_value
from etcdlab.cli.flags import Flags
from etcdlab.client.connect import Settings
from etcdlab.client.endpoints import is_loopback, parse_endpoint
from etcdlab.errors import UsageError
from etcdlab.executor.executors import DASK, PROCESSES, THREADS, Executor, Threads


def add_executor(flags: Flags) -> None:
    """Take -executor and -workers."""
    flags.add(
        "executor threads|processes|dask://HOST:PORT",
        executor_value,
        THREADS,
        "what does the work: threads, processes or dask://HOST:PORT",
    )
    flags.add(
        "workers COUNT", workers_value, "", "number of worker processes (default: one per CPU)"
    )


def executor_value(text: str) -> str:
    """Parse the name of an executor."""
    if text in (THREADS, PROCESSES):
        return text
    place = text.removeprefix(DASK)
    if place == text or "/" in place:
        raise ValueError(f"threads, processes or dask://HOST:PORT, not '{text}'")
    parse_endpoint(place)
    return text


def check_executor(values: Namespace, settings: Settings) -> None:
    """Raise UsageError if Dask is not installed, or would get the password in plain text."""
    if "workers" in values.given and values.executor != PROCESSES:
        raise UsageError("-workers: only with -executor=processes")
    if not values.executor.startswith(DASK):
        return
    need_dask(f"-executor={values.executor}")
    address = parse_endpoint(values.executor.removeprefix(DASK))
    if settings.login and not (settings.plain_password or is_loopback(address)):
        raise UsageError(
            f"{values.executor}: the password would go there in plain text:"
            " --insecure-transport allows it"
        )


def need_dask(who: str) -> None:
    """Raise UsageError if Dask cannot be imported; `who` needs it."""
    if find_spec("distributed") is None:
        raise UsageError(f"{who} needs Dask: run 'make dask'")


@contextmanager
def executor_of(name: str, workers: int | None = None) -> Iterator[Executor]:
    """Yield the executor of that name, and close it in the end.

    `workers` is the number of processes (None: one to a processor). Only what the executor
    needs is imported: Dask takes a second.
    """
    executor: Executor
    if name == THREADS:
        executor = Threads()
    elif name == PROCESSES:
        from etcdlab.executor.process_executor import Processes

        executor = Processes(workers or os.cpu_count() or 1)
    else:
        from etcdlab.executor.dask_executor import Dask

        executor = Dask(name)
    with closing(executor):
        yield executor
