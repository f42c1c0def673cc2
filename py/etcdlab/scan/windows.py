"""Which ranges to ask for, so that to read all of a large one costs etcd no more than its keys.

etcd counts a range to its end, whatever the limit: to page to the end of a prefix takes
(keys / limit) x keys. So each page is asked for in a window that ends not far behind it,
as near as the density of the keys so far can tell. Where that is wrong it only costs
more, or another request.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from os.path import commonprefix
from typing import NamedTuple

from etcdlab.client.types import Page
from etcdlab.keys import ZERO, next_key

FIRST_PAGE = 64  # keys, as long as nothing is known of their size
PAGE_BYTES = 2 << 20  # of keys and values that a page may have, as the last one had them
_FASTER = 8  # how many times as many keys as the last a page may have
_MOST = 2  # pages that may be left in a window without cutting it
_SAMPLE = 64  # keys of a page whose bytes are looked at
_MOST_USED = 96  # bytes that keys of text use
# How many times as wide the next window is after an empty one, until that does not help.
_GROWTH = 64
_PATIENCE = 16


@dataclass(eq=False)
class Window:
    """A range [key, end) to ask for with a limit."""

    key: bytes
    end: bytes
    limit: int = 0
    left: int | None = None
    """How many keys it has, where that is known."""
    is_taken: bool = False
    is_cut: bool = False


class Sample(NamedTuple):
    """What was read of a window, in short."""

    keys: Sequence[bytes]
    """Ascending, from the first on: one of each `every` that were read."""
    every: int
    last: bytes
    """The last key that was read; empty without any."""
    read: int
    size: int
    """Bytes of the keys and values."""
    left: int
    """Keys of the window that are behind the last one."""


def sample_of(keys: Sequence[bytes], size: int, left: int, most: int = 0) -> Sample:
    """What the keys, which are sorted, tell of theirs; about so many of them (0: all)."""
    # An odd step, or of decimal numbers half of the digits would not be seen.
    every = (len(keys) // most) | 1 if most else 1
    return Sample(keys[::every], every, keys[-1] if keys else b"", len(keys), size, left)


def sample_of_page(page: Page) -> Sample:
    """All that a page tells."""
    return sample_of(page.keys, size_of(page), page.count - len(page.keys))


def size_of(page: Page) -> int:
    """Bytes of a page's keys and values."""
    return sum(map(len, page.keys)) + sum(map(len, page.values))


