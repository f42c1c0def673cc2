"""The latencies of requests: quantiles and a histogram, in constant memory."""

from __future__ import annotations

import math
from collections import Counter
from threading import Lock
from typing import Any

from etcdlab.cli.bars import bars
from etcdlab.cli.format import milliseconds
from etcdlab.sketch import Quantiles

_STEPS = 4  # bars of the histogram from a latency to twice as long a one


class Latencies:
    """Latencies in seconds; several threads may record at a time."""

    def __init__(self) -> None:
        self._quantiles = Quantiles(scale=1.0)
        # Keeps a quantile at the middle of its bucket, even if the least latency is above that.
        self._quantiles.minimum = 0.0
        self._steps: Counter[int] = Counter()
        self._lock = Lock()
        self.count = 0

    def record(self, seconds: float) -> None:
        """Count a latency in."""
        seconds = max(seconds, 1e-9)
        with self._lock:
            self._quantiles.add_repeated([seconds])
            self._steps[math.ceil(_STEPS * math.log2(seconds))] += 1
            self.count += 1

    def merge(self, other: Latencies) -> None:
        """Count in what was counted into the other, to which no thread records any more."""
        with self._lock:
            self._quantiles.merge(other._quantiles)
            self._steps.update(other._steps)
            self.count += other.count

    def __getstate__(self) -> dict[str, Any]:
        """Leave the lock out: another process makes its own."""
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())

    @property
    def maximum(self) -> float:
        """The longest latency; 0 without any."""
        return max(0.0, self._quantiles.maximum)

    def quantile(self, share: float) -> float:
        """Return the latency that this share (0 to 1) of requests did not exceed, else nan."""
        with self._lock:
            value = self._quantiles.at(share)
        return math.nan if value is None else value

    def histogram(self) -> str:
        """Return a line with a bar for each range of latencies; empty without any."""
        with self._lock:
            steps = dict(self._steps)
        if not steps:
            return ""
        every = range(min(steps), max(steps) + 1)
        return bars([(_limit(step), steps.get(step, 0)) for step in every])


def _limit(step: int) -> str:
    return f"   <= {milliseconds(2 ** (step / _STEPS))} ms"
