"""A prefix as a stream of pages, all at one revision."""

from __future__ import annotations

from collections.abc import Iterator

from etcdlab.client import Client
from etcdlab.keys import next_key, prefix_range
from etcdlab.records import RangeReply


def scan(
    client: Client, prefix: bytes, *, batch: int, serializable: bool = False
) -> Iterator[RangeReply]:
    """Pages of at most `batch` keys, ascending; at least one page, perhaps empty.

    The first page's revision is asked for on all later ones, so what is written
    meanwhile does not show. Raises what Client.range raises.
    """
    key, range_end = prefix_range(prefix)
    revision = 0
    while True:
        page = client.range(
            key, range_end, limit=batch, revision=revision, serializable=serializable
        )
        revision = revision or page.revision
        yield page
        if not page.more:
            return
        key = next_key(page.kvs[-1].key)
