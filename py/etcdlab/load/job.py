"""Jobs: what a load writes, with all that a worker on another machine has to know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from etcdlab.client.api import Client
from etcdlab.client.connect import Settings, connect
from etcdlab.dataset.keys import keys_of
from etcdlab.dataset.payloads import Payloads

Item = tuple[bytes, bytes]
"""Key and value."""


@dataclass(frozen=True, kw_only=True)
class Job(ABC):
    """Puts the items of some indexes, `batch` to a request, from `threads` threads.

    A request is retried for `timeout` seconds. `rate` is the number of items due in a
    second, evenly (0: as fast as can be). Requests must be idempotent: one whose reply was
    lost is sent again.
    """

    settings: Settings
    batch: int
    threads: int
    timeout: float
    rate: float = 0.0

    def threads_for(self, n: int | None) -> int:
        """Return how many threads write n keys (None: unknown): at most one to a batch."""
        return self.threads if n is None else max(1, min(self.threads, -(-n // self.batch)))

    def connect(self, thread: int) -> Client:
        """Make the client of a thread; raises what connect() raises."""
        return connect(self.settings, first=thread)

    @abstractmethod
    def items(self, indexes: Sequence[int]) -> Sequence[Item]:
        """Make the items of the indexes, in their order."""

    def send(self, client: Client, items: Sequence[Item], thread: int) -> None:
        """Make one request, which etcd carries out in whole or not at all."""
        client.put_all(items)


@dataclass(frozen=True, kw_only=True)
class DataSetJob(Job):
    """Puts or deletes keys of a data set under `prefix`.

    `payloads` make the values to put; if None, the keys are deleted. A thread binds its
    keys to one of the `leases`, if there are any.
    """

    prefix: bytes
    payloads: Payloads | None
    leases: tuple[int, ...] = ()

    def items(self, indexes: Sequence[int]) -> Sequence[Item]:
        """Make keys with their values, which are empty where keys are deleted."""
        keys = keys_of(self.prefix, indexes)
        if self.payloads is None:
            return [(key, b"") for key in keys]
        return list(zip(keys, map(self.payloads.value, indexes), strict=True))

    def send(self, client: Client, items: Sequence[Item], thread: int) -> None:
        """Put or delete the items in one request."""
        if self.payloads is None:
            client.delete_all([key for key, _ in items])
        else:
            client.put_all(items, self.leases[thread % len(self.leases)] if self.leases else 0)
