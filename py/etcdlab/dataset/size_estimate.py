"""How much of etcd's database a data set takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_SAMPLE = 300  # values
# bbolt keeps an entry as its header (16 bytes) and its key, a revision (17 bytes); the
# value is a KeyValue message, whose fields besides key and value take up to 28 bytes.
# https://github.com/etcd-io/etcd/blob/main/server/storage/mvcc/revision.go
_ENTRY_OVERHEAD = 16 + 17 + 28
_PAGE = 4096
_FILL = 0.9  # how full etcd lets pages of keys get


def estimate(
    items: Callable[[Sequence[int]], Sequence[tuple[bytes, bytes]]], indexes: range
) -> int:
    """Bytes that the items (key, value) of the indexes take, from a sample of them."""
    # Neighbours, so that the kinds are as frequent as in the whole, from all over it.
    runs = max(1, min(len(indexes), _SAMPLE) // 6)
    step = max(1, len(indexes) // runs)
    sample = [
        indexes[place]
        for begin in range(0, len(indexes), step)
        for place in range(begin, min(begin + 6, len(indexes)))
    ]
    total = sum(_entry(key, value) for key, value in items(sample))
    return int(total / len(sample) * len(indexes))


def _entry(key: bytes, value: bytes) -> float:
    size = len(key) + len(value) + _ENTRY_OVERHEAD
    if size > _PAGE // 2:
        return -(-size // _PAGE) * _PAGE
    return size / _FILL
