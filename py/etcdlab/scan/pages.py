"""A range as a stream of pages, all at one revision."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from queue import SimpleQueue
from typing import TypeVar

from etcdlab.client.api import Client
from etcdlab.client.types import Page, Range
from etcdlab.errors import ReplyTooLarge, ServerError
from etcdlab.scan.windows import Plan, Window, sample_of_page

READERS = 4
RESTARTS = 3
REPLY_BYTES = 8 << 20  # of the largest reply; where values are large, pages have fewer keys

_Result = TypeVar("_Result")


def scan(
    clients: Sequence[Client],
    key_range: tuple[bytes, bytes],
    *,
    batch: int,
    revision: int = 0,
    serializable: bool = False,
    keys_only: bool = False,
) -> Generator[Page, None, None]:
    """Pages of at most `batch` keys, in the order in which they come in; at least one.

    `key_range` is (key, end), as prefix_range() has it. `revision` 0 is now. The first page
    is the first one of the range, and its `count` that of all keys. Its revision is asked
    for on all others, so what is written meanwhile does not show. Each client has a page
    under way while the caller looks at another, and nobody else may use them. Raises what
    Client.ask_page raises.
    """
    key, end = key_range
    how = Range(key, end, revision=revision, serializable=serializable, keys_only=keys_only)
    plan = Plan(key, end, batch)
    free: SimpleQueue[Client] = SimpleQueue()
    for client in clients:
        free.put(client)
    executor = ThreadPoolExecutor(len(clients))
    coming: dict[Future[Callable[[], Page]], Window] = {}
    page = None
    try:
        while True:
            while len(coming) <= len(clients) and (window := plan.take()):
                op = replace(
                    how,
                    key=window.key,
                    range_end=window.end,
                    limit=window.limit,
                    revision=revision,
                )
                coming[executor.submit(_ask, free, op)] = window
            if page:
                yield page
            if not coming:
                return
            wait(coming, return_when=FIRST_COMPLETED)
            future = next(future for future in coming if future.done())
            window = coming.pop(future)
            try:
                page = future.result()()
            except ReplyTooLarge:
                page = None
                plan.too_large(window)
                continue
            revision = revision or page.header.revision
            plan.read(window, sample_of_page(page))
    finally:
        executor.shutdown(cancel_futures=True)


def _ask(free: SimpleQueue[Client], op: Range) -> Callable[[], Page]:
    """What a client that is free gets for the range."""
    client = free.get()
    try:
        return client.ask_page(op, REPLY_BYTES)
    finally:
        free.put(client)


def retry_if_compacted(read: Callable[[], _Result], on_restart: Callable[[], object]) -> _Result:
    """What `read`, which scans, returns: of a later revision, when its own was compacted
    while it read. Calls `on_restart` then; ServerError when that happens again and again.
    """
    for _ in range(RESTARTS):
        try:
            return read()
        except ServerError as error:
            if not error.is_compacted:
                raise
            on_restart()
    return read()
