"""An executor of a Dask cluster's workers, on any number of machines."""

from __future__ import annotations

import asyncio
import logging
import pickle
import socket
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from etcdlab.errors import LabError
from etcdlab.executor.executors import DASK, Executor

SCHEDULER_TIMEOUT = 10  # seconds for a scheduler to answer, and to have workers


class Dask(Executor):
    """The workers of a running Dask cluster.

    A call is sent as bytes for pickle.loads: the scheduler, which looks at what passes
    through it, need not have the lab installed.
    """

    def __init__(self, name: str) -> None:
        """`name` is dask://HOST:PORT; LabError if no scheduler answers there, or has no workers."""
        from distributed import Client

        quiet_dask()
        self._name = name
        address = name.removeprefix(DASK)
        if not _is_scheduler(address):
            raise LabError(f"{name}: no scheduler answers: start one with 'dask scheduler'")
        self._client = Client(f"tcp://{address}", timeout=SCHEDULER_TIMEOUT, set_as_default=False)
        try:
            self._client.wait_for_workers(1, timeout=SCHEDULER_TIMEOUT)
        except asyncio.TimeoutError as error:  # not the built-in one before 3.11
            self.close()
            raise LabError(f"{name}: has no workers: start some with 'dask worker'") from error
        self._pool = self._client.get_executor(pure=False)
        self.workers = sum(self._client.nthreads().values())

    def submit(self, call: Callable[..., Any], *args: object) -> Future[Any]:
        """Implement Executor."""
        future: Future[Any] = self._pool.submit(pickle.loads, pickle.dumps(_Call(call, args)))
        return future

    def has_died(self, error: BaseException) -> bool:
        """Implement Executor; Dask itself carries on after the death of a single worker."""
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def need_workers(self) -> None:
        """Implement Executor; Dask itself would wait for workers for ever."""
        if not self._client.nthreads():
            raise LabError(f"{self._name}: has no workers any more: start some with 'dask worker'")

    def explained(self, error: BaseException) -> BaseException:
        """Implement Executor."""
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
        """Implement Executor; the cluster stays."""
        self._client.close()


def _is_scheduler(address: str) -> bool:
    """Whether a Dask scheduler answers at host:port in time; its client would wait for ever."""
    from distributed import rpc

    async def ask() -> None:
        async with rpc(f"tcp://{address}") as scheduler:
            await scheduler.identity()

    try:
        host, _, port = address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), SCHEDULER_TIMEOUT).close()
        asyncio.run(asyncio.wait_for(ask(), SCHEDULER_TIMEOUT))
    except Exception:  # Another server may answer anything, on which Dask raises anything.
        return False
    return True


class _Call:
    """A call that is carried out where it is unpickled."""

    def __init__(self, call: Callable[..., Any], args: tuple[object, ...]) -> None:
        self._call = call, args

    def __reduce__(self) -> tuple[object, ...]:
        return self._call


def quiet_dask() -> None:
    """Silence Dask's logging: its failures are reported in one line of ours."""
    logging.disable(logging.CRITICAL)
