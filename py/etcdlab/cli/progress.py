"""How far a script is, on stderr: a bar on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import time
from threading import RLock

from tqdm import tqdm

from etcdlab.cli.main import note
from etcdlab.load.latency import Latencies, milliseconds
from etcdlab.load.writer import Tally

LINE_EVERY = 5.0  # seconds
# A load has more to tell than fits beside a bar on a terminal of 80 columns.
_LOAD_FORMAT = "{percentage:3.0f}% {n_fmt}/{total_fmt}, {remaining} left, {rate_noinv_fmt}{postfix}"
_ENDLESS_FORMAT = "{n_fmt} keys, {elapsed}, {rate_noinv_fmt}{postfix}"


def progress_bar(total: int | None, unit: str, is_shown: bool = True) -> tqdm:
    """A bar of `total` units (None: nobody knows); one that shows nothing without a terminal."""
    tqdm.set_lock(RLock())  # its own would import multiprocessing
    return tqdm(
        total=total,
        unit=f" {unit}",
        file=sys.stderr,
        disable=not (is_shown and sys.stderr.isatty()),
        leave=False,
        dynamic_ncols=True,
        mininterval=0.1,
        unit_scale=True,
    )


class ScanProgress:
    """How far a scan is: keys read, of how many, and what is left."""

    def __init__(self, is_shown: bool = True) -> None:
        self._bar = progress_bar(0, "keys", is_shown)
        self._is_noted = is_shown and self._bar.disable
        self._begin = self._noted = time.monotonic()
        self._total = self._done = 0

    def __enter__(self) -> ScanProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def update(self, keys: int, total: int) -> None:
        """Count keys in that were read just now, of so many in all."""
        self._total = total
        self._done += keys
        if not self._bar.disable:
            self._bar.total = total
            self._bar.update(keys)
            return
        now = time.monotonic()
        if self._is_noted and now - self._noted >= LINE_EVERY:
            self._noted = now
            left = (now - self._begin) * (self._total - self._done) / max(1, self._done)
            note(f"{self._done} of {self._total} keys, {left:.0f} s left")

    def start_over(self) -> None:
        """Say that the scan begins again."""
        note("the revision was compacted while it was read: reading a later one")
        self._bar.reset()
        self._total = self._done = 0
        self._begin = time.monotonic()


class LoadProgress:
    """What a load has done so far: keys, keys a second now, latencies, retries, errors."""

    def __init__(self, bar: tqdm, total: int | None, latencies: Latencies) -> None:
        self._bar = bar
        bar.unit = ""
        bar.bar_format = _ENDLESS_FORMAT if total is None else _LOAD_FORMAT
        self._total = total
        self._latencies = latencies
        self._shown = (time.monotonic(), 0)

    def update(self, tally: Tally) -> None:
        """Show it, as often as is good for a reader."""
        if not self._bar.disable:
            self._bar.set_postfix_str(self._details(tally), refresh=False)
            self._bar.update(tally.acknowledged - self._bar.n)
            return
        then, before = self._shown
        now = time.monotonic()
        if now - then >= LINE_EVERY:
            self._shown = (now, tally.acknowledged)
            rate = (tally.acknowledged - before) / (now - then)
            total = "" if self._total is None else f" of {self._total}"
            done = f"{tally.acknowledged}{total} keys, {rate:.0f} keys/s"
            note(f"{done}, {self._details(tally)}")

    def _details(self, tally: Tally) -> str:
        p50, p99 = (milliseconds(self._latencies.quantile(share)) for share in (0.5, 0.99))
        return f"p50/p99 {p50}/{p99} ms, {tally.retries} retries, {tally.failed} errors"
