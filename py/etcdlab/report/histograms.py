"""Histograms: bins of the buckets that quantile sketches have, and ticks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Protocol

BINS = 40  # about
_TICKS = 8  # about
_CHARACTERS = 72  # along an axis, at least
_LARGEST = 1e300  # on a linear axis: the distance of larger ones may be no float
_SMALLEST = 1e-300  # and that of smaller ones may be zero
_CROWDED = 100  # times as far from zero as half of the numbers: the farthest one
_HARDLY = 1e-9  # a difference that rounding makes

Buckets = Sequence[tuple[float, int]]
Span = tuple[float, float, int]
"""From where to where there are how many."""
Histogram = dict[str, Any]


class _Scale(Protocol):
    """An axis on which bins are 1 wide, and the middle of each is its number."""

    def place(self, number: float) -> float: ...

    def bin(self, number: float) -> int: ...

    def last(self, largest: float) -> int: ...

    def bounds(self, place: int) -> tuple[float, float]: ...

    def ticks(self, least: float, largest: float) -> list[float]: ...


@dataclass(frozen=True)
class _Linear:
    width: float

    def place(self, number: float) -> float:
        return number / self.width - 0.5

    def bin(self, number: float) -> int:
        return math.floor(number / self.width + _HARDLY)

    def last(self, largest: float) -> int:
        return math.ceil(largest / self.width - _HARDLY) - 1

    def bounds(self, place: int) -> tuple[float, float]:
        return place * self.width, (place + 1) * self.width

    def ticks(self, least: float, largest: float) -> list[float]:
        step = _nice((largest - least) / _TICKS)
        return [i * step for i in range(math.ceil(least / step), math.floor(largest / step) + 1)]


@dataclass(frozen=True)
class _Logarithmic:
    """Outward from zero, which has a bin of its own, in both directions."""

    start: float
    """The logarithm of where the bins next to zero begin."""
    width: float

    def place(self, number: float) -> float:
        if not number:
            return 0.0
        return math.copysign(0.5 + (math.log(abs(number)) - self.start) / self.width, number)

    def bin(self, number: float) -> int:
        return round(self.place(number))

    def last(self, largest: float) -> int:
        return self.bin(largest)

    def bounds(self, place: int) -> tuple[float, float]:
        if not place:
            return 0.0, 0.0
        far = self.start + abs(place) * self.width
        inner, outer = (math.copysign(_exp(log), place) for log in (far - self.width, far))
        return min(inner, outer), max(inner, outer)

    def ticks(self, least: float, largest: float) -> list[float]:
        steps = [float(f"{digit}e{exponent}") for exponent in range(-307, 309) for digit in "125"]
        steps = [x for x in steps if x >= _exp(self.start)]
        found = [x for x in (0.0, *steps, *(-x for x in steps)) if least <= x <= largest]
        powers = [x for x in found if f"{abs(x):e}"[0] in "01"]
        return found if len(found) <= _TICKS else powers


def sizes(
    groups: Mapping[str, Buckets], error: float, least: int, largest: int, most: int = BINS
) -> Histogram:
    """Of sizes in bytes by group, in the same bins, on a logarithmic axis.

    `error` is the relative one of the sketches; none of their buckets is cut. `most` is
    about how many bins there are at most.
    """
    scale = _logarithmic(list(groups.values()), error, most)
    spans = {name: _points(buckets) for name, buckets in groups.items()}
    return _histogram(
        spans, scale, lambda low, high: _whole_numbers(max(low, least - 1), min(high, largest))
    )


def numbers(
    buckets: Buckets, error: float, least: float, largest: float, most: int = BINS
) -> Histogram:
    """Of numbers; on a linear axis, or a logarithmic one where that would hide most of them."""
    if not _fills_an_axis(buckets, least, largest):
        return _histogram(
            {"values": _points(buckets)},
            _logarithmic([buckets], error, most),
            lambda low, high: _any_numbers(max(low, least), min(high, largest)),
        )
    finest = 2 * error * max(abs(least), abs(largest))
    scale = _Linear(_nice(max((largest - least) / most, finest)))
    spans = []
    for number, count in buckets:
        low, high = sorted((number / (1 + error), number / (1 - error)))
        spans.append((max(low, least), min(high, largest), count))
    return _histogram({"values": spans}, scale, _any_numbers)


def show(number: float) -> str:
    """A number on an axis: as few digits as it has."""
    if not number or 1e-4 <= abs(number) < 1e7:
        return f"{number:,.7g}" if abs(number) < 1e6 else f"{number:,.0f}"
    digits, exponent = f"{number:.2e}".split("e")
    return f"{float(digits):g}e{int(exponent)}"


def _points(buckets: Buckets) -> list[Span]:
    return [(number, number, count) for number, count in buckets]


def _logarithmic(groups: Sequence[Buckets], error: float, most: int) -> _Logarithmic:
    """A scale whose bins begin and end where buckets do."""
    step = math.log((1 + error) / (1 - error))
    logs = [(math.log(abs(number)), number < 0) for each in groups for number, _ in each if number]
    if not logs:
        return _Logarithmic(0.0, step)
    # The first and the last of a sketch's numbers need not be in the middle of their buckets.
    inner = next((number for each in groups for number, _ in each[1:-1] if number), None)
    edge = (math.log(abs(inner)) if inner else logs[0][0]) - math.log1p(error)
    start = edge - step * math.ceil((edge - min(logs)[0]) / step + _HARDLY)
    sides = [[log for log, below in logs if below == side] for side in (True, False)]
    length = sum(math.ceil((max(side) - start) / step) for side in sides if side)
    return _Logarithmic(start, step * max(1, math.ceil(length / most)))


def _fills_an_axis(buckets: Buckets, least: float, largest: float) -> bool:
    """Whether a linear axis has not half of the numbers crowded around zero."""
    far = sorted((abs(number), count) for number, count in buckets)
    until = list(accumulate(count for _, count in far))
    median = next(number for (number, _), n in zip(far, until, strict=True) if 2 * n >= until[-1])
    farthest = far[-1][0]
    return least < largest and _SMALLEST < farthest < min(_LARGEST, _CROWDED * median)


def _histogram(
    groups: Mapping[str, Sequence[Span]], scale: _Scale, label: Callable[[float, float], str]
) -> Histogram:
    every = [span for group in groups.values() for span in group]
    least, largest = min(low for low, _, _ in every), max(high for _, high, _ in every)
    first = scale.bin(least)
    last = max(first, scale.last(largest))
    bounds = [scale.bounds(place) for place in range(first, last + 1)]
    labels = [label(*each) for each in bounds]
    ticks = sorted(scale.ticks(bounds[0][0], bounds[-1][1]), key=abs)
    places = [(scale.place(tick) - first, show(tick)) for tick in ticks]
    ends = [(0.0, labels[0]), (float(last - first), labels[-1])][: len(labels)]
    return {
        "labels": labels,
        "counts": {name: _counts(group, scale, first, last) for name, group in groups.items()},
        "ticks": _apart(places, len(labels)) if len(places) > 1 else ends,
    }


def _counts(spans: Sequence[Span], scale: _Scale, first: int, last: int) -> list[int]:
    """How many there are in each bin; a span over several counts for each by its share."""
    shares = [0.0] * (last - first + 1)
    for low, high, count in spans:
        near, far = (min(scale.bin(end), last) for end in (low, high))
        start, end = scale.place(low), scale.place(high)
        for place in range(near, far + 1):
            inside = min(end, place + 0.5) - max(start, place - 0.5)
            shares[place - first] += count * inside / (end - start) if far > near else count
    until = [round(total) for total in accumulate(shares, initial=0.0)]
    return [after - before for before, after in pairwise(until)]


def _apart(ticks: list[tuple[float, str]], length: int) -> list[tuple[float, str]]:
    """Those that are not too close to an earlier one for the widest text."""
    gap = length * (max(len(text) for _, text in ticks) + 2) / _CHARACTERS
    kept: list[tuple[float, str]] = []
    for place, text in ticks:
        if all(abs(place - other) >= gap for other, _ in kept):
            kept.append((place, text))
    return kept


def _whole_numbers(low: float, high: float) -> str:
    """Those above the one and up to the other; there may be none."""
    first, last = (math.floor(end * (1 + _HARDLY)) for end in (low, high))
    if not last or first + 1 == last:
        return f"{last:,}"
    return f"{first + 1:,} to {last:,}" if first < last else ""


def _any_numbers(low: float, high: float) -> str:
    return show(low) if low == high else f"{show(low)} to {show(high)}"


def _nice(least: float) -> float:
    """The first number from there on that people count in: 1, 2, 2.5 or 5 and zeros."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(x * power for x in (1, 2, 2.5, 5, 10, 20) if x * power >= least * (1 - _HARDLY))


def _exp(log: float) -> float:
    return math.exp(min(log, math.log(math.nextafter(math.inf, 0))))
