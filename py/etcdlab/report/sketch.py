"""Quantiles of many numbers, in constant memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.store import DenseStore

RELATIVE_ERROR = 0.01  # of a quantile

# The sketch cannot tell the bounds of a bucket that ends beyond the largest float.
_SCALE = 0.25
_MAPPING = LogarithmicMapping(RELATIVE_ERROR)


class Quantiles:
    """A sketch of numbers: each quantile is off by RELATIVE_ERROR of itself at most.

    A DDSketch: buckets whose bounds grow by a factor, and how many numbers are in each.
    http://www.vldb.org/pvldb/vol12/p2195-masson.pdf
    """

    def __init__(self) -> None:
        self._positive, self._negative = DenseStore(), DenseStore()
        self._sketch = BaseDDSketch(_MAPPING, self._positive, self._negative, 0.0)
        self.minimum = math.inf
        self.maximum = -math.inf

    def add(self, numbers: Sequence[float]) -> None:
        """Count these in."""
        if not numbers:
            return
        if min(numbers) * _SCALE <= _MAPPING.min_possible:
            self.add_repeated(numbers)
            return
        self._stretch(numbers)
        # Bucket by bucket: to add to the sketch takes longer than to find the bucket.
        buckets = Counter([_MAPPING.key(number * _SCALE) for number in numbers])
        for bucket, count in buckets.items():
            self._sketch.add(_MAPPING.value(bucket), count)

    def add_repeated(self, numbers: Sequence[float]) -> None:
        """Count these in; the faster way where many are equal."""
        if numbers:
            self._stretch(numbers)
            for number, count in Counter(numbers).items():
                self._sketch.add(number * _SCALE, count)

    def _stretch(self, numbers: Sequence[float]) -> None:
        self.minimum = min(self.minimum, min(numbers))
        self.maximum = max(self.maximum, max(numbers))

    @classmethod
    def of_buckets(
        cls, buckets: Sequence[tuple[float, int]], minimum: float, maximum: float
    ) -> Quantiles:
        """What `buckets()` gave, and the extremes of those numbers, as a sketch again."""
        quantiles = cls()
        for number, count in buckets:
            quantiles._sketch.add(number * _SCALE, count)
        quantiles.minimum, quantiles.maximum = minimum, maximum
        return quantiles

    def merge(self, other: Quantiles) -> None:
        """Count in all that was counted into the other."""
        self._sketch.merge(other._sketch)
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def at(self, share: float) -> float | None:
        """The number that this share (0 to 1) of them does not exceed; None without any."""
        value = self._sketch.get_quantile_value(share)
        return None if value is None else self._unscaled(value)

    def buckets(self) -> list[tuple[float, int]]:
        """Ascending: a number that stands for a bucket, and how many are in that one."""
        positive, negative = list(_filled(self._positive)), list(_filled(self._negative))
        zeros = int(self._sketch.count) - sum(count for _, count in (*positive, *negative))
        pairs = [(-_MAPPING.value(key), count) for key, count in reversed(negative)]
        pairs += [(0.0, zeros)] if zeros else []
        pairs += [(_MAPPING.value(key), count) for key, count in positive]
        return [(self._unscaled(value), count) for value, count in pairs]

    def _unscaled(self, value: float) -> float:
        return min(max(value / _SCALE, self.minimum), self.maximum)


def _filled(store: DenseStore) -> Iterable[tuple[int, int]]:
    return (
        (place + store.offset, int(count)) for place, count in enumerate(store.bins) if count > 0
    )
