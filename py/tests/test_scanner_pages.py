"""Which pages a scan asks for, whatever the keys are like: against a plain sorted list."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.client import Client
from etcdlab.keys import ZERO
from etcdlab.records import Header, KeyValue, RangeReply
from etcdlab.scanner import PAGE_BYTES, scan


class SortedList:
    """Answers ranges as etcd does, and adds up what etcd would have to do for them."""

    def __init__(self, keys: Iterable[bytes], value_bytes: int = 100) -> None:
        self.keys = sorted(set(keys))
        self.requests = 0
        self.counted = 0
        self._value = b"v" * value_bytes

    def range(
        self, key: bytes, range_end: bytes, *, limit: int, revision: int, **flags: bool
    ) -> RangeReply:
        assert revision == (7 if self.requests else 0)
        assert range_end == ZERO or key < range_end
        begin = bisect_left(self.keys, key)
        end = len(self.keys) if range_end == ZERO else bisect_left(self.keys, range_end)
        self.requests += 1
        self.counted += end - begin
        page = self.keys[begin : min(end, begin + limit)]
        kvs = [KeyValue(key, self._value, 1, 1, 1, 0) for key in page]
        return RangeReply(Header(revision=7), kvs, end - begin, end - begin > len(kvs))

    def scan(self, prefix: bytes, batch: int) -> list[RangeReply]:
        return list(scan(cast(Client, self), prefix, batch=batch))


BYTES = st.binary(max_size=4)
# Few different bytes, so that keys are prefixes of one another and clusters form.
NARROW = st.text("\x00ab\xff", max_size=9).map(lambda text: text.encode("latin-1"))
DIGITS = st.integers(0, 3000).map(lambda number: b"k/%06d" % number)


@given(
    st.lists(st.one_of(BYTES, NARROW, DIGITS), max_size=300),
    st.one_of(BYTES, NARROW, st.just(b"k/")),
    st.integers(1, 100),
)
def test_every_key_once_in_order(keys: list[bytes], prefix: bytes, batch: int) -> None:
    store = SortedList(key for key in keys if key)
    pages = store.scan(prefix, batch)
    expected = [key for key in store.keys if key.startswith(prefix)]
    assert [kv.key for page in pages for kv in page.kvs] == expected
    assert all(len(page.kvs) <= batch for page in pages)
    assert pages[0].count == len(expected)


def some(kind: str, n: int) -> Iterable[bytes]:
    """About n keys of a kind."""
    chance = random.Random(1)
    if kind == "sequential":
        return (b"p/%08d" % index for index in range(n))
    if kind == "random":
        return (b"p/" + chance.randbytes(8) for _ in range(n))
    if kind == "hexadecimal":
        return (b"p/%032x" % chance.getrandbits(128) for _ in range(n))
    if kind == "prefixes":
        return (b"p/" + b"a" * index for index in range(n // 20))
    if kind == "desert":
        return (b"p/\xfe\xff\xff/a/long/way/%08d" % index if index else b"p/" for index in range(n))
    if kind == "clusters":
        return (b"p/%09d/%04d" % (index // 700 * 7_654_321, index % 700) for index in range(n))
    assert kind == "pairs"
    return (b"p/%08x" % (index // 2 * 99_991) + ZERO * (index % 2) for index in range(n))


@pytest.mark.parametrize(
    "kind",
    ["sequential", "random", "hexadecimal", "prefixes", "desert", "clusters", "pairs"],
)
@pytest.mark.parametrize("batch", [100, 1000])
def test_the_cost_is_linear(kind: str, batch: int) -> None:
    n = 100_000
    store = SortedList(some(kind, n))
    pages = store.scan(b"p/", batch)
    keys = len(store.keys)
    assert sum(len(page.kvs) for page in pages) == keys
    # To page to the end of the prefix would count keys / batch / 2 times each key.
    assert store.counted <= 30 * keys
    assert store.requests <= 6 * (keys / batch + 10)


@pytest.mark.parametrize("value_bytes", [1_000, 100_000, 3 * PAGE_BYTES])
def test_large_values_come_in_smaller_pages(value_bytes: int) -> None:
    store = SortedList(some("sequential", 2000), value_bytes)
    pages = store.scan(b"p/", 1000)
    assert sum(len(page.kvs) for page in pages) == 2000
    assert max(len(page.kvs) for page in pages[1:]) <= max(1, PAGE_BYTES // value_bytes)
