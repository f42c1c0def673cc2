"""Keys and bytes by sub-prefix equal a count key by key."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.report import sub_prefixes
from etcdlab.report.sub_prefixes import SubPrefixes

KEYS = st.lists(st.text("ab/\xff", max_size=8).map(lambda text: b"p" + text.encode("latin-1")))


def plainly(prefix: bytes, depth: int, sizes: dict[bytes, int]) -> dict[bytes, list[int]]:
    """Keys and bytes by sub-prefix, counted key by key."""
    nodes: dict[bytes, list[int]] = defaultdict(lambda: [0, 0])
    for key, size in sizes.items():
        end = len(prefix)
        for _ in range(depth):
            end = key.find(b"/", end) + 1
            if not end:
                break
            nodes[key[:end]][0] += 1
            nodes[key[:end]][1] += size
    return nodes


@given(KEYS, st.integers(0, 3), st.integers(1, 7), st.sampled_from([b"p", b"p/", b"pa"]))
def test_the_same_as_counted_key_by_key(
    keys: list[bytes], depth: int, page: int, prefix: bytes
) -> None:
    sizes = {key: len(key) * 3 for key in sorted(set(keys)) if key.startswith(prefix)}
    found = SubPrefixes(prefix, depth)
    ordered = list(sizes)
    for begin in range(0, len(ordered), page):
        part = ordered[begin : begin + page]
        found.add(part, [sizes[key] for key in part])
    assert found.nodes == plainly(prefix, depth, sizes)
    assert found.dropped == 0


@pytest.mark.parametrize("page", [7, 64, 1000])
def test_the_largest_are_kept_of_more_than_memory_is_for(
    monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(sub_prefixes, "KEPT", 100)
    monkeypatch.setattr(sub_prefixes, "LISTED", 20)
    chance = random.Random(2)
    sizes = {
        b"p/%06d/%04d" % (user, index): chance.randrange(100)
        for user in range(2000)
        for index in range(1 if user % 100 else 50)
    }
    found = SubPrefixes(b"p/", 1)
    ordered = sorted(sizes)
    for begin in range(0, len(ordered), page):
        part = ordered[begin : begin + page]
        found.add(part, [sizes[key] for key in part])
    rows = [(path, keys, size) for path, (keys, size) in plainly(b"p/", 1, sizes).items()]
    assert found.largest() == sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))[:20]
    assert len(found.nodes) < 500
    assert len(found.nodes) + found.dropped == 2000
