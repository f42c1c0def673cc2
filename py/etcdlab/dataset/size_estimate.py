"""An estimate of the space that a data set takes in etcd's database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_SAMPLE = 300  # values
_RUN = 6  # neighbours in the sample, so that the kinds are as frequent in it as in the whole
# An entry in bbolt has a header of 16 bytes and a key of 17, the revision; its value is a
# KeyValue message, whose fields besides key and value take up to 28 bytes.
# https://github.com/etcd-io/etcd/blob/main/server/storage/mvcc/revision.go
_ENTRY_OVERHEAD = 16 + 17 + 28
_PAGE = 4096
_FILL = 0.9  # of a page of keys, at most


def estimate(
    items: Callable[[Sequence[int]], Sequence[tuple[bytes, bytes]]], indexes: range
) -> int:
    """Return the bytes that the items (key, value) of the indexes take, from a sample of them."""
    runs = max(1, min(len(indexes), _SAMPLE) // _RUN)
    step = max(1, len(indexes) // runs)
    sample = [
        indexes[place]
        for begin in range(0, len(indexes), step)
        for place in range(begin, min(begin + _RUN, len(indexes)))
    ]
    total = sum(_entry(key, value) for key, value in items(sample))
    return int(total / len(sample) * len(indexes))


def _entry(key: bytes, value: bytes) -> float:
    size = len(key) + len(value) + _ENTRY_OVERHEAD
    if size > _PAGE // 2:
        return -(-size // _PAGE) * _PAGE
    return size / _FILL
