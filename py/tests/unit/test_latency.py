"""Quantiles of latencies and their histogram, compared with the sorted list."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.cli.format import milliseconds
from etcdlab.load.latency import Latencies
from etcdlab.sketch import RELATIVE_ERROR


@given(st.lists(st.floats(1e-6, 1e3), min_size=1), st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_within_its_error(values: list[float], share: float) -> None:
    latencies = Latencies()
    for value in values:
        latencies.record(value)
    rank = int(share * (len(values) - 1))
    true = sorted(values)[rank]
    upper = sorted(values)[min(rank + 1, len(values) - 1)]
    assert true * (1 - 2 * RELATIVE_ERROR) <= latencies.quantile(share)
    assert latencies.quantile(share) <= upper * (1 + 2 * RELATIVE_ERROR)
    assert latencies.quantile(share) <= latencies.maximum == max(values)


def test_without_any_there_is_nothing_to_say() -> None:
    latencies = Latencies()
    assert math.isnan(latencies.quantile(0.5))
    assert latencies.histogram() == ""


def test_the_histogram_counts_all_of_them_once() -> None:
    latencies = Latencies()
    values = [random.Random(1).uniform(0.001, 0.2) for _ in range(1000)]
    for value in values:
        latencies.record(value)
    lines = latencies.histogram().splitlines()
    assert sum(int(line.split()[-1]) for line in lines) == 1000
    assert max(line.count("#") for line in lines) == 40


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.000_012_34, "0.0123"),
        (0.00123, "1.23"),
        (0.0456, "45.6"),
        (0.9999, "1000"),
        (12.3456, "12346"),
        (0.0, "0.00"),
        (math.nan, "-"),
    ],
)
def test_milliseconds(seconds: float, shown: str) -> None:
    assert milliseconds(seconds) == shown
