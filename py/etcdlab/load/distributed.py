"""A load on an executor: workers write shards of the indexes, and their outcomes are added up."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from threading import Event

from etcdlab.dataset.keys import keys_of, runs_of
from etcdlab.errors import LabError
from etcdlab.executor.executors import Executor
from etcdlab.executor.task_pool import TaskPool
from etcdlab.keys import NAMED
from etcdlab.load.job import DataSetJob
from etcdlab.load.latency import Latencies
from etcdlab.load.writer import BulkWriter, Failure, OnProgress, Outcome, Tally, Writer

SHARD_KEYS = 16_384
SHARDS = 4  # to each worker, at least, if there are enough batches
PACED_SECONDS = 1.0  # that a shard takes, with a rate


@dataclass(frozen=True)
class LoadShard:
    """A part of a job: `keys` indexes, in runs, and `duration` seconds at most (0: no limit)."""

    job: DataSetJob
    runs: list[range]
    keys: int
    duration: float = 0.0


def write_shard(shard: LoadShard) -> Outcome:
    """Write a shard; the task of a worker."""
    indexes = (index for run in shard.runs for index in run)
    writer = BulkWriter(shard.job, shard.keys, Event(), shard.duration)
    return writer.write(indexes, lambda tally: None)


def writer_on(
    executor: Executor, job: DataSetJob, n: int | None, stop: Event, duration: float = 0.0
) -> Writer:
    """Return a writer that does the job on the executor; for the arguments see BulkWriter."""
    if executor.in_process:
        return BulkWriter(job, n, stop, duration)
    return DistributedWriter(executor, job, n, stop, duration)


@dataclass
class DistributedWriter:
    """Does a job in shards, by the workers of an executor; for the fields see BulkWriter.

    Once `stop` is set, no more shards are submitted; those that were are completed.
    """

    executor: Executor
    job: DataSetJob
    n: int | None
    stop: Event
    duration: float = 0.0
    latencies: Latencies = field(default_factory=Latencies, init=False)
    _tally: Tally = field(default_factory=Tally, init=False)
    _failures: dict[str, Failure] = field(default_factory=dict, init=False)

    def write(self, indexes: Iterable[int], on_progress: OnProgress) -> Outcome:
        """Implement Writer."""
        begin = time.monotonic()
        self._end = begin + (self.duration or math.inf)
        shards = self._shards(indexes)
        # With a time limit, a shard that waits for a worker would be late.
        pool = TaskPool(self.executor, write_shard, ahead=0 if self.duration else 1)
        try:
            for done in pool.run(lambda: next(shards, None)):
                if done:
                    self._add(done[1])
                on_progress(self._tally)
        except LabError as error:  # The executor failed: nobody knows how far the shards came.
            self._give_up(error, pool.unfinished)
        seconds = time.monotonic() - begin
        return Outcome(self._tally, seconds, self.latencies, list(self._failures.values()))

    def _shards(self, indexes: Iterable[int]) -> Iterator[LoadShard]:
        job = replace(self.job, rate=self.job.rate / self.executor.workers)
        rest = iter(indexes)
        while not self.stop.is_set():
            left = self._end - time.monotonic()
            some = list(islice(rest, self._size())) if left > 0 else []
            if not some:
                return
            yield LoadShard(job, runs_of(some), len(some), left if self.duration else 0.0)

    def _size(self) -> int:
        """Return the number of keys of a shard."""
        size = SHARD_KEYS
        if self.n:
            size = min(size, -(-self.n // (SHARDS * self.executor.workers)))
        if self.job.rate:
            size = min(size, int(PACED_SECONDS * self.job.rate / self.executor.workers))
        return max(size, self.job.batch)

    def _give_up(self, error: LabError, shards: Sequence[LoadShard]) -> None:
        """Count all keys of the shards as failed, though etcd may hold some of them."""
        keys = sum(shard.keys for shard in shards)
        some = (index for shard in shards for run in shard.runs for index in run[:NAMED])
        first = sorted(keys_of(self.job.prefix, some))[:NAMED]
        self._add(Outcome(Tally(failed=keys), 0.0, Latencies(), [Failure(error, keys, first)]))

    def _add(self, outcome: Outcome) -> None:
        """Count the outcome of a shard in; end the load if keys failed, as the next ones would."""
        self._tally += outcome.tally
        self.latencies.merge(outcome.latencies)
        for failure in outcome.failures:
            known = self._failures.setdefault(str(failure.error), Failure(failure.error))
            known.keys += failure.keys
            known.first = sorted([*known.first, *failure.first])[:NAMED]
            self.stop.set()
