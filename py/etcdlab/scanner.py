"""A prefix as a stream of pages, all at one revision, at a cost that is linear in its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

from etcdlab.client import Client
from etcdlab.errors import ServerError
from etcdlab.keys import ZERO, next_key, prefix_range
from etcdlab.records import KeyValue, RangeReply

RESTARTS = 3
FIRST_PAGE = 64  # keys, as long as nothing is known of their size
PAGE_BYTES = 4 << 20  # of keys and values that a page may have, as the last one had them
_FASTER = 8  # how many times as many keys as the last a page may have

# A window, the range that pages are asked for in, is to hold so many pages: etcd counts
# it to its end for each of them.
_AIM = 2
_MOST = 8
# How many times as wide the next window is after an empty one, until that does not help.
_GROWTH = 64
_PATIENCE = 16

_Result = TypeVar("_Result")


def scan(
    client: Client,
    prefix: bytes,
    *,
    batch: int,
    revision: int = 0,
    serializable: bool = False,
    keys_only: bool = False,
) -> Iterator[RangeReply]:
    """Pages of at most `batch` keys, ascending; at least one page, perhaps an empty one.

    `revision` 0 is now. `count` of the first page is that of all keys. Its revision is
    asked for on all later ones, so what is written meanwhile does not show. Where values
    are large a page has fewer keys. Raises what Client.range raises.

    etcd counts a range to its end, whatever the limit. So each page is asked for in a
    window that ends not far behind it, as near as the density of the keys so far can
    tell: that only costs more, or another request, where it is wrong.
    """
    key, end = prefix_range(prefix)
    limit = min(batch, FIRST_PAGE)
    window = _Window(key, end)
    while True:
        page = client.range(
            window.key,
            window.end,
            limit=limit,
            revision=revision,
            serializable=serializable,
            keys_only=keys_only,
        )
        revision = revision or page.revision
        yield page
        if not page.more and window.end == end:
            return
        limit = min(batch, _FASTER * limit, _fitting(page.kvs, limit))
        window.move(page, limit)


def reading_again(read: Callable[[], _Result], on_restart: Callable[[], object]) -> _Result:
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


def _fitting(kvs: Sequence[KeyValue], limit: int) -> int:
    """How many keys and values of these sizes a page may have; as before, without any."""
    size = sum(len(kv.key) + len(kv.value) for kv in kvs)
    return max(1, PAGE_BYTES * len(kvs) // size) if size else limit


class _Window:
    """The range [key, end) of the next page, inside of a larger one.

    Keys are taken as numbers with one digit to a byte, `_digits` of them behind the
    point; `_width` of the line of numbers holds as many keys as a window is to hold.
    """

    def __init__(self, key: bytes, end: bytes) -> None:
        self.key = key
        self.end = end
        self._last_end = end
        self._width = 0
        self._empties = 0
        self._digits = len(key) + 1

    def move(self, page: RangeReply, limit: int) -> None:
        """Go on behind the page, to one of `limit` keys."""
        left = page.count - len(page.kvs)
        if page.more:
            self.key = next_key(page.kvs[-1].key)
            if limit <= left <= _MOST * limit:
                return
        else:
            self.key = self.end
        self._measure(page.kvs, limit, is_short=left == 0 and len(page.kvs) < limit)
        begin, last = _number(self.key, self._digits), self._number_of_end(self._last_end)
        number = begin + self._width
        if left > limit:
            # There is more before the end as it is: it must not get further away.
            number = min(number, begin + max(1, (self._number_of_end(self.end) - begin) // 2))
        self.end = number.to_bytes(self._digits, "big") if number < last else self._last_end

    def _number_of_end(self, end: bytes) -> int:
        return 256**self._digits if end == ZERO else _number(end, self._digits)

    def _measure(self, kvs: Sequence[KeyValue], limit: int, is_short: bool) -> None:
        """Set the width, by where the page's keys are densest.

        A window that held less than a page was too short: the next one is wider, and
        much wider after many empty ones, or a desert would be crossed in small steps.
        """
        self._empties = 0 if kvs else self._empties + 1
        at_least = self._width if is_short or len(kvs) < 2 else 0
        if is_short and kvs:
            at_least *= min(_GROWTH, -(-_AIM * limit // len(kvs)))
        elif is_short:
            at_least *= _GROWTH ** (1 << max(0, self._empties - _PATIENCE))
        keys_to_a_step = max(1, len(kvs) // 4)
        marks = [kv.key for kv in kvs[::keys_to_a_step]]
        digits = max(self._digits if at_least else 0, *(len(key) + 1 for key in (self.key, *marks)))
        at_least <<= 8 * max(0, digits - self._digits)
        numbers = [_number(key, digits) for key in marks]
        step = min((b - a for a, b in pairwise(numbers)), default=0)
        self._digits = digits
        self._width = max(1, at_least, _AIM * limit * step // keys_to_a_step)


def _number(key: bytes, digits: int) -> int:
    return int.from_bytes(key[:digits].ljust(digits, b"\0"), "big")


def ahead(pages: Iterator[RangeReply]) -> Iterator[RangeReply]:
    """The same pages, each asked for while the one before is being looked at."""
    with ThreadPoolExecutor(1) as executor:
        coming = executor.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = executor.submit(next, pages, None)
            yield page
