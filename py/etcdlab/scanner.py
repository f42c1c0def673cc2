"""A prefix as a stream of pages, all at one revision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from etcdlab.client import Client
from etcdlab.keys import next_key, prefix_range
from etcdlab.records import RangeReply


def scan(
    client: Client,
    prefix: bytes,
    *,
    batch: int,
    serializable: bool = False,
    keys_only: bool = False,
) -> Iterator[RangeReply]:
    """Pages of at most `batch` keys, ascending; at least one page, perhaps empty.

    The first page's revision is asked for on all later ones, so what is written
    meanwhile does not show. Raises what Client.range raises.
    """
    yield from scan_between(
        client,
        prefix_range(prefix),
        batch=batch,
        serializable=serializable,
        keys_only=keys_only,
    )


def scan_between(
    client: Client,
    bounds: Sequence[bytes],
    *,
    batch: int,
    serializable: bool = False,
    keys_only: bool = False,
) -> Iterator[RangeReply]:
    """Pages of the keys from the first of `bounds` up to the last; none crosses a bound.

    etcd counts a range to its end whatever the limit: pages whose ends are known cost
    what they return, and those that go on from a limit cost all that follows as well.
    """
    revision = 0
    for key, range_end in pairwise(bounds):
        more = True
        while more:
            page = client.range(
                key,
                range_end,
                limit=batch,
                revision=revision,
                serializable=serializable,
                keys_only=keys_only,
            )
            revision = revision or page.revision
            yield page
            more = page.more
            if more:
                key = next_key(page.kvs[-1].key)


def ahead(pages: Iterator[RangeReply]) -> Iterator[RangeReply]:
    """The same pages, each asked for while the one before is being looked at."""
    with ThreadPoolExecutor(1) as executor:
        coming = executor.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = executor.submit(next, pages, None)
            yield page
