"""The bins of histograms and their labels."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etcdlab.report import histograms
from etcdlab.report.histograms import (
    Histogram,
    number_histogram,
    short_number,
    size_histogram,
)
from etcdlab.sketch import RELATIVE_ERROR, Quantiles


def sketched(numbers: list[float]) -> dict[str, Any]:
    quantiles = Quantiles()
    quantiles.add(numbers)
    return {
        "buckets": quantiles.buckets(),
        "min": min(numbers, default=0),
        "max": max(numbers, default=0),
    }


def histogram_of(numbers: list[float]) -> Histogram:
    return number_histogram(sketched(numbers), RELATIVE_ERROR)


def histogram_of_sizes(groups: list[list[int]]) -> Histogram:
    every = [size for sizes in groups for size in sizes]
    named = {str(place): sketched(sizes)["buckets"] for place, sizes in enumerate(groups)}
    return size_histogram(named, sketched(every), RELATIVE_ERROR)


floats = st.floats(allow_nan=False, allow_infinity=False, max_value=1.5e308, min_value=-1.5e308)


@given(st.lists(floats, min_size=1))
@example([5e-324, 1e-323])
@example([-1.5e308, 1.5e308])
def test_each_number_is_in_a_bin(numbers: list[float]) -> None:
    histogram = histogram_of(numbers)
    counts, labels, bounds = histogram.counts["values"], histogram.labels, histogram.bounds
    assert sum(counts) == len(numbers)
    assert min(counts) >= 0
    assert len(counts) == len(labels) == len(bounds) <= histograms.BINS + 3
    assert bounds == sorted(bounds)
    slack = 2 * RELATIVE_ERROR * max(map(abs, numbers)) + 1e-320
    assert bounds[0][0] <= min(numbers) + slack
    assert bounds[-1][1] >= max(numbers) - slack


@given(st.lists(st.lists(st.integers(0, 1_500_000), max_size=30), min_size=1).filter(any))
def test_sizes_are_in_the_bins_that_are_named_after_them(groups: list[list[int]]) -> None:
    histogram = histogram_of_sizes(groups)
    for place, sizes in enumerate(groups):
        counts = histogram.counts[str(place)]
        assert sum(counts) == len(sizes)
        for label, count in zip(histogram.labels, counts, strict=True):
            first, *_, last = (2 * label.replace(",", "").split(" to ")) if label else ("0", "-1")
            inside = [sum(low <= n <= high for n in sizes) for low, high in near(first, last)]
            assert inside[0] <= count <= inside[1]


def near(first: str, last: str) -> list[tuple[float, float]]:
    """The range without and with the error of a sketch on both sides."""
    less, more = 1 - 2 * RELATIVE_ERROR, 1 + 2 * RELATIVE_ERROR
    return [(int(first) * more, int(last) * less), (int(first) * less, int(last) * more)]


def test_bins_of_sizes_are_whole_buckets() -> None:
    histogram = histogram_of_sizes([list(range(1, 5001))])
    for label, count in zip(histogram.labels, histogram.counts["0"], strict=True):
        first, *_, last = 2 * label.replace(",", "").split(" to ") if label else ("1", "0")
        assert count == int(last) - int(first) + 1


@pytest.mark.parametrize(
    ("sizes", "labels"),
    [
        ([128] * 9, ["128"]),
        ([0, 0], ["0"]),
        ([1, 1], ["1"]),
        ([0, 1], ["0", "1"]),
        ([126, 127, 128, 129, 130], ["126 to 127", "128 to 129", "130"]),
    ],
)
def test_bins_are_named_after_what_can_be_in_them(sizes: list[int], labels: list[str]) -> None:
    assert histogram_of_sizes([sizes]).labels == labels


def test_numbers_that_fill_a_linear_axis_get_one() -> None:
    histogram = histogram_of([i / 100 for i in range(1, 100_000)])
    assert histogram.labels[:2] == ["0 to 25", "25 to 50"]
    assert histogram.is_linear
    assert histogram.bounds[:2] == [(0, 25), (25, 50)]
    # Buckets are nearly as wide as bins here: counted whole, they would make a comb.
    assert all(0.9 < count / 2500 < 1.1 for count in histogram.counts["values"])


@pytest.mark.parametrize(
    ("numbers", "first", "last"),
    [
        ([*range(1001)], "0 to 25", "975 to 1,000"),
        ([*range(-1000, 1)], "-1,000 to -975", "-25 to 0"),
        ([i / 10 for i in range(3, 34)], "0.3 to 0.4", "3.2 to 3.3"),
        ([1000, 1005, 1010], "1,000 to 1,025", "1,000 to 1,025"),
        ([5, 5], "5", "5"),
    ],
)
def test_bins_begin_and_end_where_the_numbers_do(
    numbers: list[float], first: str, last: str
) -> None:
    labels = histogram_of(numbers).labels
    assert (labels[0], labels[-1]) == (first, last)


def test_numbers_that_would_be_lost_on_a_linear_axis_get_a_logarithmic_one() -> None:
    histogram = histogram_of([float(10**i) for i in range(13)])
    assert not histogram.is_linear
    (low, high), *others = histogram.bounds
    assert all(far / near == pytest.approx(high / low) for near, far in others)
    assert [count for count in histogram.counts["values"] if count] == [1] * 13


def test_logarithmic_bins_go_through_zero_in_both_directions() -> None:
    bounds = histogram_of([-1e6, -1, 0, 1, 10, 1e6]).bounds
    middle = bounds.index((0, 0))
    assert [(-high, -low) for low, high in bounds[:middle]] == bounds[:middle:-1]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (25, "25"),
        (0.1 + 0.2, "0.3"),
        (-1e6, "-1,000,000"),
        (1e308, "1e308"),
        (1e7, "1e7"),
        (-1.25e-9, "-1.25e-9"),
    ],
)
def test_numbers_on_axes(number: float, text: str) -> None:
    assert short_number(number) == text
