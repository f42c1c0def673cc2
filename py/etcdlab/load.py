"""A load from beginning to end: does it fit, write, keep leases, tell how it went."""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext

from etcdlab.bulk import BulkWriter, Item, MakeItems, Outcome, Send
from etcdlab.cli import Interruption, note
from etcdlab.client import Client
from etcdlab.connect import Settings, connect
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, LabError
from etcdlab.lease_keeper import LeaseKeeper
from etcdlab.limits import COMMIT_INTERVAL
from etcdlab.load_report import LoadReport, describe
from etcdlab.payloads import Payloads
from etcdlab.progress import LoadProgress, progress_bar
from etcdlab.server_view import ServerView, free_space, look
from etcdlab.space import estimate
from etcdlab.tables import print_result
from etcdlab.verify import keys_of


class Load:
    """What the faker's flags ask to be written or deleted."""

    def __init__(
        self, flags: argparse.Namespace, settings: Settings, payloads: Payloads, batch: int
    ) -> None:
        self._flags = flags
        self._settings = settings
        self._payloads = payloads
        self._batch = batch

    def write_all(self) -> int:
        """Write every key, or as many as there is time for; the exit status."""
        if self._flags.duration:
            return self.write(itertools.count(self._flags.start), None)
        return self.write(self._indexes(), self._flags.n)

    def write(self, indexes: Iterable[int], n: int | None) -> int:
        """Write the keys of the indexes, `n` of them if that is known; the exit status.

        Raises LabError when they would not fit into etcd's quota.
        """
        before = look(self._settings)
        if n and not self._flags.force:
            self._need_space(n, before)
        workers = self._workers(n)
        keeper = self._leases(workers)
        with keeper or nullcontext():
            leases = keeper.ids if keeper else [0] * workers

            def put(client: Client, items: Sequence[Item], worker: int) -> None:
                client.put_all(items, leases[worker])

            status = self._run(put, self._items, indexes, n, workers, before)
        if keeper and keeper.lost:
            note(f"{len(keeper.lost)} leases ended during the load: their keys are gone")
            return status or EXIT_FAILED
        return status

    def delete(self) -> int:
        """Delete every key; the exit status."""

        def delete(client: Client, items: Sequence[Item], worker: int) -> None:
            client.delete_all([key for key, _ in items])

        n = self._flags.n
        before = look(self._settings)
        return self._run(delete, self._keys, self._indexes(), n, self._workers(n), before)

    def _indexes(self) -> range:
        return range(self._flags.start, self._flags.start + self._flags.n)

    def _workers(self, n: int | None) -> int:
        """No more threads than there are batches, but one."""
        return self._flags.c if n is None else max(1, min(self._flags.c, -(-n // self._batch)))

    def _items(self, indexes: Sequence[int]) -> Sequence[Item]:
        values = map(self._payloads.value, indexes)
        return list(zip(keys_of(self._flags.prefix, indexes), values, strict=True))

    def _keys(self, indexes: Sequence[int]) -> Sequence[Item]:
        return [(key, b"") for key in keys_of(self._flags.prefix, indexes)]

    def _leases(self, workers: int) -> LeaseKeeper | None:
        """A lease to each worker, where keys are to be bound to them."""
        if not self._flags.ttl:
            return None
        ttl = math.ceil(self._flags.ttl)
        return LeaseKeeper(lambda: connect(self._settings), ttl, workers)

    def _need_space(self, n: int, views: Sequence[ServerView]) -> None:
        """Raise LabError when n keys are more than the fullest member has room for."""
        free = free_space(views)
        needed = estimate(self._items, self._indexes()) * n // self._flags.n
        if free is not None and needed > free:
            raise LabError(
                f"{n} keys take about {needed / 1e6:.0f} MB of etcd's database, and"
                f" {max(free, 0) / 1e6:.0f} MB are left of its quota: write fewer, give space"
                " back with 'make tidy', or -force"
            )

    def _run(
        self,
        send: Send,
        items: MakeItems,
        indexes: Iterable[int],
        n: int | None,
        workers: int,
        before: Sequence[ServerView],
    ) -> int:
        flags = self._flags
        with Interruption() as interruption, progress_bar(n, "keys") as bar:
            writer = BulkWriter(
                connect=lambda worker: connect(self._settings, first=worker),
                items=items,
                send=send,
                workers=workers,
                batch=self._batch,
                timeout=flags.timeout,
                stop=interruption.stop,
                rate=flags.rate or 0.0,
                duration=flags.duration or 0.0,
            )
            progress = LoadProgress(bar, n, writer.latencies)
            outcome = writer.write(indexes, progress.update)
        time.sleep(COMMIT_INTERVAL)
        report = LoadReport(n, outcome, before, look(self._settings))
        if flags.o == "json":
            print_result(report.as_json())
        else:
            print(report.tables(flags.hist))
        return _status(report, outcome, interruption.happened)


def _status(report: LoadReport, outcome: Outcome, interrupted: bool) -> int:
    """Say what was not done, and why; the exit status that goes with it."""
    left = f"; {report.not_tried} more were not tried" if report.not_tried else ""
    for failure in outcome.failures:
        note(describe(failure) + left)
    if interrupted:
        of = "" if report.n is None else f" of {report.n}"
        note(f"interrupted: {outcome.tally.acknowledged}{of} keys were acknowledged")
        return EXIT_INTERRUPTED
    return EXIT_FAILED if outcome.failures else EXIT_DONE
