"""A range as pages, all of one revision."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from queue import SimpleQueue
from typing import TypeVar

from etcdlab.client.api import Client, RawPage
from etcdlab.client.types import Page, Range
from etcdlab.errors import ReplyTooLarge, ServerError
from etcdlab.scan.windows import Plan, Window, sample_of_page

READERS = 4  # pages that are read at a time, unless a flag says otherwise
MAX_RESTARTS = 3
MAX_REPLY_BYTES = 8 << 20  # a page that is larger is read again, with fewer keys

_Result = TypeVar("_Result")


def scan_pages(
    clients: Sequence[Client],
    key_range: tuple[bytes, bytes],
    *,
    batch: int,
    revision: int = 0,
    serializable: bool = False,
    keys_only: bool = False,
) -> Generator[Page, None, None]:
    """Yield pages of at most `batch` keys in the order of their arrival; at least one.

    `key_range` is (key, end), as prefix_range() has it. `revision` 0 is the latest one: the
    first page, whose `count` is that of all keys, decides on it for all others. Each client
    reads a page while the caller looks at another; no other thread may use the clients
    meanwhile. Raises what Client.ask_page raises.
    """
    key, end = key_range
    op = Range(key, end, revision=revision, serializable=serializable, keys_only=keys_only)
    plan = Plan(key, end, batch)
    free: SimpleQueue[Client] = SimpleQueue()
    for client in clients:
        free.put(client)
    pool = ThreadPoolExecutor(len(clients))
    running: dict[Future[RawPage], Window] = {}
    page = None
    try:
        while True:
            while len(running) <= len(clients) and (window := plan.take()):
                window_op = replace(
                    op,
                    key=window.key,
                    range_end=window.end,
                    limit=window.limit,
                    revision=revision,
                )
                running[pool.submit(_ask, free, window_op)] = window
            if page:
                yield page
            if not running:
                return
            wait(running, return_when=FIRST_COMPLETED)
            future = next(future for future in running if future.done())
            window = running.pop(future)
            try:
                page = future.result().decode()
            except ReplyTooLarge:
                page = None
                plan.too_large(window)
                continue
            revision = revision or page.header.revision
            plan.read(window, sample_of_page(page))
    finally:
        pool.shutdown(cancel_futures=True)


def _ask(free: SimpleQueue[Client], op: Range) -> RawPage:
    """Ask for a page with a client that is free."""
    client = free.get()
    try:
        return client.ask_page(op, MAX_REPLY_BYTES)
    finally:
        free.put(client)


def retry_if_compacted(read: Callable[[], _Result], on_restart: Callable[[], object]) -> _Result:
    """Call `read`, and again, at most MAX_RESTARTS times, if its revision is compacted meanwhile.

    Calls `on_restart` before each repetition. Raises the ServerError of the last one.
    """
    for _ in range(MAX_RESTARTS):
        try:
            return read()
        except ServerError as error:
            if not error.is_compacted:
                raise
            on_restart()
    return read()
