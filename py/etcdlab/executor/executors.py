"""Engines: what carries out tasks, behind the interface of concurrent.futures.

Processes on this machine, or the workers of a Dask cluster on any number of them. A task is
a function of the lab's and what it needs, and both can be pickled.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from importlib.util import find_spec
from typing import Any, Protocol

from etcdlab.cli.flag_types import workers_value
from etcdlab.cli.flags import Flags
from etcdlab.client.connect import Settings
from etcdlab.client.endpoints import is_loopback, parse_endpoint
from etcdlab.errors import UsageError

THREADS, PROCESSES, DASK = "threads", "processes", "dask://"


class Executor(Protocol):
    """Carries out tasks; `workers` of them at a time."""

    workers: int
    dies_whole: bool
    """Whether all tasks that are under way end with the worker of one."""

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """Have call(*args) carried out by a worker; BrokenExecutor where none is left."""

    def has_died(self, error: BaseException) -> bool:
        """Whether an error that a task ended with means that its worker died."""

    def renew(self) -> None:
        """Have workers again, once one has died and every task has ended."""

    def need_workers(self) -> None:
        """LabError where there are none, so that what is under way would never end."""

    def explained(self, error: BaseException) -> BaseException:
        """An error that a task ended with, for people where it is the cluster's."""

    def close(self) -> None:
        """End what was started."""


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
    """The name of an engine."""
    if text in (THREADS, PROCESSES):
        return text
    place = text.removeprefix(DASK)
    if place == text or "/" in place:
        raise ValueError(f"threads, processes or dask://HOST:PORT, not '{text}'")
    parse_endpoint(place)
    return text


def check_executor(values: Namespace, settings: Settings) -> None:
    """UsageError for an engine that is not there, or that would show a password around."""
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
    """UsageError where Dask cannot be imported; `who` needs it."""
    if find_spec("distributed") is None:
        raise UsageError(f"{who} needs Dask: run 'make dask'")


@contextmanager
def executor_of(name: str, workers: int | None = None) -> Iterator[Executor | None]:
    """The engine of that name, closed in the end; None where threads of this process do.

    Only what that engine needs is imported: most loads are done by threads.
    """
    engine: Executor
    if name == THREADS:
        yield None
        return
    if name == PROCESSES:
        from etcdlab.executor.process_executor import Processes

        engine = Processes(workers or os.cpu_count() or 1)
    else:
        from etcdlab.executor.dask_executor import Dask

        engine = Dask(name)
    with closing(engine):
        yield engine
