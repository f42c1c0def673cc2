"""Quantiles of many numbers, in constant memory and independent of their order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.store import DenseStore

RELATIVE_ERROR = 0.01  # of a quantile

_MAPPING = LogarithmicMapping(RELATIVE_ERROR)


class Quantiles:
    """A sketch of numbers, whose quantiles have a relative error of RELATIVE_ERROR at most.

    It is a DDSketch, which counts the numbers in buckets that grow by a constant factor.
    http://www.vldb.org/pvldb/vol12/p2195-masson.pdf
    """

    def __init__(self, scale: float = 0.25) -> None:
        """The sketch holds numbers times `scale`, since no bucket may end beyond the largest float.

        1 will do for numbers that are never so large.
        """
        self._scale = scale
        self._positive, self._negative = DenseStore(), DenseStore()
        self._sketch = BaseDDSketch(_MAPPING, self._positive, self._negative, 0.0)
        self.minimum = math.inf
        self.maximum = -math.inf

    def add(self, numbers: Sequence[float]) -> None:
        """Count these in."""
        if not numbers:
            return
        if min(numbers) * self._scale <= _MAPPING.min_possible:
            self.add_repeated(numbers)
            return
        self._widen(numbers)
        # Count by bucket first: adding to the sketch takes longer than finding the bucket.
        buckets = Counter([_MAPPING.key(number * self._scale) for number in numbers])
        for bucket, count in buckets.items():
            self._sketch.add(_MAPPING.value(bucket), count)

    def add_repeated(self, numbers: Sequence[float]) -> None:
        """Count these in; faster than add() if many are equal."""
        if numbers:
            self._widen(numbers)
            for number, count in Counter(numbers).items():
                self._sketch.add(number * self._scale, count)

    def _widen(self, numbers: Sequence[float]) -> None:
        self.minimum = min(self.minimum, min(numbers))
        self.maximum = max(self.maximum, max(numbers))

    @classmethod
    def of_buckets(
        cls, buckets: Sequence[tuple[float, int]], minimum: float, maximum: float
    ) -> Quantiles:
        """Make a sketch from the result of `buckets()` and the extremes."""
        quantiles = cls()
        for number, count in buckets:
            quantiles._sketch.add(number * quantiles._scale, count)
        quantiles.minimum, quantiles.maximum = minimum, maximum
        return quantiles

    def merge(self, other: Quantiles) -> None:
        """Count in what was counted into the other, of the same scale."""
        self._sketch.merge(other._sketch)
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def at(self, share: float) -> float | None:
        """Return the number that this share (0 to 1) of them does not exceed; None without any."""
        value = self._sketch.get_quantile_value(share)
        return None if value is None else self._unscaled(value)

    def buckets(self) -> list[tuple[float, int]]:
        """Return a number that stands for each bucket, and its count; ascending."""
        positive, negative = list(_filled(self._positive)), list(_filled(self._negative))
        zeros = int(self._sketch.count) - sum(count for _, count in (*positive, *negative))
        pairs = [(-_MAPPING.value(key), count) for key, count in reversed(negative)]
        pairs += [(0.0, zeros)] if zeros else []
        pairs += [(_MAPPING.value(key), count) for key, count in positive]
        return [(self._unscaled(value), count) for value, count in pairs]

    def _unscaled(self, value: float) -> float:
        return min(max(value / self._scale, self.minimum), self.maximum)


def _filled(store: DenseStore) -> Iterable[tuple[int, int]]:
    return (
        (place + store.offset, int(count)) for place, count in enumerate(store.bins) if count > 0
    )
