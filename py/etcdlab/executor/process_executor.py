"""An engine of processes on this machine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import Any

_NO_WARNING = "ignore:resource_tracker:UserWarning"


class Processes:
    """Processes on this machine."""

    dies_whole = True

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.renew()

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """As Executor has it. Starts a process per task up to the number of workers."""
        # They inherit the mask: Ctrl-C is for this process to answer, in good order.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._executor.submit(call, *args)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def has_died(self, error: BaseException) -> bool:
        """As Executor has it."""
        return isinstance(error, BrokenExecutor)

    def renew(self) -> None:
        """As Executor has it."""
        # Ended at once, as by a second Ctrl-C, it would have Python warn of semaphores.
        if _NO_WARNING not in sys.warnoptions:
            sys.warnoptions.append(_NO_WARNING)
        context = get_context("spawn")
        self._executor = ProcessPoolExecutor(self.workers, context, _end_with_parent)

    def need_workers(self) -> None:
        """There are, or a task would have ended."""

    def explained(self, error: BaseException) -> BaseException:
        """They are nobody's but ours."""
        return error

    def close(self) -> None:
        """As Executor has it; tasks that run are waited for."""
        self._executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Have this process end when the one that started it is no more, however that ended."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()
