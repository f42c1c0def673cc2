"""What is kept of many numbers: exact sums, extremes, quantiles; in constant memory.

All of it is the same whatever the order in which the numbers come.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.store import DenseStore

RELATIVE_ERROR = 0.01  # of a quantile

# The sketch cannot tell the bounds of a bucket that ends beyond the largest float.
_SCALE = 0.25
_MAPPING = LogarithmicMapping(RELATIVE_ERROR)
# The squares of numbers between these have neither more digits than two floats nor
# exponents that floats do not have.
_SMALL, _LARGE = 2.0**-400, 2.0**400
_SPLIT = 2.0**27 + 1


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


@dataclass
class Sizes:
    """Count, sum, extremes and quantiles of sizes in bytes."""

    count: int = 0
    total: int = 0
    quantiles: Quantiles = field(default_factory=Quantiles)

    def add(self, sizes: Sequence[int]) -> None:
        """Count these in."""
        self.count += len(sizes)
        self.total += sum(sizes)
        self.quantiles.add_repeated(sizes)

    def merge(self, other: Sizes) -> None:
        """Count in all that was counted into the other."""
        self.count += other.count
        self.total += other.total
        self.quantiles.merge(other.quantiles)

    def figures(self) -> dict[str, Any]:
        """Minimum, mean, p50, p99 and maximum; None where there is nothing."""
        if not self.count:
            return dict.fromkeys(("min", "mean", "p50", "p99", "max"))
        p50, p99 = (round(self.quantiles.at(share) or 0) for share in (0.5, 0.99))
        return {
            "min": int(self.quantiles.minimum),
            "mean": self.total / self.count,
            "p50": p50,
            "p99": p99,
            "max": int(self.quantiles.maximum),
        }


@dataclass
class Numbers:
    """Count, mean, extremes, standard deviation and quantiles of finite floats.

    The sums are exact: no small number is lost among large ones.
    """

    count: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)
    quantiles: Quantiles = field(default_factory=Quantiles)

    def add(self, numbers: Sequence[float]) -> None:
        """Count these in."""
        self.count += len(numbers)
        self.quantiles.add(numbers)
        usual = [x for x in numbers if _SMALL < abs(x) < _LARGE]
        if len(usual) < len(numbers):
            odd = [Fraction(x) for x in numbers if not _SMALL < abs(x) < _LARGE]
            self.total += sum(odd)
            self.squares += sum(x * x for x in odd)
        self.total += _exact_sum(usual)
        self.squares += _exact_sum(_squares(usual))

    def merge(self, other: Numbers) -> None:
        """Count in all that was counted into the other."""
        self.count += other.count
        self.total += other.total
        self.squares += other.squares
        self.quantiles.merge(other.quantiles)

    def figures(self) -> dict[str, float | None]:
        """Mean, extremes, standard deviation and quantiles; None where there is nothing."""
        if not self.count:
            return dict.fromkeys(("mean", "min", "p50", "p90", "p99", "max", "stddev"))
        mean = self.total / self.count
        return {
            "mean": float(mean),
            "min": self.quantiles.minimum,
            "p50": self.quantiles.at(0.5),
            "p90": self.quantiles.at(0.9),
            "p99": self.quantiles.at(0.99),
            "max": self.quantiles.maximum,
            "stddev": _square_root(self.squares / self.count - mean * mean),
        }


def _squares(numbers: Sequence[float]) -> list[float]:
    """Floats whose exact sum is that of the squares: each square, and what rounding took of it.

    A number is split into halves of 26 bits, whose products are exact (Dekker, Veltkamp).
    """
    squares = [x * x for x in numbers]
    carried = [_SPLIT * x for x in numbers]
    halves = [c - (c - x) for c, x in zip(carried, numbers, strict=True)]
    lost = [
        ((high * high - square) + 2 * high * (x - high)) + (x - high) * (x - high)
        for high, x, square in zip(halves, numbers, squares, strict=True)
    ]
    return squares + lost


def _exact_sum(numbers: Sequence[float]) -> Fraction:
    """The sum, nothing rounded: what is left of it after each rounding is added as well."""
    parts: list[float] = []
    while rest := math.fsum([*numbers, *(-part for part in parts)]):
        parts.append(rest)
    return sum(map(Fraction, parts), Fraction(0))


def _square_root(number: Fraction) -> float:
    """The root, also of what is too large or too small for a float."""
    if not number:
        return 0.0
    half = (number.numerator.bit_length() - number.denominator.bit_length()) // 2
    return math.ldexp(math.sqrt(number / Fraction(4) ** half), half)
