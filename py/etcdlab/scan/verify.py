"""Whether a prefix holds the keys that a data set has there, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from heapq import nsmallest

from etcdlab.client.connect import Settings
from etcdlab.client.types import Page
from etcdlab.dataset.keys import key_of, keys_of, runs_of
from etcdlab.keys import child, prefix_range
from etcdlab.scan.aggregate import Scan
from etcdlab.scan.pages import READERS

PAGE = 2000  # keys
NAMED = 3  # keys that are named of each sort
MOST_DIGITS = 20  # of an index; more than the flags take

_MISSING, _RIGHT, _DIFFERENT = range(3)


class Found:
    """Which keys of a data set are there, right or with another value, and what else is."""

    def __init__(self, prefix: bytes, expected: range, value: Callable[[int], bytes]) -> None:
        """`value` makes the value of an index."""
        self.prefix = prefix
        self.expected = expected
        self.right: list[range] = []
        """Their indexes, in runs; the runs are in any order."""
        self.different: list[range] = []
        self.extra = 0
        self.first_extra: list[bytes] = []
        self._value = value

    def add(self, page: Page) -> None:
        """Count one page in."""
        place, expected = child(self.prefix, b""), self.expected
        right: list[int] = []
        different: list[int] = []
        extra: list[bytes] = []
        for key, found in zip(page.keys, page.values, strict=True):
            name = key[len(place) :]
            index = int(name) if name.isdigit() and len(name) <= MOST_DIGITS else -1
            if index not in expected or (len(name) != 8 and key != key_of(self.prefix, index)):
                extra.append(key)
            elif found == self._value(index):
                right.append(index)
            else:
                different.append(index)
        self.right += runs_of(right)
        self.different += runs_of(different)
        self._add_extra(len(extra), extra)

    def merge(self, other: Found) -> None:
        """Count in all that was counted into the other."""
        self.right += other.right
        self.different += other.different
        self._add_extra(other.extra, other.first_extra)

    def _add_extra(self, count: int, keys: Sequence[bytes]) -> None:
        self.extra += count
        if keys:
            self.first_extra = nsmallest(NAMED, [*self.first_extra, *keys])


def verification_scan(
    settings: Settings, prefix: bytes, expected: range, value: Callable[[int], bytes]
) -> Scan[Found]:
    """The scan of all keys under `prefix` that finds out which of the indexes' are there."""
    key, end = prefix_range(child(prefix, b""))
    return Scan(settings, key, end, PAGE, READERS, partial(Found, prefix, expected, value))


class Verification:
    """How many keys are right, missing, different or extra; the first few of the last three.

    Memory is one byte to an expected key.
    """

    def __init__(self, found: Found) -> None:
        self._expected = found.expected
        self._states = bytearray(len(found.expected))
        for state, runs in ((_RIGHT, found.right), (_DIFFERENT, found.different)):
            for run in runs:
                begin = run.start - found.expected.start
                self._states[begin : begin + len(run)] = bytes([state]) * len(run)
        self.right, self.missing, self.different = map(
            self._states.count, (_RIGHT, _MISSING, _DIFFERENT)
        )
        self.extra = found.extra
        first = {
            "missing": self._first(found.prefix, _MISSING),
            "different": self._first(found.prefix, _DIFFERENT),
            "extra": found.first_extra,
        }
        self.first = {what: keys for what, keys in first.items() if keys}

    @property
    def is_right(self) -> bool:
        """Whether there is exactly what should be."""
        return not (self.missing or self.different or self.extra)

    def wrong(self) -> Iterator[int]:
        """The indexes that are missing or different, ascending."""
        states = zip(self._expected, self._states, strict=True)
        return (index for index, state in states if state != _RIGHT)

    def _first(self, prefix: bytes, state: int) -> list[bytes]:
        """The first keys in that state."""
        indexes: list[int] = []
        offset = self._states.find(state)
        while offset >= 0 and len(indexes) < NAMED:
            indexes.append(self._expected.start + offset)
            offset = self._states.find(state, offset + 1)
        return keys_of(prefix, indexes)
