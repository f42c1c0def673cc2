"""Executors: what carries out tasks, with the interface of concurrent.futures.

A task is a function of the lab and its arguments, all of which can be pickled.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

THREADS, PROCESSES, DASK = "threads", "processes", "dask://"


class Executor(Protocol):
    """Carries out tasks, `workers` of them at a time."""

    workers: int
    in_process: bool = False
    """Whether tasks share the memory of this process: then work need not be cut into shards."""
    dies_whole: bool = False
    """Whether all tasks that are under way end when one worker dies."""

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """Have a worker carry out call(*args); BrokenExecutor if none is left."""

    def has_died(self, error: BaseException) -> bool:
        """Whether an error that a task ended with means that its worker died."""
        return False

    def renew(self) -> None:
        """Start workers again, after one has died and every task has ended."""

    def need_workers(self) -> None:
        """Raise LabError if there are no workers, so that tasks would never end."""

    def explained(self, error: BaseException) -> BaseException:
        """Return the error of a task, as a LabError if the executor is to blame for it."""
        return error

    def close(self) -> None:
        """End what was started."""


class Threads(Executor):
    """A thread of this process, for one task at a time: a load or a scan has its own threads."""

    workers = 1
    in_process = True

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.workers)

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """Implement Executor."""
        return self._pool.submit(call, *args)

    def close(self) -> None:
        """Implement Executor; tasks that run are waited for."""
        self._pool.shutdown(cancel_futures=True)
