"""Plan the windows in which a large range is read, so that etcd counts each key about once.

etcd counts a range to its end, whatever the limit: paging to the end of a prefix makes it
count keys x keys / limit. So each page is asked for in a window that ends shortly after it,
as far as the density of the keys read so far can tell. A wrong guess costs time, or one
more request, but no key is missed.
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

FIRST_PAGE = 64  # keys, while nothing is known of their size
PAGE_BYTES = 2 << 20  # of keys and values in a page, if they are as large as in the last one
_MAX_SPEEDUP = 8  # of the keys in a page, from one page to the next
_UNCUT = 2  # a window with no more pages left is not cut
_SAMPLE_KEYS = 64  # of a page, to find the bytes in use
_MAX_DIGITS = 96  # different bytes, at most, in keys of text
# After an empty window the next one is so many times as wide; after so many empty ones in a
# row, the factor itself is squared each time.
_WIDENING = 64
_EMPTIES = 16


@dataclass(eq=False)
class Window:
    """A range [key, end) to read with a limit."""

    key: bytes
    end: bytes
    limit: int = 0
    left: int | None = None
    """The number of its keys, if known."""
    is_taken: bool = False
    is_cut: bool = False


class Sample(NamedTuple):
    """A summary of what was read of a window."""

    keys: Sequence[bytes]
    """Ascending: the first key that was read, and each `every`th after it."""
    every: int
    last: bytes
    """The last key that was read; empty without any."""
    read: int
    size: int
    """Bytes of the keys and values that were read."""
    left: int
    """Keys of the window after the last one that was read."""


def sample_of(keys: Sequence[bytes], size: int, left: int, most: int = 0) -> Sample:
    """Make a sample of sorted keys, with about `most` of them (0: all)."""
    # The step is odd: an even one would miss half of the last digits of decimal numbers.
    every = (len(keys) // most) | 1 if most else 1
    return Sample(keys[::every], every, keys[-1] if keys else b"", len(keys), size, left)


def sample_of_page(page: Page) -> Sample:
    """Make a sample with all keys of a page."""
    return sample_of(page.keys, size_of(page), page.count - len(page.keys))


def size_of(page: Page) -> int:
    """Return the bytes of a page's keys and values."""
    return sum(map(len, page.keys)) + sum(map(len, page.values))


class Plan:
    """The windows of a range, in the order of their keys: those being read, and the rest."""

    def __init__(self, key: bytes, end: bytes, batch: int, most_bytes: int = PAGE_BYTES) -> None:
        """A page has at most `batch` keys, and about `most_bytes`."""
        self._windows = [Window(key, end)]
        self._batch = batch
        self._most_bytes = most_bytes
        self._limit = min(batch, FIRST_PAGE)
        self._prefix = key
        self._line = _Line(key, [key], len(key) + 1)
        self._width = 0  # of the part of the line that holds the keys of a page; 0: unknown
        self._empties = 0

    def take(self) -> Window | None:
        """Return the next window to read; None while all are being read."""
        for index, window in enumerate(self._windows):
            if not window.is_taken:
                self._cut(index)
                window.is_taken = True
                window.limit = self._limit
                return window
        return None

    def read(self, window: Window, sample: Sample) -> None:
        """Take note of what was read of a window; the rest of it becomes a window again."""
        index = self._windows.index(window)
        left = sample.left
        fitting = self._most_bytes * sample.read // sample.size if sample.size else window.limit
        self._limit = max(1, min(self._batch, _MAX_SPEEDUP * window.limit, fitting))
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
        """Have the window read again, with half as many keys in the page."""
        self._limit = max(1, window.limit // 2)
        window.is_taken = False

    def _cut(self, index: int) -> None:
        """End the window where it is likely to hold as many keys as a page."""
        window = self._windows[index]
        if not self._width or (window.left is not None and window.left <= _UNCUT * self._limit):
            return
        begin, last = self._line.number(window.key), self._line.number_of_end(window.end)
        number = begin + self._width
        if window.left is not None:
            # It holds too many keys: the end must come nearer.
            number = min(number, begin + max(1, (last - begin) // 2))
        end = self._line.key(number) if number < last else window.key
        if window.key < end and (window.end == ZERO or end < window.end):
            self._windows.insert(index + 1, Window(end, window.end))
            window.end = end
            window.is_cut = True

    def _measure(self, sample: Sample, window: Window) -> None:
        """Set the width from the densest part of the sample.

        A window that held less than a page was too narrow: the next one is wider, and much
        wider after many empty ones, to cross a gap between keys in few steps.
        """
        keys = sample.keys
        if not keys and self._line.span(window) < self._width:
            return  # The width has grown since this window was cut.
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
        """Return the factor from the width of a narrow window with so many keys to the next one."""
        if keys:
            return min(_WIDENING, -(-self._limit // keys))
        self._empties += 1
        return _WIDENING ** (1 << max(0, self._empties - _EMPTIES))


class _Line:
    """Maps keys to numbers of the same order, spread as evenly as the bytes in use allow.

    After the sub-prefix that the sampled keys have in common, a digit is one of the bytes
    that they use, or the end of a key: with all 256 bytes as digits, decimal numbers would
    have a gap after each 9. Keys that differ only in other bytes, or after the first
    `digits` bytes, have the same number.
    """

    def __init__(self, prefix: bytes, keys: Sequence[bytes], digits: int) -> None:
        common = commonprefix([keys[0], keys[-1]])  # noqa: RUF071 - of bytes, not of paths
        sub_prefix = common.rfind(b"/") + 1
        self._common = max(sub_prefix, len(prefix) if common.startswith(prefix) else 0)
        sample = keys[:: max(1, len(keys) // _SAMPLE_KEYS)]
        used = sorted(set(b"".join(key[self._common :] for key in sample)))
        # Keys of random bytes use more than a sample shows.
        self._used = used if 0 < len(used) <= _MAX_DIGITS else list(range(256))
        self._digit = bytes(min(255, bisect_right(self._used, byte)) for byte in range(256))
        self._base = min(256, len(self._used) + 1)  # a digit is a byte itself
        self.digits = max(digits, self._common + 1)

    def number(self, key: bytes) -> int:
        """Return the number of a key."""
        number = int.from_bytes(key[: self._common].ljust(self._common, ZERO), "big")
        rest = key[self._common : self.digits].translate(self._digit)
        for digit in rest:
            number = number * self._base + digit
        return number * self._base ** (self.digits - self._common - len(rest))

    def number_of_end(self, end: bytes) -> int:
        """Return the number of a range end; for ZERO, one beyond all keys."""
        if end == ZERO:
            return 256**self._common * self._base ** (self.digits - self._common)
        return self.number(end)

    def key(self, number: int) -> bytes:
        """Return the least key with this number, or with the next number that a key has."""
        digits: list[int] = []
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
        """Return the width of the window on the line."""
        return self.number_of_end(window.end) - self.number(window.key)

    def refine(self, window: Window) -> None:
        """Take as many digits as the bounds of the window have bytes."""
        self.digits = max(self.digits, len(window.key) + 1, len(window.end))
