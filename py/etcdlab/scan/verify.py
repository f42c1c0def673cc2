"""Verification: does a prefix hold the keys of a data set, and no others?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from heapq import nsmallest

from etcdlab.client.connect import Settings
from etcdlab.client.types import Page
from etcdlab.dataset.keys import key_of, keys_of, runs_of
from etcdlab.keys import NAMED, child, prefix_range
from etcdlab.scan.aggregate import Scan
from etcdlab.scan.pages import READERS

PAGE_KEYS = 2000
MAX_DIGITS = 20  # of an index; the flags take fewer

_MISSING, _RIGHT, _DIFFERENT = range(3)


class KeyComparison:
    """The aggregate of a verification: keys with the right value, with another, and extra ones."""

    def __init__(self, prefix: bytes, expected: range, value: Callable[[int], bytes]) -> None:
        """`expected` are the indexes of the data set; `value` makes the value of an index."""
        self.prefix = prefix
        self.expected = expected
        self.right: list[range] = []
        """Runs of indexes, in any order."""
        self.different: list[range] = []
        """Runs of indexes, in any order."""
        self.extra = 0
        self.first_extra: list[bytes] = []
        self._value = value

    def add(self, page: Page) -> None:
        """Count a page in."""
        parent, expected = child(self.prefix, b""), self.expected
        right: list[int] = []
        different: list[int] = []
        extra: list[bytes] = []
        for key, stored in zip(page.keys, page.values, strict=True):
            name = key[len(parent) :]
            index = int(name) if name.isdigit() and len(name) <= MAX_DIGITS else -1
            if index not in expected or (len(name) != 8 and key != key_of(self.prefix, index)):
                extra.append(key)
            elif stored == self._value(index):
                right.append(index)
            else:
                different.append(index)
        self.right += runs_of(right)
        self.different += runs_of(different)
        self._add_extra(len(extra), extra)

    def merge(self, other: KeyComparison) -> None:
        """Count in what was counted into the other, which is of other keys."""
        self.right += other.right
        self.different += other.different
        self._add_extra(other.extra, other.first_extra)

    def _add_extra(self, count: int, keys: Sequence[bytes]) -> None:
        self.extra += count
        if keys:
            self.first_extra = nsmallest(NAMED, [*self.first_extra, *keys])


def verification_scan(
    settings: Settings, prefix: bytes, expected: range, value: Callable[[int], bytes]
) -> Scan[KeyComparison]:
    """Return a scan of `prefix` that compares each stored value with the expected one."""
    key, end = prefix_range(child(prefix, b""))
    return Scan(
        settings, key, end, PAGE_KEYS, READERS, partial(KeyComparison, prefix, expected, value)
    )


class Verification:
    """How many keys are right, missing, different or extra, and the first few of the last three.

    Takes a byte of memory for each expected key.
    """

    def __init__(self, comparison: KeyComparison) -> None:
        self._expected = comparison.expected
        self._states = bytearray(len(comparison.expected))
        for state, runs in ((_RIGHT, comparison.right), (_DIFFERENT, comparison.different)):
            for run in runs:
                begin = run.start - comparison.expected.start
                self._states[begin : begin + len(run)] = bytes([state]) * len(run)
        self.right, self.missing, self.different = map(
            self._states.count, (_RIGHT, _MISSING, _DIFFERENT)
        )
        self.extra = comparison.extra
        first = {
            "missing": self._first(comparison.prefix, _MISSING),
            "different": self._first(comparison.prefix, _DIFFERENT),
            "extra": comparison.first_extra,
        }
        self.first = {what: keys for what, keys in first.items() if keys}

    @property
    def is_right(self) -> bool:
        """Whether the prefix holds exactly the data set."""
        return not (self.missing or self.different or self.extra)

    def wrong(self) -> Iterator[int]:
        """Yield the indexes that are missing or different, ascending."""
        states = zip(self._expected, self._states, strict=True)
        return (index for index, state in states if state != _RIGHT)

    def _first(self, prefix: bytes, state: int) -> list[bytes]:
        """Return the first NAMED keys in that state."""
        indexes: list[int] = []
        offset = self._states.find(state)
        while offset >= 0 and len(indexes) < NAMED:
            indexes.append(self._expected.start + offset)
            offset = self._states.find(state, offset + 1)
        return keys_of(prefix, indexes)
