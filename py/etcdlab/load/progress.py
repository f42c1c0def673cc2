"""How far a load is, on stderr."""

from __future__ import annotations

import time

from tqdm import tqdm

from etcdlab.cli.format import milliseconds
from etcdlab.cli.main import note
from etcdlab.cli.progress import LINE_EVERY
from etcdlab.load.latency import Latencies
from etcdlab.load.writer import Tally

# A load has more to tell than fits beside a bar on a terminal of 80 columns.
_FORMAT = "{percentage:3.0f}% {n_fmt}/{total_fmt}, {remaining} left, {rate_noinv_fmt}{postfix}"
_ENDLESS_FORMAT = "{n_fmt} keys, {elapsed}, {rate_noinv_fmt}{postfix}"


class LoadProgress:
    """Shows what a load has done so far: keys, current keys/s, latencies, retries, errors."""

    def __init__(self, bar: tqdm, total: int | None, latencies: Latencies) -> None:
        self._bar = bar
        bar.unit = ""
        bar.bar_format = _ENDLESS_FORMAT if total is None else _FORMAT
        self._total = total
        self._latencies = latencies
        self._shown = (time.monotonic(), 0)

    def update(self, tally: Tally) -> None:
        """Show the counts on the bar, or in a line every LINE_EVERY seconds."""
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
