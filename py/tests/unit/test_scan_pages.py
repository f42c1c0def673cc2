"""Which pages a scan asks for, whatever the keys are like: against a plain sorted list."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable
from threading import Lock
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.client.api import Client, RawPage
from etcdlab.client.types import Header, Page, Range
from etcdlab.errors import ReplyTooLarge
from etcdlab.keys import ZERO, prefix_range
from etcdlab.scan.pages import scan_pages
from etcdlab.scan.windows import PAGE_BYTES, Plan, Window, _Line, sample_of, size_of


class SortedList:
    """Answers ranges as etcd does, and adds up what etcd would have to do for them."""

    def __init__(self, keys: Iterable[bytes], value_bytes: int = 100) -> None:
        self.keys = sorted(set(keys))
        self.requests = 0
        self.counted = 0
        self._value = b"v" * value_bytes
        self._lock = Lock()

    def ask_page(self, op: Range, most_bytes: int) -> RawPage:
        assert op.revision == (7 if self.requests else 0)
        assert op.range_end == ZERO or op.key < op.range_end
        begin = bisect_left(self.keys, op.key)
        end = len(self.keys)
        if op.range_end != ZERO:
            end = bisect_left(self.keys, op.range_end)
        keys = self.keys[begin : min(end, begin + op.limit)]
        if op.limit > 1 and len(keys) * len(self._value) > most_bytes:
            raise ReplyTooLarge("here", most_bytes)
        with self._lock:
            self.requests += 1
            self.counted += end - begin
        ones = [1] * len(keys)
        page = Page(
            Header(revision=7), keys, [self._value] * len(keys), ones, ones, ones,
            end - begin, end - begin > len(keys),
        )  # fmt: skip
        return RawPage(lambda: page)

    def scan(self, prefix: bytes, batch: int, readers: int = 1) -> list[Page]:
        return list(scan_pages([cast(Client, self)] * readers, prefix_range(prefix), batch=batch))


BYTES = st.binary(max_size=4)
# Few different bytes, so that keys are prefixes of one another and clusters form.
NARROW = st.text("\x00ab\xff", max_size=9).map(lambda text: text.encode("latin-1"))
DIGITS = st.integers(0, 3000).map(lambda number: b"k/%06d" % number)


@given(
    st.lists(st.one_of(BYTES, NARROW, DIGITS), max_size=300),
    st.one_of(BYTES, NARROW, st.just(b"k/")),
    st.integers(1, 100),
    st.integers(1, 3),
)
def test_every_key_once(keys: list[bytes], prefix: bytes, batch: int, readers: int) -> None:
    store = SortedList(key for key in keys if key)
    pages = store.scan(prefix, batch, readers)
    expected = [key for key in store.keys if key.startswith(prefix)]
    assert sorted(key for page in pages for key in page.keys) == expected
    assert all(page.keys == sorted(page.keys) for page in pages)
    assert all(len(page.keys) <= batch for page in pages)
    assert pages[0].count == len(expected)


@given(
    st.one_of(BYTES, NARROW, st.just(b"k/")),
    st.lists(st.one_of(BYTES, NARROW, DIGITS), min_size=1, max_size=20),
    st.integers(1, 12),
    st.integers(0, 1 << 64),
)
def test_numbers_are_in_the_order_of_their_keys(
    prefix: bytes, rests: list[bytes], digits: int, number: int
) -> None:
    keys = sorted({prefix + rest for rest in rests})
    line = _Line(prefix, keys, digits)
    numbers = [line.number(key) for key in keys]
    assert numbers == sorted(numbers)
    assert numbers[-1] < line.number_of_end(ZERO)
    for key, own in zip(keys, numbers, strict=True):
        least = line.key(own)
        assert least <= key and line.number(least) >= own
    number %= line.number_of_end(ZERO)
    assert line.number(line.key(number)) >= number


@given(st.integers(1, 100), st.integers(1, 5), st.integers(0, 1 << 32))
def test_replies_in_any_order(batch: int, readers: int, seed: int) -> None:
    chance = random.Random(seed)
    density = chance.choice([0.01, 0.5, 1])
    store = SortedList(b"k/%04d" % index for index in range(2000) if chance.random() < density)
    plan = Plan(*prefix_range(b""), batch)
    found: list[bytes] = []
    taken: list[Window] = []
    while True:
        while len(taken) < readers and (window := plan.take()):
            taken.append(window)
        if not taken:
            break
        window = taken.pop(chance.randrange(len(taken)))
        if chance.random() < 0.1 and window.limit > 1:
            plan.too_large(window)
            continue
        op = Range(window.key, window.end, limit=window.limit, revision=7 * (store.requests > 0))
        page = store.ask_page(op, 1 << 20).decode()
        found += page.keys
        most = chance.choice([0, 1, 8])
        plan.read(window, sample_of(page.keys, size_of(page), page.count - len(page.keys), most))
    assert sorted(found) == store.keys


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
@pytest.mark.parametrize(("batch", "readers"), [(100, 1), (1000, 1), (100, 4), (1000, 4)])
def test_the_cost_is_linear(kind: str, batch: int, readers: int) -> None:
    n = 100_000
    store = SortedList(some(kind, n))
    pages = store.scan(b"p/", batch, readers)
    keys = len(store.keys)
    assert sum(len(page.keys) for page in pages) == keys
    # To page to the end of the prefix would count keys / batch / 2 times each key.
    assert store.counted <= 30 * keys
    assert store.requests <= 6 * (keys / batch + 10)


@pytest.mark.parametrize("value_bytes", [1_000, 100_000, 3 * PAGE_BYTES])
def test_large_values_come_in_smaller_pages(value_bytes: int) -> None:
    store = SortedList(some("sequential", 2000), value_bytes)
    pages = store.scan(b"p/", 1000)
    assert sum(len(page.keys) for page in pages) == 2000
    assert max(len(page.keys) for page in pages[1:]) <= max(1, PAGE_BYTES // value_bytes)
