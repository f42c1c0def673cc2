"""What a load does to the keys of a data set, in full: all that a worker has to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from etcdlab.client.api import Client
from etcdlab.client.connect import Settings, connect
from etcdlab.dataset.keys import keys_of
from etcdlab.dataset.payloads import Payloads
from etcdlab.load.writer import BulkWriter, Item


@dataclass(frozen=True)
class Job:
    """Keys to put or delete, `batch` to a request; for numbers see BulkWriter.

    `payloads` make the values to put; without any, keys are deleted. Keys are bound to the
    `leases`, where there are any, a thread's to one of them.
    """

    settings: Settings
    prefix: bytes
    payloads: Payloads | None
    batch: int
    threads: int
    timeout: float
    rate: float = 0.0
    leases: tuple[int, ...] = ()

    def items(self, indexes: Sequence[int]) -> Sequence[Item]:
        """The keys of the indexes, with their values where those are to be put."""
        keys = keys_of(self.prefix, indexes)
        if self.payloads is None:
            return [(key, b"") for key in keys]
        return list(zip(keys, map(self.payloads.value, indexes), strict=True))

    def send(self, client: Client, items: Sequence[Item], thread: int) -> None:
        """One request."""
        if self.payloads is None:
            client.delete_all([key for key, _ in items])
        else:
            client.put_all(items, self.leases[thread % len(self.leases)] if self.leases else 0)

    def threads_for(self, n: int | None) -> int:
        """How many threads write n keys (None: nobody knows): one to a batch, at most."""
        return self.threads if n is None else max(1, min(self.threads, -(-n // self.batch)))

    def writer(self, n: int | None, stop: Event, duration: float = 0.0) -> BulkWriter:
        """What does the job, in threads of this process, for n keys or as long as there is time."""
        return BulkWriter(
            connect=lambda thread: connect(self.settings, first=thread),
            items=self.items,
            send=self.send,
            workers=self.threads_for(n),
            batch=self.batch,
            timeout=self.timeout,
            stop=stop,
            rate=self.rate,
            duration=duration,
        )
