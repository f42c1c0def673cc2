"""A survey on an engine: stretches of keys go out, and what comes back is merged."""

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

MOST_KEYS = 16_384  # of a stretch
MOST_BYTES = 64 << 20  # of a stretch's keys and values
SAMPLED = 64  # keys that tell how dense those of a stretch are
# How many times as many keys as were expected a worker reads before it gives the rest back.
_MOST = 2

_Aggregate = TypeVar("_Aggregate", bound=Aggregate)


@dataclass(frozen=True)
class ScanShard:
    """A window of a survey, with as many keys as one worker reads."""

    survey: Scan[Any]
    window: Window


def read_shard(stretch: ScanShard) -> tuple[Sample, Any]:
    """What a worker does: all of the stretch, or its first page where that is far too much."""
    survey, window = stretch.survey, stretch.window
    found = survey.look()
    keys: list[bytes] = []
    size = left = 0
    with (
        connections(survey.settings, survey.readers, spread=not survey.serializable) as clients,
        closing(survey.pages(clients, (window.key, window.end))) as pages,
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
    survey: Scan[_Aggregate], engine: Executor | None, progress: ScanProgress
) -> ScanResult[_Aggregate]:
    """Read it all, in threads of this process or by the workers of an engine.

    Where the latest revision is wanted, a later one is read should that be compacted meanwhile.
    """
    with ExitStack() as stack:
        if engine:
            read = partial(distributed_scan, engine, survey, progress.update)
        else:
            clients = connections(survey.settings, survey.readers, not survey.serializable)
            read = partial(survey.read, stack.enter_context(clients), progress.update)
        return read() if survey.revision else retry_if_compacted(read, progress.start_over)


def distributed_scan(
    engine: Executor, survey: Scan[_Aggregate], on_progress: OnProgress
) -> ScanResult[_Aggregate]:
    """Read it all by the workers of an engine; raises what scan() raises."""
    plan = Plan(survey.key, survey.end, MOST_KEYS, MOST_BYTES)
    found = survey.look()
    first = plan.take()
    assert first is not None
    with closing(connect(survey.settings)) as client:
        page = _first_page(client, survey)
        endpoint = client.endpoint
    plan.read(first, sample_of_page(page))
    found.add(page)
    on_progress(len(page.keys), page.count)
    there = replace(survey, revision=survey.revision or page.header.revision)

    def next_shard() -> ScanShard | None:
        window = plan.take()
        return window and ScanShard(there, window)

    for done in TaskPool(engine, read_shard).run(next_shard):
        if done:
            stretch, (sample, part) = done
            plan.read(stretch.window, sample)
            found.merge(part)
            on_progress(sample.read, page.count)
    return ScanResult(found, there.revision, endpoint)


def _first_page(client: Client, survey: Scan[Any]) -> Page:
    """A few keys, which say how many there are, how dense, and at which revision."""
    op = Range(
        survey.key,
        survey.end,
        limit=min(survey.batch, FIRST_PAGE),
        revision=survey.revision,
        serializable=survey.serializable,
    )
    return client.ask_page(op, REPLY_BYTES)()
