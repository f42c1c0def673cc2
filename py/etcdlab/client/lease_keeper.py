"""Leases that are kept alive during a load, and expire after it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from etcdlab.client.api import Client
from etcdlab.errors import LabError

_SHARE = 3  # renewals in a lease's time to live, as in etcd's clients


class LeaseKeeper:
    """A context in which a thread keeps `count` leases of `ttl` seconds alive."""

    def __init__(self, connect: Callable[[], Client], ttl: int, count: int) -> None:
        self.ids: list[int] = []
        self.lost: set[int] = set()
        """IDs of leases that ended all the same: their keys are gone."""
        self._client = connect()
        self._ttl = ttl
        self._count = count
        self._done = Event()
        self._thread = Thread(target=self._keep, name="lease keeper", daemon=True)

    def __enter__(self) -> LeaseKeeper:
        """Grant the leases; raises what Client.grant raises."""
        try:
            self.ids = [self._client.grant(self._ttl).id for _ in range(self._count)]
        except LabError:
            self._client.close()
            raise
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()
        self._client.close()

    def _keep(self) -> None:
        while not self._done.wait(self._ttl / _SHARE):
            for lease in self.ids:
                if self._done.is_set():
                    return
                try:
                    if self._client.keep_alive(lease).ttl == 0:
                        self.lost.add(lease)
                except LabError:
                    # Unreachable for now: the next round tries again.
                    self._client.next_endpoint()
