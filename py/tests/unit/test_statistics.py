"""Sums and extremes, against plain lists."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.report.statistics import Numbers, Sizes

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def counted(numbers: list[float], pieces: int) -> Numbers:
    """The statistics of the numbers, added in several pieces."""
    stats = Numbers()
    for piece in range(pieces):
        stats.add(numbers[piece::pieces])
    return stats


@given(st.lists(FINITE, min_size=1), st.integers(1, 5))
def test_the_sums_are_exact_in_any_order(numbers: list[float], pieces: int) -> None:
    stats = counted(numbers, pieces)
    assert stats.total == sum(map(Fraction, numbers))
    figures = stats.figures()
    assert (figures["min"], figures["max"]) == (min(numbers), max(numbers))
    assert figures == counted(sorted(numbers), 1).figures()
    assert figures["mean"] == float(stats.total / len(numbers))


@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=30))
def test_the_standard_deviation(numbers: list[float]) -> None:
    exact = statistics.pvariance([Fraction(number) for number in numbers])
    found = counted(numbers, 2).figures()["stddev"]
    assert found is not None
    # The square of a very small number is not exact: its rounding error underflows.
    assert found == pytest.approx(math.sqrt(exact), rel=1e-12, abs=1e-150)


def test_small_numbers_among_large_ones_are_not_lost() -> None:
    stats = counted([1e16, 1.0, -1e16, 1.0] * 1000, 7)
    assert stats.figures()["mean"] == 0.5
    assert counted([1e9 + 1, 1e9 - 1] * 500, 3).figures()["stddev"] == 1.0
    assert counted([1.7e308] * 10, 2).figures()["mean"] == 1.7e308
    assert counted([1.7e308, -1.7e308], 1).figures()["stddev"] == 1.7e308
    assert counted([5e-324] * 3, 2).figures()["mean"] == 5e-324


def test_of_nothing_there_are_no_figures() -> None:
    assert set(Numbers().figures().values()) == {None}
    assert set(Sizes().figures().values()) == {None}


def test_sizes() -> None:
    sizes = Sizes()
    sizes.add([3, 0, 5])
    sizes.add([])
    other = Sizes()
    other.add([1000])
    sizes.merge(other)
    assert (sizes.count, sizes.total) == (4, 1008)
    assert sizes.figures() == {"min": 0, "mean": 252.0, "p50": 3, "p99": 5, "max": 1000}
