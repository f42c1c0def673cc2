"""A scan on an executor: shards of its range go out, and what comes back is merged."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from etcdlab.cli.progress import ScanProgress
from etcdlab.client.api import Client
from etcdlab.client.connect import connect, connections
from etcdlab.client.types import Page, Range
from etcdlab.executor.executors import Executor
from etcdlab.executor.task_pool import TaskPool
from etcdlab.scan.aggregate import Aggregate, OnProgress, Scan, ScanResult
from etcdlab.scan.pages import REPLY_BYTES, retry_if_compacted
from etcdlab.scan.windows import (
    FIRST_PAGE,
    Plan,
    Sample,
    Window,
    sample_of,
    sample_of_page,
    size_of,
)

SHARD_KEYS = 16_384  # of a shard
SHARD_BYTES = 64 << 20  # of a shard's keys and values
SAMPLED = 64  # keys that tell how dense those of a shard are
# How many times as many keys as were expected a worker reads before it gives the rest back.
_MOST = 2

_Aggregate = TypeVar("_Aggregate", bound=Aggregate)


@dataclass(frozen=True)
class ScanShard:
    """A window of a scan, with as many keys as one worker reads."""

    scan: Scan[Any]
    window: Window


def read_shard(shard: ScanShard) -> tuple[Sample, Any]:
    """What a worker does: all of the shard, or its first page where that is far too much."""
    scan, window = shard.scan, shard.window
    found = scan.look()
    keys: list[bytes] = []
    size = left = 0
    with (
        connections(scan.settings, scan.readers, spread=not scan.serializable) as clients,
        closing(scan.pages(clients, (window.key, window.end))) as pages,
    ):
        for number, page in enumerate(pages):
            found.add(page)
            size += size_of(page)
            keys += page.keys
            if number == 0 and page.count > _MOST * window.limit:
                left = page.count - len(page.keys)
                break
    return sample_of(sorted(keys), size, left, SAMPLED), found


def run_scan(
    scan: Scan[_Aggregate], executor: Executor, progress: ScanProgress
) -> ScanResult[_Aggregate]:
    """Read it all on the executor.

    Where the latest revision is wanted, a later one is read should that be compacted meanwhile.
    """
    with ExitStack() as stack:
        if executor.in_process:
            clients = connections(scan.settings, scan.readers, not scan.serializable)
            read = partial(scan.read, stack.enter_context(clients), progress.update)
        else:
            read = partial(distributed_scan, executor, scan, progress.update)
        return read() if scan.revision else retry_if_compacted(read, progress.start_over)


def distributed_scan(
    executor: Executor, scan: Scan[_Aggregate], on_progress: OnProgress
) -> ScanResult[_Aggregate]:
    """Read it all by the workers of an executor; raises what scan() raises."""
    plan = Plan(scan.key, scan.end, SHARD_KEYS, SHARD_BYTES)
    found = scan.look()
    first = plan.take()
    assert first is not None
    with closing(connect(scan.settings)) as client:
        page = _first_page(client, scan)
        endpoint = client.endpoint
    plan.read(first, sample_of_page(page))
    found.add(page)
    on_progress(len(page.keys), page.count)
    there = replace(scan, revision=scan.revision or page.header.revision)

    def next_shard() -> ScanShard | None:
        window = plan.take()
        return window and ScanShard(there, window)

    for done in TaskPool(executor, read_shard).run(next_shard):
        if done:
            shard, (sample, part) = done
            plan.read(shard.window, sample)
            found.merge(part)
            on_progress(sample.read, page.count)
    return ScanResult(found, there.revision, endpoint)


def _first_page(client: Client, scan: Scan[Any]) -> Page:
    """A few keys, which say how many there are, how dense, and at which revision."""
    op = Range(
        scan.key,
        scan.end,
        limit=min(scan.batch, FIRST_PAGE),
        revision=scan.revision,
        serializable=scan.serializable,
    )
    return client.ask_page(op, REPLY_BYTES)()
