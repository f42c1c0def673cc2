"""A load from beginning to end: check the space, write, keep the leases, print the report."""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace

from etcdlab.cli.main import Interruption, note
from etcdlab.cli.progress import progress_bar
from etcdlab.cli.tables import print_result
from etcdlab.client.connect import connect
from etcdlab.client.lease_keeper import LeaseKeeper
from etcdlab.client.member_stats import MemberStats, free_space, read_member_stats
from etcdlab.dataset.size_estimate import estimate
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, LabError
from etcdlab.executor.flags import executor_of
from etcdlab.limits import COMMIT_INTERVAL
from etcdlab.load.distributed import writer_on
from etcdlab.load.job import DataSetJob
from etcdlab.load.progress import LoadProgress
from etcdlab.load.report import LoadReport, describe
from etcdlab.load.writer import Outcome


class Load:
    """The load that the faker's flags ask for."""

    def __init__(self, flags: argparse.Namespace, job: DataSetJob) -> None:
        self._flags = flags
        self._job = job

    def write_all(self) -> int:
        """Write every key, or as many as -duration allows; return the exit status."""
        if self._flags.duration:
            return self.write(itertools.count(self._flags.start), None)
        return self.write(self._indexes(), self._flags.n)

    def write(self, indexes: Iterable[int], n: int | None) -> int:
        """Write the keys of the `n` indexes (None: unknown); return the exit status.

        Raises LabError if they would not fit into etcd's quota.
        """
        before = read_member_stats(self._job.settings)
        if n and not self._flags.force:
            self._need_space(n, before)
        keeper = self._leases(n)
        with keeper or nullcontext():
            job = replace(self._job, leases=tuple(keeper.ids)) if keeper else self._job
            status = self._run(job, indexes, n, before)
        if keeper and keeper.lost:
            note(f"{len(keeper.lost)} leases ended during the load: their keys are gone")
            return status or EXIT_FAILED
        return status

    def delete(self) -> int:
        """Delete every key; return the exit status."""
        return self._run(
            self._job, self._indexes(), self._flags.n, read_member_stats(self._job.settings)
        )

    def _indexes(self) -> range:
        return range(self._flags.start, self._flags.start + self._flags.n)

    def _leases(self, n: int | None) -> LeaseKeeper | None:
        """Return a keeper of a lease for each thread; None without -ttl."""
        if not self._flags.ttl:
            return None
        settings, ttl = self._job.settings, math.ceil(self._flags.ttl)
        return LeaseKeeper(lambda: connect(settings), ttl, self._job.threads_for(n))

    def _need_space(self, n: int, views: Sequence[MemberStats]) -> None:
        """Raise LabError if n keys take more space than the fullest member has left."""
        free = free_space(views)
        needed = estimate(self._job.items, self._indexes()) * n // self._flags.n
        if free is not None and needed > free:
            raise LabError(
                f"{n} keys take about {needed / 1e6:.0f} MB of etcd's database, and"
                f" {max(free, 0) / 1e6:.0f} MB are left of its quota: write fewer, give space"
                " back with 'make tidy', or -force"
            )

    def _run(
        self, job: DataSetJob, indexes: Iterable[int], n: int | None, before: Sequence[MemberStats]
    ) -> int:
        flags = self._flags
        with (
            Interruption() as interruption,
            executor_of(flags.executor, flags.workers) as executor,
            progress_bar(n, "keys") as bar,
        ):
            duration = flags.duration or 0.0
            writer = writer_on(executor, job, n, interruption.stop, duration)
            progress = LoadProgress(bar, n, writer.latencies)
            outcome = writer.write(indexes, progress.update)
        time.sleep(COMMIT_INTERVAL)
        report = LoadReport(n, outcome, before, read_member_stats(job.settings))
        if flags.o == "json":
            print_result(report.as_json())
        else:
            print(report.tables(flags.hist))
        return _status(report, outcome, interruption.happened)


def _status(report: LoadReport, outcome: Outcome, interrupted: bool) -> int:
    """Say what was not done, and why; return the exit status."""
    left = f"; {report.not_tried} more were not tried" if report.not_tried else ""
    for failure in outcome.failures:
        note(describe(failure) + left)
    if interrupted:
        of = "" if report.n is None else f" of {report.n}"
        note(f"interrupted: {outcome.tally.acknowledged}{of} keys were acknowledged")
        return EXIT_INTERRUPTED
    return EXIT_FAILED if outcome.failures else EXIT_DONE
