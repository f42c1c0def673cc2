"""An executor of processes on this machine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import Any

from etcdlab.executor.executors import Executor

_NO_WARNING = "ignore:resource_tracker:UserWarning"


class Processes(Executor):
    """Processes on this machine."""

    dies_whole = True

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.renew()

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """Implement Executor; starts a process for a task until there are `workers`."""
        # Processes inherit the mask: only this one answers Ctrl-C, and ends the others in order.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._pool.submit(call, *args)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def has_died(self, error: BaseException) -> bool:
        """Implement Executor."""
        return isinstance(error, BrokenExecutor)

    def renew(self) -> None:
        """Implement Executor."""
        # When a second Ctrl-C ends this process at once, Python would warn of semaphores.
        if _NO_WARNING not in sys.warnoptions:
            sys.warnoptions.append(_NO_WARNING)
        context = get_context("spawn")
        self._pool = ProcessPoolExecutor(self.workers, context, _end_with_parent)

    def close(self) -> None:
        """Implement Executor; tasks that run are waited for."""
        self._pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, in whatever way."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()
