"""A load on an executor: shards of indexes go out, and what comes back is added up."""

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

SHARD_KEYS = 16_384  # of a shard
SHARDS = 4  # to each worker, at least, where there are enough batches
PACED_SECONDS = 1.0  # of work in a shard, with a rate


@dataclass(frozen=True)
class Shard:
    """A part of a job: `keys` indexes, in runs, for `duration` seconds at most (0: no limit)."""

    job: DataSetJob
    runs: list[range]
    keys: int
    duration: float = 0.0


def write_shard(shard: Shard) -> Outcome:
    """What a worker does with a shard."""
    indexes = (index for run in shard.runs for index in run)
    writer = BulkWriter(shard.job, shard.keys, Event(), shard.duration)
    return writer.write(indexes, lambda tally: None)


def writer_on(
    executor: Executor, job: DataSetJob, n: int | None, stop: Event, duration: float = 0.0
) -> Writer:
    """Return what does the job on the executor, for `n` keys (None: for `duration` seconds)."""
    if executor.in_process:
        return BulkWriter(job, n, stop, duration)
    return DistributedWriter(executor, job, n, stop, duration)


@dataclass
class DistributedWriter:
    """Does a job as BulkWriter does, by the workers of an executor.

    `stop` has no more shards handed out: those that workers are at are done first.
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
        """Write the items of the indexes; `on_progress` gets the count, now and then."""
        begin = time.monotonic()
        self._end = begin + (self.duration or math.inf)
        shards = self._shards(indexes)
        # With a time limit, a shard that waits would be late.
        pool = TaskPool(self.executor, write_shard, ahead=0 if self.duration else 1)
        try:
            for done in pool.run(lambda: next(shards, None)):
                if done:
                    self._add(done[1])
                on_progress(self._tally)
        except LabError as error:  # of the executor: nobody knows how far the shards came
            self._give_up(error, pool.unfinished)
        seconds = time.monotonic() - begin
        return Outcome(self._tally, seconds, self.latencies, list(self._failures.values()))

    def _shards(self, indexes: Iterable[int]) -> Iterator[Shard]:
        job = replace(self.job, rate=self.job.rate / self.executor.workers)
        rest = iter(indexes)
        while not self.stop.is_set():
            left = self._end - time.monotonic()
            some = list(islice(rest, self._size())) if left > 0 else []
            if not some:
                return
            yield Shard(job, runs_of(some), len(some), left if self.duration else 0.0)

    def _size(self) -> int:
        """How many keys a shard has."""
        size = SHARD_KEYS
        if self.n:
            size = min(size, -(-self.n // (SHARDS * self.executor.workers)))
        if self.job.rate:
            size = min(size, int(PACED_SECONDS * self.job.rate / self.executor.workers))
        return max(size, self.job.batch)

    def _give_up(self, error: LabError, shards: Sequence[Shard]) -> None:
        """Count shards in that were not acknowledged, whether or not they are there."""
        keys = sum(shard.keys for shard in shards)
        some = (index for shard in shards for run in shard.runs for index in run[:NAMED])
        first = sorted(keys_of(self.job.prefix, some))[:NAMED]
        self._add(Outcome(Tally(failed=keys), 0.0, Latencies(), [Failure(error, keys, first)]))

    def _add(self, outcome: Outcome) -> None:
        """Count a shard in. Where one failed, the next ones would fail too."""
        self._tally += outcome.tally
        self.latencies.merge(outcome.latencies)
        for failure in outcome.failures:
            known = self._failures.setdefault(str(failure.error), Failure(failure.error))
            known.keys += failure.keys
            known.first = sorted([*known.first, *failure.first])[:NAMED]
            self.stop.set()