class Plan:
    """A range as windows, in the order of their keys: taken ones, and what is left of it.

    `_width` of the line of numbers holds as many keys as a page.
    """

    def __init__(self, key: bytes, end: bytes, batch: int, most_bytes: int = PAGE_BYTES) -> None:
        """A page may have `batch` keys and, as the last one had them, `most_bytes`."""
        self._windows = [Window(key, end)]
        self._batch = batch
        self._most_bytes = most_bytes
        self._limit = min(batch, FIRST_PAGE)
        self._prefix = key
        self._line = _Line(key, [key], len(key) + 1)
        self._width = 0
        self._empties = 0

    def take(self) -> Window | None:
        """The next window to ask for; None as long as all are taken."""
        for index, window in enumerate(self._windows):
            if not window.is_taken:
                self._cut(index)
                window.is_taken = True
                window.limit = self._limit
                return window
        return None

    def read(self, window: Window, sample: Sample) -> None:
        """What came of a window that was taken: what was not read is to be taken again."""
        index = self._windows.index(window)
        left = sample.left
        fitting = self._most_bytes * sample.read // sample.size if sample.size else window.limit
        self._limit = max(1, min(self._batch, _FASTER * window.limit, fitting))
        self._measure(sample, window)
        if not left:
            del self._windows[index]
            return
        rest = Window(next_key(sample.last), window.end, left=left)
        self._windows[index] = rest
        after = self._windows[index + 1] if index + 1 < len(self._windows) else None
        is_next = after is not None and after.key == rest.end and not after.is_taken
        if after and is_next and left < self._limit:
            after.key, after.left = rest.key, None
            del self._windows[index]

    def too_large(self, window: Window) -> None:
        """Take the window again, with half as many keys to its page."""
        self._limit = max(1, window.limit // 2)
        window.is_taken = False

    def _cut(self, index: int) -> None:
        """Make the window end where it is likely to hold as many keys as it should."""
        window = self._windows[index]
        if not self._width or (window.left is not None and window.left <= _MOST * self._limit):
            return
        begin, last = self._line.number(window.key), self._line.number_of_end(window.end)
        number = begin + self._width
        if window.left is not None:
            # It is known to hold too many: the end must come nearer.
            number = min(number, begin + max(1, (last - begin) // 2))
        end = self._line.key(number) if number < last else window.key
        if window.key < end and (window.end == ZERO or end < window.end):
            self._windows.insert(index + 1, Window(end, window.end))
            window.end = end
            window.is_cut = True

    def _measure(self, sample: Sample, window: Window) -> None:
        """Set the width, by where the sample's keys are densest.

        A window that held less than a page was too short: the next one is wider, and
        much wider after many empty ones, or a desert would be crossed in small steps.
        """
        keys = sample.keys
        if not keys and self._line.span(window) < self._width:
            return  # The width has been raised since the window was taken.
        if keys:
            digits = max(map(len, (window.key, *keys[:: max(1, len(keys) // 4)]))) + 1
            self._line = _Line(self._prefix, [*keys, sample.last], digits)
        is_short = sample.left == 0 and sample.read < window.limit
        at_least = 0
        if is_short or sample.read < 2:
            self._line.refine(window)
            at_least = self._line.span(window)
            if window.is_cut:
                at_least *= self._growth(sample.read)
        if keys:
            self._empties = 0
        keys_to_a_step = max(1, len(keys) // 4)
        numbers = [self._line.number(key) for key in keys[::keys_to_a_step]]
        step = min((b - a for a, b in pairwise(numbers)), default=0)
        self._width = max(1, at_least, self._limit * step // (keys_to_a_step * sample.every))

    def _growth(self, keys: int) -> int:
        """How many times as wide the next window is after a short one with so many keys."""
        if keys:
            return min(_GROWTH, -(-self._limit // keys))
        self._empties += 1
        return _GROWTH ** (1 << max(0, self._empties - _PATIENCE))


class _Line:
    """Keys as numbers, in the same order, as evenly spread as the bytes in use allow.

    Behind the sub-prefix that some keys have in common, only the bytes that they use are
    digits, and one more is the end of a key: decimal numbers would else have a gap after
    each 9. Keys that differ only in other bytes, or behind `digits` of them, are one number.
    """

    def __init__(self, prefix: bytes, keys: Sequence[bytes], digits: int) -> None:
        common = commonprefix([keys[0], keys[-1]])  # noqa: RUF071 - of bytes, not of paths
        sub_prefix = common.rfind(b"/") + 1
        self._common = max(sub_prefix, len(prefix) if common.startswith(prefix) else 0)
        sample = keys[:: max(1, len(keys) // _SAMPLE)]
        used = sorted(set(b"".join(key[self._common :] for key in sample)))
        # Of as many as random ones have, a sample does not show all.
        self._used = used if 0 < len(used) <= _MOST_USED else list(range(256))
        self._digit = bytes(min(255, bisect_right(self._used, byte)) for byte in range(256))
        self._base = min(256, len(self._used) + 1)  # a digit is a byte itself
        self.digits = max(digits, self._common + 1)

    def number(self, key: bytes) -> int:
        """The number of the key."""
        number = int.from_bytes(key[: self._common].ljust(self._common, ZERO), "big")
        rest = key[self._common : self.digits].translate(self._digit)
        for digit in rest:
            number = number * self._base + digit
        return number * self._base ** (self.digits - self._common - len(rest))

    def number_of_end(self, end: bytes) -> int:
        """The number of the end of a range: beyond all keys for ZERO."""
        if end == ZERO:
            return 256**self._common * self._base ** (self.digits - self._common)
        return self.number(end)

    def key(self, number: int) -> bytes:
        """The least key with that number, or with the next one that a key has."""
        digits = []
        for _ in range(self.digits - self._common):
            number, digit = divmod(number, self._base)
            if digit or digits:
                digits.append(digit)
        octets = bytearray(number.to_bytes(self._common, "big"))
        for digit in reversed(digits):
            octets.append(self._used[max(0, digit - 1)])
            if not digit:
                break
        return bytes(octets)

    def span(self, window: Window) -> int:
        """How much of the line the window has."""
        return self.number_of_end(window.end) - self.number(window.key)

    def refine(self, window: Window) -> None:
        """Have as many digits as the window's own keys need."""
        self.digits = max(self.digits, len(window.key) + 1, len(window.end))
