"""The bulk writer: batches, many workers, an even pace, an honest count.

What it sends is idempotent (a key always gets the same value), so a batch whose
reply was lost can be sent again without harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, fields
from itertools import chain, islice
from threading import Event, Lock
from typing import Protocol

from etcdlab.client.api import Client
from etcdlab.client.retry import Retrier
from etcdlab.errors import LabError, ServerError
from etcdlab.load.latency import Latencies

Item = tuple[bytes, bytes]
"""Key and value."""
MakeItems = Callable[[Sequence[int]], Sequence[Item]]
"""The items of some indexes, in their order."""
Send = Callable[[Client, Sequence[Item], int], object]
"""One request of a worker's, carried out in whole or not at all."""

REFRESH = 0.1  # seconds between two looks at the workers
NAMED = 3  # keys of a failure that are named


@dataclass
class Tally:
    """What was done: numbers of keys, but `bytes` of their keys and values.

    `requests` were acknowledged; `sent` and `received` are the bytes of the bodies.
    """

    acknowledged: int = 0
    failed: int = 0
    bytes: int = 0
    retries: int = 0
    requests: int = 0
    sent: int = 0
    received: int = 0

    def __add__(self, other: Tally) -> Tally:
        names = [field.name for field in fields(Tally)]
        return Tally(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass
class Failure:
    """An error that keys failed with: how many, and the first of them."""

    error: LabError
    keys: int = 0
    first: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """How a load went. acknowledged + failed is what was attempted."""

    tally: Tally
    seconds: float
    latencies: Latencies
    failures: list[Failure]


OnProgress = Callable[[Tally], object]
"""Is given the count so far, ten times a second."""


class Writer(Protocol):
    """Writes the items of a data set."""

    latencies: Latencies

    def write(self, indexes: Iterable[int], on_progress: OnProgress) -> Outcome:
        """Write the items of the indexes, and return how that went."""


def put(client: Client, items: Sequence[Item], worker: int) -> None:
    """A Send that puts the items."""
    client.put_all(items)


@dataclass
class BulkWriter:
    """Makes the items of indexes and sends them, `batch` to a request, from `workers` threads.

    `connect(worker)` makes a client for one thread. A batch is tried for `timeout`
    seconds. `rate` is how many items a second are due, evenly (0: as fast as can be);
    after `duration` seconds (0: never) no more are taken. `stop` ends the load early,
    from outside or, when a batch has failed, from within.
    """

    connect: Callable[[int], Client]
    items: MakeItems
    workers: int
    batch: int
    timeout: float
    stop: Event
    send: Send = put
    rate: float = 0.0
    duration: float = 0.0
    latencies: Latencies = field(default_factory=Latencies, init=False)
    _tallies: list[Tally] = field(default_factory=list, init=False)
    _failures: dict[str, Failure] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)
    _claimed: int = field(default=0, init=False)

    def write(self, indexes: Iterable[int], on_progress: OnProgress) -> Outcome:
        """Write the items of the indexes; `on_progress` gets the count, now and then."""
        self._indexes: Iterator[int] = iter(indexes)
        self._tallies = [Tally() for _ in range(self.workers)]
        self._begin = time.monotonic()
        with ThreadPoolExecutor(self.workers) as pool:
            futures = [pool.submit(self._work, worker) for worker in range(self.workers)]
            self._watch(futures, on_progress)
        seconds = time.monotonic() - self._begin
        return Outcome(self._sum(), seconds, self.latencies, list(self._failures.values()))

    def _sum(self) -> Tally:
        return sum(self._tallies, Tally())

    def _watch(self, futures: list[Future[None]], on_progress: OnProgress) -> None:
        """Report until every worker is done; an unexpected error ends them all."""
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, REFRESH, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                on_progress(self._sum())
        except BaseException:
            self.stop.set()
            raise

    def _work(self, worker: int) -> None:
        """What one thread does: take a batch, wait until it is due, write it."""
        tally = self._tallies[worker]
        try:
            client = self.connect(worker)
        except LabError as error:
            self._fail(error, [])
            return
        retrier = Retrier(client, self.timeout, self.stop)
        try:
            while True:
                indexes, due = self._claim()
                if not indexes:
                    return
                items = self.items(indexes)
                if due and self.stop.wait(max(0.0, due - time.monotonic())):
                    return
                self._write(retrier, items, worker, due or time.monotonic())
                tally.retries = retrier.retries
                tally.sent, tally.received = client.sent_bytes, client.received_bytes
        finally:
            client.close()

    def _claim(self) -> tuple[list[int], float]:
        """The next batch of indexes, none when all is done, and when it is due.

        That is a time of the monotonic clock, in seconds; 0 without a rate.
        """
        with self._lock:
            due = self._begin + self._claimed / self.rate if self.rate else 0.0
            end = self._begin + self.duration if self.duration else float("inf")
            if self.stop.is_set() or max(due, time.monotonic()) >= end:
                return [], due
            indexes = list(islice(self._indexes, self.batch))
            self._claimed += len(indexes)
            return indexes, due

    def _write(self, retrier: Retrier, items: Sequence[Item], worker: int, due: float) -> None:
        """Write one batch; in two halves where etcd finds it too large."""
        tally = self._tallies[worker]
        error = retrier.send(lambda: self.send(retrier.client, items, worker))
        if error is None:
            self.latencies.record(time.monotonic() - due)
            tally.requests += 1
            tally.acknowledged += len(items)
            tally.bytes += sum(map(len, chain.from_iterable(items)))
        elif isinstance(error, ServerError) and error.is_too_large and len(items) > 1:
            half = len(items) // 2
            with self._lock:
                self.batch = min(self.batch, half)
            self._write(retrier, items[:half], worker, due)
            self._write(retrier, items[half:], worker, due)
        else:
            tally.failed += len(items)
            self._fail(error, items)

    def _fail(self, error: LabError, items: Sequence[Item]) -> None:
        """Keep why items failed, and end the load: what follows would fail too."""
        with self._lock:
            failure = self._failures.setdefault(str(error), Failure(error))
            failure.keys += len(items)
            failure.first += [key for key, _ in items[: NAMED - len(failure.first)]]
        self.stop.set()
