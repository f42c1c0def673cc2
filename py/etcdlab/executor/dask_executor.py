"""An engine of a Dask cluster's workers, on any number of machines."""

from __future__ import annotations

import asyncio
import logging
import pickle
import socket
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from etcdlab.errors import LabError
from etcdlab.executor.executors import DASK

PATIENCE = 10  # seconds for a scheduler to answer, and to have workers


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
        """As Executor has it."""
        future: Future[Any] = self._executor.submit(pickle.loads, pickle.dumps(_Call(call, args)))
        return future

    def has_died(self, error: BaseException) -> bool:
        """A task that lost worker after worker; from a single one Dask itself goes on."""
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def renew(self) -> None:
        """New workers are the cluster's to start."""

    def need_workers(self) -> None:
        """As Executor has it: Dask itself would wait for new ones for ever."""
        if not self._client.nthreads():
            raise LabError(f"{self._name}: has no workers any more: start some with 'dask worker'")

    def explained(self, error: BaseException) -> BaseException:
        """As Executor has it."""
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
        """As Executor has it; the cluster stays."""
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


def quiet_dask() -> None:
    """Have Dask say nothing on stderr: it tells at length what gets a word of ours."""
    logging.disable(logging.CRITICAL)
