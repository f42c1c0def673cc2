"""The traffic on the cluster: writers, readers, watchers, leases and reports."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from threading import Event, Thread

from etcdlab.chaos.cluster import Cluster
from etcdlab.chaos.history import History
from etcdlab.chaos.model import Model
from etcdlab.chaos.readers import Reader, Reporter
from etcdlab.chaos.watchers import Watcher
from etcdlab.client.api import Client
from etcdlab.client.connect import TRANSPORTS, connect
from etcdlab.client.lease_keeper import LeaseKeeper
from etcdlab.dataset.payloads import Payloads
from etcdlab.errors import LabError
from etcdlab.keys import ZERO, child
from etcdlab.load.job import DataSetJob, Item
from etcdlab.load.writer import BulkWriter, Outcome, Tally

WORKERS = 6  # one to each member over each transport
BATCH = 16
RATE = 4000  # keys a second: what two processors can do beside three members
TIMEOUT = 30.0  # seconds that a batch is retried for
END_DEADLINE = TIMEOUT + 15
LEASES = 2  # over each transport
LEASE_TTL = 10  # seconds
LEASED_KEYS = 3  # of each lease


@dataclass(frozen=True, kw_only=True)
class TrafficJob(DataSetJob):
    """Puts over all transports in turn, and has the model note what became of it."""

    model: Model

    def connect(self, thread: int) -> Client:
        """Make the client of a thread, over one of the transports."""
        turn, transport = divmod(thread, len(TRANSPORTS))
        return connect(replace(self.settings, transport=TRANSPORTS[transport]), first=turn)

    def send(self, client: Client, items: Sequence[Item], thread: int) -> None:
        """Put the items in one request."""
        self.model.put(client, items)


class Traffic:
    """Traffic under one prefix, from entering the block to leaving it."""

    def __init__(self, cluster: Cluster, prefix: bytes, payloads: Payloads) -> None:
        self.prefix = prefix
        self.model = Model()
        self.tally = Tally()
        self.failures: list[LabError] = []
        self.crashes: list[str] = []
        """A line for each thread that ended with an unexpected exception."""
        self.leased: dict[int, list[bytes]] = {}
        """The keys of each lease, by its ID."""
        self.last_key = child(prefix, b"end")
        self._cluster = cluster
        self._payloads = payloads
        self._stop = Event()
        self._stack = ExitStack()
        self._indexes = itertools.count()

    def __enter__(self) -> Traffic:
        """Start everything but the writers."""
        before, threading.excepthook = threading.excepthook, self._crashed
        self._stack.callback(setattr, threading, "excepthook", before)
        cluster = self._cluster
        with closing(connect(cluster.settings(TRANSPORTS[0]))) as client:
            start = client.range(ZERO, count_only=True).revision + 1
        self.history = History(lambda: connect(cluster.settings("native")), start)
        self.watchers = [
            Watcher(transport, self._connect(transport, number), start, self._is_last)
            for number, transport in enumerate(TRANSPORTS)
        ]
        settings = [cluster.traffic_settings(transport) for transport in TRANSPORTS]
        self.readers = [Reader(each, self.model, self._stop) for each in settings]
        self.reporters = [Reporter(each, child(self.prefix, b""), self._stop) for each in settings]
        for thread in (*self.watchers, *self.readers, *self.reporters):
            thread.start()
        self.keepers = [self._keep(transport) for transport in TRANSPORTS]
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._stack.close()

    def _crashed(self, crash: threading.ExceptHookArgs) -> None:
        name = crash.thread.name if crash.thread else "some thread"
        self.crashes.append(f"{name}: broke off: {crash.exc_value!r}")

    def _connect(self, transport: str, first: int) -> Client:
        return connect(self._cluster.traffic_settings(transport), first=first)

    def _is_last(self, event: object) -> bool:
        return getattr(event, "key", None) == self.last_key

    def _keep(self, transport: str) -> LeaseKeeper:
        """Grant leases with keys, and keep them alive until the block ends."""
        settings = self._cluster.settings(transport, LEASE_TTL / 4)
        keeper = LeaseKeeper(lambda: connect(settings), LEASE_TTL, LEASES)
        self._stack.enter_context(keeper)
        with closing(connect(settings)) as client:
            for lease in keeper.ids:
                keys = [child(self.prefix, b"lease/%x/%d" % (lease, n)) for n in range(LEASED_KEYS)]
                client.put_all([(key, b"leased") for key in keys], lease)
                self.leased[lease] = keys
        return keeper

    def write(self, seconds: float) -> Thread:
        """Start to write for so many seconds, in the thread that is returned; see finish()."""
        return self._start(lambda: self._write(self._indexes, seconds))

    def write_again(self) -> None:
        """Write what was tried and not acknowledged, and wait for the end."""
        missing = [key for key in self.model.values if key not in self.model.acknowledged]
        indexes = [int(key[-8:]) for key in missing]
        self.finish(self._start(lambda: self._write(indexes, 0)))

    def finish(self, thread: Thread) -> None:
        """Wait for a thread of writers; LabError if it does not end in time."""
        thread.join(END_DEADLINE)
        if thread.is_alive():
            raise LabError("the load did not end in time: the cluster does not take it")

    def end(self) -> None:
        """Stop reading and reporting; watches and leases go on until the block ends."""
        self._stop.set()
        deadline = time.monotonic() + END_DEADLINE
        for thread in (*self.readers, *self.reporters):
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                raise LabError(f"the {thread.name} did not end in time")

    def _start(self, work: Callable[[], None]) -> Thread:
        thread = Thread(target=work, name="writers", daemon=True)
        thread.start()
        return thread

    def _write(self, indexes: Iterable[int], seconds: float) -> None:
        job = TrafficJob(
            settings=self._cluster.traffic_settings(TRANSPORTS[0]),
            batch=BATCH,
            threads=WORKERS,
            timeout=TIMEOUT,
            rate=RATE,
            prefix=self.prefix,
            payloads=self._payloads,
            model=self.model,
        )
        writer = BulkWriter(job, None, Event(), seconds)
        self._count(writer.write(indexes, lambda tally: self._stop_with(writer)))

    def _stop_with(self, writer: BulkWriter) -> None:
        if self._stop.is_set():
            writer.stop.set()

    def _count(self, outcome: Outcome) -> None:
        self.tally += outcome.tally
        self.failures += [failure.error for failure in outcome.failures]
