"""The bulk writer: batches of puts, many workers, retries, an honest count.

Every put is idempotent here (a key always gets the same value), so a batch whose
reply was lost can be sent again without harm.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event, Lock

from etcdlab.client import Client
from etcdlab.errors import ConnectionLost, LabError, ServerError, Unreachable, UsageError
from etcdlab.keys import show

Item = tuple[bytes, bytes]

# etcd's defaults, --max-txn-ops and --max-request-bytes:
# https://etcd.io/docs/v3.5/op-guide/configuration/
MAX_TXN_OPS = 128
MAX_REQUEST_BYTES = 1536 * 1024
# What a put and a request take besides key and value, generously.
PUT_OVERHEAD = 32
REQUEST_OVERHEAD = 512

FIRST_WAIT = 0.05  # seconds before the first retry; doubled for each one after it
LONGEST_WAIT = 2.0
REFRESH = 0.1  # seconds between two looks at the workers


def puts_per_request(largest_value: int, longest_key: int) -> int:
    """How many puts of that size (in bytes) fit into one request, at most MAX_TXN_OPS.

    Raises UsageError when not even one does.
    """
    room = MAX_REQUEST_BYTES - REQUEST_OVERHEAD
    fitting = room // (largest_value + longest_key + PUT_OVERHEAD)
    if fitting == 0:
        raise UsageError(
            f"a value of {largest_value} bytes is more than etcd takes:"
            f" {room - longest_key - PUT_OVERHEAD} at most,"
            f" so that a request stays within {MAX_REQUEST_BYTES} bytes (1.5 MiB)"
        )
    return min(fitting, MAX_TXN_OPS)


@dataclass
class Tally:
    """What was done: numbers of keys, but `bytes`, of their keys and values."""

    acknowledged: int = 0
    failed: int = 0
    bytes: int = 0
    retries: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.acknowledged + other.acknowledged,
            self.failed + other.failed,
            self.bytes + other.bytes,
            self.retries + other.retries,
        )


@dataclass(frozen=True)
class Outcome:
    """How a load went. acknowledged + failed is what was attempted."""

    tally: Tally
    seconds: float
    errors: list[str]
    """Why keys failed, with the first key of each batch; a few of them."""


@dataclass
class BulkWriter:
    """Writes item(0) … item(n - 1), `batch` to a transaction, with `workers` threads.

    `connect(worker)` makes a client for one thread; `timeout` is how many seconds
    a batch may be tried for; `stop` ends the load early, from outside or, when a
    batch has failed, from within.
    """

    connect: Callable[[int], Client]
    item: Callable[[int], Item]
    workers: int
    batch: int
    timeout: float
    stop: Event
    _tallies: list[Tally] = field(default_factory=list, init=False)
    _errors: list[str] = field(default_factory=list, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)
    _next: int = field(default=0, init=False)

    def write(self, n: int, on_progress: Callable[[int], object]) -> Outcome:
        """Write n items; `on_progress` gets the number acknowledged, now and then."""
        self._end = n
        workers = min(self.workers, -(-n // self.batch))
        self._tallies = [Tally() for _ in range(workers)]
        begin = time.monotonic()
        with ThreadPoolExecutor(workers) as executor:
            futures = [executor.submit(self._work, worker) for worker in range(workers)]
            self._watch(futures, on_progress)
        seconds = time.monotonic() - begin
        return Outcome(sum(self._tallies, Tally()), seconds, self._errors)

    def _watch(self, futures: list[Future[None]], on_progress: Callable[[int], object]) -> None:
        """Report until every worker is done; an unexpected error ends them all."""
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, REFRESH, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                on_progress(sum(tally.acknowledged for tally in self._tallies))
        except BaseException:
            self.stop.set()
            raise

    def _work(self, worker: int) -> None:
        client = self.connect(worker)
        try:
            while indexes := self._claim():
                items = [self.item(index) for index in indexes]
                self._write(client, items, self._tallies[worker])
        finally:
            client.close()

    def _claim(self) -> range:
        """The next batch of indexes; empty when there is nothing left to do."""
        if self.stop.is_set():
            return range(0)
        with self._lock:
            begin = self._next
            self._next = min(begin + self.batch, self._end)
            return range(begin, self._next)

    def _write(self, client: Client, items: Sequence[Item], tally: Tally) -> None:
        """Write one batch; in two halves where etcd finds it too large."""
        error = self._try(client, items, tally)
        if error is None:
            tally.acknowledged += len(items)
            tally.bytes += sum(len(key) + len(value) for key, value in items)
        elif isinstance(error, ServerError) and error.is_too_large and len(items) > 1:
            half = len(items) // 2
            with self._lock:
                self.batch = min(self.batch, half)
            self._write(client, items[:half], tally)
            self._write(client, items[half:], tally)
        else:
            tally.failed += len(items)
            with self._lock:
                self._errors.append(f"{show(items[0][0])}: {error}")
            self.stop.set()

    def _try(self, client: Client, items: Sequence[Item], tally: Tally) -> LabError | None:
        """Put the items, again and again while that may help; the last error if it did not."""
        deadline = time.monotonic() + self.timeout
        pause = FIRST_WAIT
        while True:
            try:
                client.put_all(items)
                return None
            except ServerError as refused:
                if not refused.is_passing:
                    return refused
                error: LabError = refused
            except (ConnectionLost, Unreachable) as lost:
                error = lost
            # Half to one and a half of the pause, so that workers do not retry in step.
            pause_now = pause * (0.5 + random.random())  # noqa: S311 - no secret
            if time.monotonic() + pause_now > deadline or self.stop.wait(pause_now):
                return error
            client.next_endpoint()
            tally.retries += 1
            pause = min(2 * pause, LONGEST_WAIT)
