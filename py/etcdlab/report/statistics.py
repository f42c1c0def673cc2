"""Statistics of many numbers in constant memory: exact sums, extremes, quantiles.

They do not depend on the order in which the numbers are added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypedDict

from etcdlab.sketch import Quantiles

# The squares of numbers between these have neither more digits than two floats nor
# exponents that floats do not have.
_SMALL, _LARGE = 2.0**-400, 2.0**400
_SPLIT = 2.0**27 + 1


class SizeFigures(TypedDict):
    """Figures of sizes in bytes; None where there are no sizes."""

    min: int | None
    mean: float | None
    p50: int | None
    p99: int | None
    max: int | None


class NumberFigures(TypedDict):
    """Figures of floats; None where there are no numbers."""

    mean: float | None
    min: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    max: float | None
    stddev: float | None


@dataclass
class Sizes:
    """Count, sum, extremes and quantiles of sizes in bytes."""

    count: int = 0
    total: int = 0
    quantiles: Quantiles = field(default_factory=Quantiles)

    def add(self, sizes: Sequence[int]) -> None:
        """Add sizes."""
        self.count += len(sizes)
        self.total += sum(sizes)
        self.quantiles.add_repeated(sizes)

    def merge(self, other: Sizes) -> None:
        """Add what the other counted."""
        self.count += other.count
        self.total += other.total
        self.quantiles.merge(other.quantiles)

    def figures(self) -> SizeFigures:
        """The figures; quantiles are rounded to whole bytes."""
        if not self.count:
            return SizeFigures(min=None, mean=None, p50=None, p99=None, max=None)
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
    """Count, exact sums and quantiles of finite floats.

    Exact sums make a report the same to the byte whatever the order of its pages.
    """

    count: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)
    quantiles: Quantiles = field(default_factory=Quantiles)

    def add(self, numbers: Sequence[float]) -> None:
        """Add finite numbers."""
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
        """Add what the other counted."""
        self.count += other.count
        self.total += other.total
        self.squares += other.squares
        self.quantiles.merge(other.quantiles)

    def figures(self) -> NumberFigures:
        """The figures; mean and standard deviation come from the exact sums."""
        if not self.count:
            return NumberFigures(
                mean=None, min=None, p50=None, p90=None, p99=None, max=None, stddev=None
            )
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
    """Floats whose exact sum is that of the squares: each square, and its rounding error.

    Splits a number into halves of 26 bits, whose products are exact (Dekker, Veltkamp).
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
    """The exact sum: rounds it to a float, then the rest, until nothing is left."""
    parts: list[float] = []
    while rest := math.fsum([*numbers, *(-part for part in parts)]):
        parts.append(rest)
    return sum(map(Fraction, parts), Fraction(0))


def _square_root(number: Fraction) -> float:
    """The square root, also of a number too large or too small for a float."""
    if not number:
        return 0.0
    half = (number.numerator.bit_length() - number.denominator.bit_length()) // 2
    return math.ldexp(math.sqrt(number / Fraction(4) ** half), half)
