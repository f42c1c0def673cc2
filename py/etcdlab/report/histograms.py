"""Histograms: sort the buckets of quantile sketches into few bins."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from etcdlab.report.document import Buckets, FieldNumbers, SizeGroup

BINS = 40  # about
_LARGEST = 1e300  # in linear bins: the difference of larger numbers may overflow
_SMALLEST = 1e-300  # and that of smaller ones may be zero
_CROWDED = 100  # times the median absolute value: a farther number makes bins logarithmic
_ROUNDING = 1e-9  # relative error of computed bounds

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Histogram:
    """Bins from left to right: bounds, labels, and each group's counts."""

    bounds: list[Bounds]
    labels: list[str]
    counts: dict[str, list[int]]
    is_linear: bool = False


@dataclass(frozen=True)
class _LogScale:
    """Bins of equal logarithmic width, numbered outward from bin 0, which holds zero alone."""

    start: float
    """The logarithm of the inner bound of bins 1 and -1."""
    width: float

    def bin(self, number: float) -> int:
        if not number:
            return 0
        place = 0.5 + (math.log(abs(number)) - self.start) / self.width
        return round(math.copysign(place, number))

    def bounds(self, place: int) -> Bounds:
        if not place:
            return 0.0, 0.0
        far = self.start + abs(place) * self.width
        inner, outer = (math.copysign(_exp(log), place) for log in (far - self.width, far))
        return min(inner, outer), max(inner, outer)


def size_histogram(
    groups: Mapping[str, Buckets], values: SizeGroup, error: float, most: int = BINS
) -> Histogram:
    """Sizes in bytes by group, in shared logarithmic bins; `values` are those of all groups.

    `error` is the relative error of the sketches. No bin cuts a bucket. There are about `most`
    bins at most.
    """
    least, largest = values["min"] or 0, values["max"] or 0
    return _logarithmic(
        groups,
        error,
        most,
        lambda low, high: _whole_numbers(max(low, least - 1), min(high, largest)),
    )


def number_histogram(field: FieldNumbers, error: float, most: int = BINS) -> Histogram:
    """The field's numbers, as group `values`; bins are logarithmic if linear ones hide most."""
    buckets, least, largest = field["buckets"], field["min"] or 0.0, field["max"] or 0.0
    if _fills_an_axis(buckets, least, largest):
        return _linear(buckets, error, least, largest, most)
    return _logarithmic(
        {"values": buckets},
        error,
        most,
        lambda low, high: _any_numbers(max(low, least), min(high, largest)),
    )


def _linear(buckets: Buckets, error: float, least: float, largest: float, most: int) -> Histogram:
    """Linear bins; a bucket that spans several is split among them in proportion."""
    finest = 2 * error * max(abs(least), abs(largest))
    width = _nice(max((largest - least) / most, finest))
    spans = []
    for number, count in buckets:
        low, high = sorted((number / (1 + error), number / (1 - error)))
        spans.append((max(low, least), min(high, largest), count))
    first = math.floor(min(low for low, _, _ in spans) / width + _ROUNDING)
    last = max(first, math.ceil(max(high for _, high, _ in spans) / width - _ROUNDING) - 1)
    shares = [0.0] * (last - first + 1)
    for low, high, count in spans:
        near, far = (min(math.floor(end / width + _ROUNDING), last) for end in (low, high))
        start, end = low / width - 0.5, high / width - 0.5
        for place in range(near, far + 1):
            inside = min(end, place + 0.5) - max(start, place - 0.5)
            shares[place - first] += count * inside / (end - start) if far > near else count
    until = [round(total) for total in accumulate(shares, initial=0.0)]
    counts = [after - before for before, after in pairwise(until)]
    bounds = [(place * width, (place + 1) * width) for place in range(first, last + 1)]
    labels = [_any_numbers(*each) for each in bounds]
    return Histogram(bounds, labels, {"values": counts}, is_linear=True)


def _logarithmic(
    groups: Mapping[str, Buckets], error: float, most: int, label: Callable[[float, float], str]
) -> Histogram:
    scale = _log_scale(list(groups.values()), error, most)
    every = [number for buckets in groups.values() for number, _ in buckets]
    first, last = scale.bin(min(every)), scale.bin(max(every))
    counts = {name: [0] * (last - first + 1) for name in groups}
    for name, buckets in groups.items():
        for number, count in buckets:
            counts[name][scale.bin(number) - first] += count
    bounds = [scale.bounds(place) for place in range(first, last + 1)]
    return Histogram(bounds, [label(*each) for each in bounds], counts)


def _log_scale(groups: Sequence[Buckets], error: float, most: int) -> _LogScale:
    """The scale whose bins have the bounds of buckets."""
    step = math.log((1 + error) / (1 - error))
    logs = [(math.log(abs(number)), number < 0) for each in groups for number, _ in each if number]
    if not logs:
        return _LogScale(0.0, step)
    # The first and the last of a sketch's numbers need not be in the middle of their buckets.
    inner = next((number for each in groups for number, _ in each[1:-1] if number), None)
    edge = (math.log(abs(inner)) if inner else logs[0][0]) - math.log1p(error)
    start = edge - step * math.ceil((edge - min(logs)[0]) / step + _ROUNDING)
    sides = [[log for log, below in logs if below == side] for side in (True, False)]
    length = sum(math.ceil((max(side) - start) / step) for side in sides if side)
    return _LogScale(start, step * max(1, math.ceil(length / most)))


def _fills_an_axis(buckets: Buckets, least: float, largest: float) -> bool:
    """Whether a linear axis spreads the numbers: the median is not within 1 % of the farthest."""
    far = sorted((abs(number), count) for number, count in buckets)
    until = list(accumulate(count for _, count in far))
    median = next(number for (number, _), n in zip(far, until, strict=True) if 2 * n >= until[-1])
    farthest = far[-1][0]
    return least < largest and _SMALLEST < farthest < min(_LARGEST, _CROWDED * median)


def short_number(number: float) -> str:
    """A number for a label, with as few digits as it has: seven at most."""
    if not number or 1e-4 <= abs(number) < 1e7:
        return f"{number:,.7g}" if abs(number) < 1e6 else f"{number:,.0f}"
    digits, exponent = f"{number:.2e}".split("e")
    return f"{float(digits):g}e{int(exponent)}"


def _whole_numbers(low: float, high: float) -> str:
    """The whole numbers above `low` and up to `high`; empty if there are none."""
    first, last = (math.floor(end * (1 + _ROUNDING)) for end in (low, high))
    if not last or first + 1 == last:
        return f"{last:,}"
    return f"{first + 1:,} to {last:,}" if first < last else ""


def _any_numbers(low: float, high: float) -> str:
    return short_number(low) if low == high else f"{short_number(low)} to {short_number(high)}"


def _nice(least: float) -> float:
    """The least of 1, 2, 2.5 or 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(x * power for x in (1, 2, 2.5, 5, 10, 20) if x * power >= least * (1 - _ROUNDING))


def _exp(log: float) -> float:
    return math.exp(min(log, math.log(math.nextafter(math.inf, 0))))
