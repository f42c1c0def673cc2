"""How long requests took: quantiles and a histogram, in constant memory."""

from __future__ import annotations

import math
from collections import Counter
from threading import Lock
from typing import Any

from ddsketch import DDSketch

from etcdlab.cli.bars import bars
from etcdlab.cli.format import milliseconds

RELATIVE_ERROR = 0.01  # of a quantile
_STEPS = 4  # bars of the histogram from one latency to its double


class Latencies:
    """Latencies in seconds; several threads may record at a time."""

    def __init__(self) -> None:
        self._sketch = DDSketch(RELATIVE_ERROR)
        self._steps: Counter[int] = Counter()
        self._lock = Lock()
        self.count = 0
        self.maximum = 0.0

    def record(self, seconds: float) -> None:
        """Count one in."""
        seconds = max(seconds, 1e-9)
        with self._lock:
            self._sketch.add(seconds)
            self._steps[math.ceil(_STEPS * math.log2(seconds))] += 1
            self.count += 1
            self.maximum = max(self.maximum, seconds)

    def merge(self, other: Latencies) -> None:
        """Count in all that was counted into the other, which nobody records to any more."""
        with self._lock:
            self._sketch.merge(other._sketch)
            self._steps.update(other._steps)
            self.count += other.count
            self.maximum = max(self.maximum, other.maximum)

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which makes a lock of its own."""
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())

    def quantile(self, share: float) -> float:
        """The latency that this share (0 to 1) of requests did not exceed; nan without any."""
        with self._lock:
            value = self._sketch.get_quantile_value(share)
        return math.nan if value is None else min(value, self.maximum)

    def histogram(self) -> str:
        """A bar for each step of latency; a step is a fourth of the way to the double."""
        with self._lock:
            steps = dict(self._steps)
        if not steps:
            return ""
        every = range(min(steps), max(steps) + 1)
        return bars([(_limit(step), steps.get(step, 0)) for step in every])


def _limit(step: int) -> str:
    return f"   <= {milliseconds(2 ** (step / _STEPS))} ms"
