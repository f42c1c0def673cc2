"""What a load does to the keys of a data set, in full: all that a worker has to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from etcdlab.bulk import BulkWriter, Item
from etcdlab.client import Client
from etcdlab.connect import Settings, connect
from etcdlab.payloads import payloads_of
from etcdlab.verify import keys_of


@dataclass(frozen=True)
class Job:
    """Keys to put or delete, `batch` to a request; for numbers see BulkWriter.

    `seed`, `kinds` and `blob_bytes` make the values: see Payloads. Keys are bound to the
    `leases`, where there are any, a thread's to one of them.
    """

    settings: Settings
    prefix: bytes
    seed: int
    kinds: tuple[str, ...]
    blob_bytes: int
    batch: int
    threads: int
    timeout: float
    rate: float = 0.0
    leases: tuple[int, ...] = ()
    is_delete: bool = False

    def items(self, indexes: Sequence[int]) -> Sequence[Item]:
        """The keys of the indexes, with their values where those are to be put."""
        keys = keys_of(self.prefix, indexes)
        if self.is_delete:
            return [(key, b"") for key in keys]
        values = map(payloads_of(self.seed, self.kinds, self.blob_bytes).value, indexes)
        return list(zip(keys, values, strict=True))

    def send(self, client: Client, items: Sequence[Item], thread: int) -> None:
        """One request."""
        if self.is_delete:
            client.delete_all([key for key, _ in items])
        else:
            client.put_all(items, self.leases[thread % len(self.leases)] if self.leases else 0)

    def threads_for(self, n: int | None) -> int:
        """How many threads write n keys (None: nobody knows): one to a batch, at most."""
        return self.threads if n is None else max(1, min(self.threads, -(-n // self.batch)))

    def writer(self, n: int | None, stop: Event, duration: float = 0.0) -> BulkWriter:
        """What does the job, in threads of this process, for n keys or as long as there is time."""
        self.items([0])  # What makes the values takes a while to be made, and once will do.
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
