"""A pool of tasks on an executor: submitted as workers get free, again if their worker died."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import Any, Generic, TypeVar

from etcdlab.errors import LabError
from etcdlab.executor.executors import Executor

MAX_DEATHS = 4  # of workers in a row, without a task completed in between
REFRESH = 0.1  # seconds between two looks at what runs
WORKERS_TIMEOUT = 10.0  # seconds without a result before a look whether there are workers

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class TaskPool(Generic[_Task, _Result]):
    """Carries out tasks, which must be idempotent: one whose worker died is carried out again."""

    def __init__(
        self, executor: Executor, carry_out: Callable[[_Task], _Result], ahead: int = 1
    ) -> None:
        """Besides the task that it carries out, each worker has `ahead` more waiting for it."""
        self._executor = executor
        self._carry_out = carry_out
        self._room = executor.workers * (1 + ahead)
        self._running: dict[Future[Any], _Task] = {}
        self._requeued: list[_Task] = []
        self._deaths = 0

    def run(self, next_task: Callable[[], _Task | None]) -> Iterator[tuple[_Task, _Result] | None]:
        """Yield tasks with their results as they complete; None every REFRESH seconds without any.

        Calls `next_task` when there is room; None means that there is no task for now. Ends
        when there is no task and none runs. Raises the LabError of a task, and one of its own
        if workers die again and again.
        """
        last_result = time.monotonic()
        try:
            while True:
                self._fill(next_task)
                if not self._running:
                    return
                done, _ = wait(self._running, REFRESH, FIRST_COMPLETED)
                yield from map(self._result, self._reap(done))
                if done:
                    last_result = time.monotonic()
                    continue
                yield None
                if time.monotonic() - last_result > WORKERS_TIMEOUT:
                    self._executor.need_workers()
                    last_result = time.monotonic()
        finally:
            for future in self._running:
                future.cancel()

    @property
    def unfinished(self) -> list[_Task]:
        """Tasks that were submitted and have no result."""
        return [*self._running.values(), *self._requeued]

    def _fill(self, next_task: Callable[[], _Task | None]) -> None:
        """Submit tasks while there is room, those of dead workers first."""
        while len(self._running) < self._room:
            task = self._requeued.pop() if self._requeued else next_task()
            if task is None:
                return
            try:
                self._running[self._executor.submit(_attempt, self._carry_out, task)] = task
            except BrokenExecutor:
                self._requeued.append(task)
                if self._running:
                    return  # These have ended as well; _reap() looks at them first.
                self._replace_worker()

    def _reap(self, done: set[Future[Any]]) -> set[Future[Any]]:
        """Return the completed futures of live workers; queue the tasks of dead ones again."""
        dead = {future for future in done if self._has_died(future)}
        if not dead:
            return done
        if self._executor.dies_whole:
            done = wait(self._running).done
            dead = {future for future in done if self._has_died(future)}
        self._requeued += map(self._running.pop, dead)
        self._replace_worker()
        return done - dead

    def _has_died(self, future: Future[Any]) -> bool:
        error = None if future.cancelled() else future.exception()
        return error is not None and self._executor.has_died(error)

    def _replace_worker(self) -> None:
        """Count the death of a worker, and have the executor replace it."""
        self._deaths += 1
        if self._deaths > MAX_DEATHS:
            raise LabError(f"workers died {self._deaths} times, and nothing was done in between")
        self._executor.renew()

    def _result(self, future: Future[Any]) -> tuple[_Task, _Result]:
        task = self._running[future]
        try:
            result = future.result()
        except BaseException as error:
            explained = self._executor.explained(error)
            if explained is error:
                raise
            raise explained from error
        if isinstance(result, LabError):
            raise result
        del self._running[future]
        self._deaths = 0
        return task, result


def _attempt(carry_out: Callable[[_Task], _Result], task: _Task) -> _Result | LabError:
    """Carry out a task in a worker. A LabError is returned: executors may print raised ones."""
    try:
        return carry_out(task)
    except LabError as error:
        return error
