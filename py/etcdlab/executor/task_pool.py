"""Tasks on an executor: handed out as there is room, and again when their worker died."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import Any, Generic, TypeVar

from etcdlab.errors import LabError
from etcdlab.executor.executors import Executor

DEATHS = 4  # of workers, with no task carried out in between
REFRESH = 0.1  # seconds between two looks at the tasks
WORKERS_TIMEOUT = 10.0  # seconds without a result before a look at whether there are workers

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class TaskPool(Generic[_Task, _Result]):
    """Carries out tasks that may be carried out twice without harm."""

    def __init__(
        self, executor: Executor, carry_out: Callable[[_Task], _Result], ahead: int = 1
    ) -> None:
        """`ahead` tasks are with each worker besides the one that it is at."""
        self._executor = executor
        self._carry_out = carry_out
        self._room = executor.workers * (1 + ahead)
        self._coming: dict[Future[Any], _Task] = {}
        self._again: list[_Task] = []
        self._deaths = 0

    def run(self, next_task: Callable[[], _Task | None]) -> Iterator[tuple[_Task, _Result] | None]:
        """Tasks with their results, as they come in; None every REFRESH seconds without any.

        `next_task` is asked when there is room for one; None is none for now. It ends once
        there is none and none is under way. Raises the LabError that a task ends with, and
        one of its own where workers die again and again.
        """
        heard = time.monotonic()
        try:
            while True:
                self._fill(next_task)
                if not self._coming:
                    return
                done, _ = wait(self._coming, REFRESH, FIRST_COMPLETED)
                yield from map(self._result, self._alive(done))
                if done:
                    heard = time.monotonic()
                    continue
                yield None
                if time.monotonic() - heard > WORKERS_TIMEOUT:
                    self._executor.need_workers()
                    heard = time.monotonic()
        finally:
            for future in self._coming:
                future.cancel()

    @property
    def unfinished(self) -> list[_Task]:
        """Tasks that were handed out, and that nothing has come of."""
        return [*self._coming.values(), *self._again]

    def _fill(self, next_task: Callable[[], _Task | None]) -> None:
        """Hand out tasks, those of dead workers first."""
        while len(self._coming) < self._room:
            task = self._again.pop() if self._again else next_task()
            if task is None:
                return
            try:
                self._coming[self._executor.submit(_attempt, self._carry_out, task)] = task
            except BrokenExecutor:
                self._again.append(task)
                if self._coming:
                    return  # These have ended, too, and shall be looked at first.
                self._bury()

    def _alive(self, done: set[Future[Any]]) -> set[Future[Any]]:
        """Of futures that are done, those whose worker lives; the others' tasks come again."""
        dead = {future for future in done if self._has_died(future)}
        if not dead:
            return done
        if self._executor.dies_whole:
            done = wait(self._coming).done
            dead = {future for future in done if self._has_died(future)}
        self._again += map(self._coming.pop, dead)
        self._bury()
        return done - dead

    def _has_died(self, future: Future[Any]) -> bool:
        error = None if future.cancelled() else future.exception()
        return error is not None and self._executor.has_died(error)

    def _bury(self) -> None:
        """Have the executor make up for a worker that died."""
        self._deaths += 1
        if self._deaths > DEATHS:
            raise LabError(f"workers died {self._deaths} times, and nothing was done in between")
        self._executor.renew()

    def _result(self, future: Future[Any]) -> tuple[_Task, _Result]:
        task = self._coming[future]
        try:
            result = future.result()
        except BaseException as error:
            explained = self._executor.explained(error)
            if explained is error:
                raise
            raise explained from error
        if isinstance(result, LabError):
            raise result
        del self._coming[future]
        self._deaths = 0
        return task, result


def _attempt(carry_out: Callable[[_Task], _Result], task: _Task) -> _Result | LabError:
    """What a worker does. Errors are results: an executor may print those that are raised."""
    try:
        return carry_out(task)
    except LabError as error:
        return error
