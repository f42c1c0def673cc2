"""The keys of a data set: PREFIX/00000000 for index 0, and so on."""

from __future__ import annotations

from collections.abc import Iterable

from etcdlab.keys import child

SORTED_INDEXES = 100_000_000
"""Indexes below this one have keys of eight digits, which sort as the indexes do."""


def key_of(prefix: bytes, index: int) -> bytes:
    """Return the key of that index under `prefix`."""
    (key,) = keys_of(prefix, [index])
    return key


def keys_of(prefix: bytes, indexes: Iterable[int]) -> list[bytes]:
    """Return the keys of those indexes under `prefix`, in their order."""
    parent = child(prefix, b"")
    return [b"%b%08d" % (parent, index) for index in indexes]


def runs_of(indexes: Iterable[int]) -> list[range]:
    """Return the indexes as runs of consecutive ones."""
    runs: list[range] = []
    for index in indexes:
        if runs and index == runs[-1].stop:
            runs[-1] = range(runs[-1].start, index + 1)
        else:
            runs.append(range(index, index + 1))
    return runs
