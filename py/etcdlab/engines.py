"""Engines: what carries out tasks, behind the interface of concurrent.futures.

Processes on this machine, or the workers of a Dask cluster on any number of them. A task is
a function of the lab's and what it needs, and both can be pickled.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from importlib.util import find_spec
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import Any, Protocol

from etcdlab.connect import Settings
from etcdlab.endpoints import is_loopback, parse_endpoint
from etcdlab.errors import LabError, UsageError
from etcdlab.flags import Flags, workers_value

THREADS, PROCESSES, DASK = "threads", "processes", "dask://"
_NO_WARNING = "ignore:resource_tracker:UserWarning"
PATIENCE = 10  # seconds for a scheduler to answer, and to have workers


class Engine(Protocol):
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
        "executor",
        executor_value,
        THREADS,
        "what does the work: threads, processes or dask://HOST:PORT",
    )
    flags.add("workers", workers_value, "", "how many processes, else one to a processor")


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


def quiet_dask() -> None:
    """Have Dask say nothing on stderr: it tells at length what gets a word of ours."""
    import logging

    logging.disable(logging.CRITICAL)


@contextmanager
def engine_of(name: str, workers: int | None = None) -> Iterator[Engine | None]:
    """The engine of that name, closed in the end; None where threads of this process do."""
    if name == THREADS:
        yield None
        return
    engine = Processes(workers or os.cpu_count() or 1) if name == PROCESSES else Dask(name)
    with closing(engine):
        yield engine


class Processes:
    """Processes on this machine."""

    dies_whole = True

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.renew()

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """As Engine has it. Processes are started here, one to a task as long as there are few."""
        # They inherit the mask: Ctrl-C is for this process to answer, in good order.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._executor.submit(call, *args)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def has_died(self, error: BaseException) -> bool:
        """As Engine has it."""
        return isinstance(error, BrokenExecutor)

    def renew(self) -> None:
        """As Engine has it."""
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
        """As Engine has it; tasks that run are waited for."""
        self._executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Have this process end when the one that started it is no more, however that ended."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()


class Dask:
    """The workers of a running Dask cluster.

    What is sent are bytes, and the function that a worker opens them with is Python's own:
    so the scheduler, which looks at what passes through it, need not have the lab.
    """

    dies_whole = False

    def __init__(self, name: str) -> None:
        """`name` is dask://HOST:PORT. LabError where no scheduler answers, or has no workers."""
        from distributed import Client

        quiet_dask()
        self._name = name
        address = name.removeprefix(DASK)
        if not _is_scheduler(address):
            raise LabError(f"{name}: no scheduler answers: start one with 'dask scheduler'")
        self._client = Client(f"tcp://{address}", timeout=PATIENCE, set_as_default=False)
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except asyncio.TimeoutError as error:  # up to Python 3.10 one of its own
            self.close()
            raise LabError(f"{name}: has no workers: start some with 'dask worker'") from error
        self._executor = self._client.get_executor(pure=False)
        self.workers = sum(self._client.nthreads().values())

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """As Engine has it."""
        future: Future[Any] = self._executor.submit(pickle.loads, pickle.dumps(_Call(call, args)))
        return future

    def has_died(self, error: BaseException) -> bool:
        """A task that lost worker after worker; from a single one Dask itself goes on."""
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def renew(self) -> None:
        """New workers are the cluster's to start."""

    def need_workers(self) -> None:
        """As Engine has it: Dask itself would wait for new ones for ever."""
        if not self._client.nthreads():
            raise LabError(f"{self._name}: has no workers any more: start some with 'dask worker'")

    def explained(self, error: BaseException) -> BaseException:
        """As Engine has it."""
        if isinstance(error, CancelledError):
            return LabError(f"{self._name}: the scheduler is gone")
        if isinstance(error, ModuleNotFoundError):
            return LabError(
                f"{self._name}: a worker has no module {error.name}: start it in the lab's"
                " venv, with the lab's py/ in PYTHONPATH"
            )
        if isinstance(error, Exception):
            return LabError(f"{self._name}: a worker failed: {type(error).__name__}: {error}")
        return error

    def close(self) -> None:
        """As Engine has it; the cluster stays."""
        self._client.close()


def _is_scheduler(address: str) -> bool:
    """Whether one of Dask's answers at host:port in time. Its client would wait for ever."""
    from distributed import rpc

    async def ask() -> None:
        async with rpc(f"tcp://{address}") as scheduler:
            await scheduler.identity()

    try:
        host, _, port = address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
        asyncio.run(asyncio.wait_for(ask(), PATIENCE))
    except Exception:  # What is no scheduler answers anything, and Dask takes that badly.
        return False
    return True


class _Call:
    """A call that is made where it is unpickled."""

    def __init__(self, call: Callable[..., Any], args: tuple[object, ...]) -> None:
        self._what = call, args

    def __reduce__(self) -> tuple[object, ...]:
        return self._what
