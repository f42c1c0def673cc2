"""Quantiles, against plain lists."""

from __future__ import annotations

import random

import pytest

from etcdlab.sketch import RELATIVE_ERROR, Quantiles


def test_of_nothing_there_are_no_quantiles() -> None:
    assert (Quantiles().at(0.5), Quantiles().buckets()) == (None, [])


@pytest.mark.parametrize(
    "draw",
    [
        lambda chance: chance.uniform(0.01, 1000),
        lambda chance: chance.lognormvariate(0, 5),
        lambda chance: chance.gauss(0, 3),
        lambda chance: float(chance.randrange(3)),
        lambda chance: chance.choice([1.7e308, 1e-300, -1e308, 0.0]),
    ],
)
def test_a_quantile_is_off_by_its_error_at_most(draw) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    chance = random.Random(1)
    numbers = [draw(chance) for _ in range(5000)]
    one, other = Quantiles(), Quantiles()
    one.add(numbers[:1000])
    other.add(numbers[1000:])
    one.merge(other)
    numbers.sort()
    for share in (0, 0.01, 0.5, 0.9, 0.99, 1):
        exact = numbers[int(share * (len(numbers) - 1))]
        assert one.at(share) == pytest.approx(exact, rel=RELATIVE_ERROR * 1.001)
    buckets = one.buckets()
    assert sum(count for _, count in buckets) == 5000
    assert buckets == sorted(buckets)
