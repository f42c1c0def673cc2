"""The bulk writer: does a job in threads, at an even rate, and counts what etcd acknowledged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, fields
from itertools import chain, islice
from threading import Event, Lock
from typing import Protocol

from etcdlab.client.retry import Retrier
from etcdlab.errors import LabError, ServerError
from etcdlab.executor.task_pool import REFRESH
from etcdlab.keys import NAMED
from etcdlab.load.job import Item, Job
from etcdlab.load.latency import Latencies


@dataclass
class Tally:
    """The counts of a load.

    `acknowledged` and `failed` count keys; `bytes` are those of the acknowledged keys and
    values; `requests` were acknowledged; `sent` and `received` are the bytes of the bodies.
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
    """An error, the number of keys that failed with it, and the first NAMED of them."""

    error: LabError
    keys: int = 0
    first: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a load; it attempted acknowledged + failed keys."""

    tally: Tally
    seconds: float
    latencies: Latencies
    failures: list[Failure]


OnProgress = Callable[[Tally], object]
"""Is given the counts so far, about every REFRESH seconds."""


class Writer(Protocol):
    """Does a job, for the indexes that it is given."""

    latencies: Latencies

    def write(self, indexes: Iterable[int], on_progress: OnProgress) -> Outcome:
        """Write the items of the indexes, and report progress meanwhile."""


@dataclass
class BulkWriter:
    """Does a job in threads of this process.

    `n` is the number of indexes (None: unknown), which may need fewer threads than the job
    has. After `duration` seconds (0: no limit) no more requests are begun. `stop` ends the
    load early: the caller sets it, or a batch that failed.
    """

    job: Job
    n: int | None
    stop: Event
    duration: float = 0.0
    latencies: Latencies = field(default_factory=Latencies, init=False)
    batch: int = field(init=False)
    _tallies: list[Tally] = field(default_factory=list, init=False)
    _failures: dict[str, Failure] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)
    _claimed: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.batch = self.job.batch

    def write(self, indexes: Iterable[int], on_progress: OnProgress) -> Outcome:
        """Implement Writer."""
        self._indexes: Iterator[int] = iter(indexes)
        threads = self.job.threads_for(self.n)
        self._tallies = [Tally() for _ in range(threads)]
        self._begin = time.monotonic()
        with ThreadPoolExecutor(threads) as pool:
            futures = [pool.submit(self._work, thread) for thread in range(threads)]
            self._watch(futures, on_progress)
        seconds = time.monotonic() - self._begin
        return Outcome(self._sum(), seconds, self.latencies, list(self._failures.values()))

    def _sum(self) -> Tally:
        return sum(self._tallies, Tally())

    def _watch(self, futures: list[Future[None]], on_progress: OnProgress) -> None:
        """Report progress until every thread has ended; an unexpected error ends them all."""
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

    def _work(self, thread: int) -> None:
        """Take batches, wait until each is due, and write it; one thread's work."""
        tally = self._tallies[thread]
        try:
            client = self.job.connect(thread)
        except LabError as error:
            self._fail(error, [])
            return
        retrier = Retrier(client, self.job.timeout, self.stop)
        try:
            while True:
                indexes, due = self._claim()
                if not indexes:
                    return
                items = self.job.items(indexes)
                if due and self.stop.wait(max(0.0, due - time.monotonic())):
                    return
                self._write(retrier, items, thread, due or time.monotonic())
                tally.retries = retrier.retries
                tally.sent, tally.received = client.sent_bytes, client.received_bytes
        finally:
            client.close()

    def _claim(self) -> tuple[list[int], float]:
        """Return the indexes of the next batch, none at the end, and when it is due.

        That is in seconds of time.monotonic(); 0 without a rate.
        """
        with self._lock:
            rate = self.job.rate
            due = self._begin + self._claimed / rate if rate else 0.0
            end = self._begin + self.duration if self.duration else float("inf")
            if self.stop.is_set() or max(due, time.monotonic()) >= end:
                return [], due
            indexes = list(islice(self._indexes, self.batch))
            self._claimed += len(indexes)
            return indexes, due

    def _write(self, retrier: Retrier, items: Sequence[Item], thread: int, due: float) -> None:
        """Write a batch; in two halves if etcd finds it too large."""
        tally = self._tallies[thread]
        error = retrier.send(lambda: self.job.send(retrier.client, items, thread))
        if error is None:
            self.latencies.record(time.monotonic() - due)
            tally.requests += 1
            tally.acknowledged += len(items)
            tally.bytes += sum(map(len, chain.from_iterable(items)))
        elif isinstance(error, ServerError) and error.is_too_large and len(items) > 1:
            half = len(items) // 2
            with self._lock:
                self.batch = min(self.batch, half)
            self._write(retrier, items[:half], thread, due)
            self._write(retrier, items[half:], thread, due)
        else:
            tally.failed += len(items)
            self._fail(error, items)

    def _fail(self, error: LabError, items: Sequence[Item]) -> None:
        """Note why items failed, and end the load: the next ones would fail as well."""
        with self._lock:
            failure = self._failures.setdefault(str(error), Failure(error))
            failure.keys += len(items)
            failure.first += [key for key, _ in items[: NAMED - len(failure.first)]]
        self.stop.set()
