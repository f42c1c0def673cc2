"""A scan on an executor: workers read shards of the range, and their aggregates are merged."""

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
from etcdlab.scan.pages import MAX_REPLY_BYTES, retry_if_compacted
from etcdlab.scan.windows import (
    FIRST_PAGE,
    Plan,
    Sample,
    Window,
    sample_of,
    sample_of_page,
    size_of,
)

SHARD_KEYS = 16_384
SHARD_BYTES = 64 << 20  # of keys and values
SAMPLE_KEYS = 64  # of a shard, which tell how dense its keys are
# A worker that finds so many times as many keys as expected reads one page, and gives the
# rest back.
_OVERFULL = 2

_Aggregate = TypeVar("_Aggregate", bound=Aggregate)


@dataclass(frozen=True)
class ScanShard:
    """A window of a scan, with about SHARD_KEYS keys for one worker to read."""

    scan: Scan[Any]
    window: Window


def read_shard(shard: ScanShard) -> tuple[Sample, Any]:
    """Read a shard, or its first page if it is overfull; return a sample and the aggregate."""
    scan, window = shard.scan, shard.window
    aggregate = scan.new_aggregate()
    keys: list[bytes] = []
    size = left = 0
    with (
        connections(scan.settings, scan.readers, spread=not scan.serializable) as clients,
        closing(scan.pages(clients, (window.key, window.end))) as pages,
    ):
        for number, page in enumerate(pages):
            aggregate.add(page)
            size += size_of(page)
            keys += page.keys
            if number == 0 and page.count > _OVERFULL * window.limit:
                left = page.count - len(page.keys)
                break
    return sample_of(sorted(keys), size, left, SAMPLE_KEYS), aggregate


def run_scan(
    scan: Scan[_Aggregate], executor: Executor, progress: ScanProgress
) -> ScanResult[_Aggregate]:
    """Read the whole range on the executor; raises what scan_pages() raises.

    A scan of the latest revision starts over, at a later one, if that is compacted meanwhile.
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
    """Read the whole range in shards; raises what scan_pages() raises."""
    plan = Plan(scan.key, scan.end, SHARD_KEYS, SHARD_BYTES)
    aggregate = scan.new_aggregate()
    first = plan.take()
    assert first is not None
    with closing(connect(scan.settings)) as client:
        page = _first_page(client, scan)
        endpoint = client.endpoint
    plan.read(first, sample_of_page(page))
    aggregate.add(page)
    on_progress(len(page.keys), page.count)
    at_revision = replace(scan, revision=scan.revision or page.header.revision)

    def next_shard() -> ScanShard | None:
        window = plan.take()
        return window and ScanShard(at_revision, window)

    for done in TaskPool(executor, read_shard).run(next_shard):
        if done:
            shard, (sample, part) = done
            plan.read(shard.window, sample)
            aggregate.merge(part)
            on_progress(sample.read, page.count)
    return ScanResult(aggregate, at_revision.revision, endpoint)


def _first_page(client: Client, scan: Scan[Any]) -> Page:
    """Read a few keys, which tell how many there are, how dense, and at which revision."""
    op = Range(
        scan.key,
        scan.end,
        limit=min(scan.batch, FIRST_PAGE),
        revision=scan.revision,
        serializable=scan.serializable,
    )
    return client.ask_page(op, MAX_REPLY_BYTES).decode()
