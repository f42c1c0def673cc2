"""The report of a load: tables for people, JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from etcdlab.cli.format import milliseconds
from etcdlab.cli.tables import table
from etcdlab.client.member_stats import MemberStats, quantile
from etcdlab.keys import show
from etcdlab.load.writer import Failure, Outcome

_SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
_MB = 1e6
# Of a member: heading, field, bytes in a unit that is shown.
_FIGURES = (
    ("DB MB", "db_size", _MB),
    ("in use MB", "db_size_in_use", _MB),
    ("memory MB", "resident_memory", _MB),
    ("leader changes seen", "leader_changes", 1),
)


@dataclass(frozen=True)
class LoadReport:
    """The outcome of a load of `n` keys (None: of a duration), and the members before and after."""

    n: int | None
    outcome: Outcome
    before: Sequence[MemberStats]
    after: Sequence[MemberStats]

    @property
    def rate(self) -> float:
        """Keys acknowledged per second."""
        seconds = self.outcome.seconds
        return self.outcome.tally.acknowledged / seconds if seconds else 0.0

    @property
    def not_tried(self) -> int:
        """Number of keys that no request was made for."""
        tally = self.outcome.tally
        return 0 if self.n is None else self.n - tally.acknowledged - tally.failed

    def tables(self, histogram: bool) -> str:
        """Return the report as text, with a histogram of the latencies if asked for."""
        parts = [self._work(), self._requests(), self._servers()]
        if histogram:
            parts.append(self.outcome.latencies.histogram())
        return "\n\n".join(part for part in parts if part)

    def _work(self) -> str:
        tally = self.outcome.tally
        counts = (tally.acknowledged, tally.bytes, tally.failed, tally.retries)
        return table(
            ("keys", "bytes", "errors", "retries", "seconds", "keys/s"),
            [(*counts, f"{self.outcome.seconds:.2f}", f"{self.rate:.0f}")],
            text_columns=0,
        )

    def _requests(self) -> str:
        tally, latencies = self.outcome.tally, self.outcome.latencies
        times = [latencies.quantile(share) for share in _SHARES.values()]
        return table(
            ("requests", *(f"{name} ms" for name in _SHARES), "max ms", "sent", "received"),
            [
                (
                    tally.requests,
                    *map(milliseconds, times),
                    milliseconds(latencies.maximum),
                    tally.sent,
                    tally.received,
                )
            ],
            text_columns=0,
        )

    def _servers(self) -> str:
        rows: list[Sequence[str]] = []
        for before, after in zip(self.before, self.after, strict=True):
            fsync = milliseconds(quantile(before.fsyncs, after.fsyncs, 0.99))
            figures = [
                (heading, *(_in_unit(getattr(view, name), unit) for view in (before, after)))
                for heading, name, unit in _FIGURES
            ]
            figures.append(("fsync p99 ms, during", "", fsync))
            names = (after.endpoint, *[""] * (len(figures) - 1))
            rows += [(name, *figure) for name, figure in zip(names, figures, strict=True)]
        return table(("member", "figure", "before", "after"), rows, text_columns=2)

    def as_json(self) -> dict[str, object]:
        """Return the report as JSON values; sizes in bytes, null for what is not known."""
        tally, latencies = self.outcome.tally, self.outcome.latencies
        times = {name: latencies.quantile(share) for name, share in _SHARES.items()}
        times["max"] = latencies.maximum if latencies.count else math.nan
        return {
            "keys": self.n,
            "acknowledged": tally.acknowledged,
            "failed": tally.failed,
            "attempted": tally.acknowledged + tally.failed,
            "bytes": tally.bytes,
            "retries": tally.retries,
            "seconds": self.outcome.seconds,
            "keys_per_second": self.rate,
            "requests": tally.requests,
            "latency_ms": {name: _number(1000 * time) for name, time in times.items()},
            "sent_bytes": tally.sent,
            "received_bytes": tally.received,
            "failures": [
                {
                    "error": str(failure.error),
                    "keys": failure.keys,
                    "first": [show(key) for key in failure.first],
                }
                for failure in self.outcome.failures
            ],
            "members": [
                {
                    "endpoint": after.endpoint,
                    **{
                        name: {"before": getattr(before, name), "after": getattr(after, name)}
                        for _, name, _ in _FIGURES
                    },
                    "wal_fsync_p99_ms": _number(1000 * quantile(before.fsyncs, after.fsyncs, 0.99)),
                }
                for before, after in zip(self.before, self.after, strict=True)
            ],
        }


def describe(failure: Failure) -> str:
    """Say in a line which keys failed, why, and what to do about it."""
    reason = failure.error.with_advice
    if not failure.keys:
        return reason
    named = ", ".join(map(show, failure.first))
    more = ", …" if failure.keys > len(failure.first) else ""
    return f"{failure.keys} key{'s' * (failure.keys != 1)} failed ({named}{more}): {reason}"


def _in_unit(value: int | None, unit: float) -> str:
    if value is None:
        return "-"
    return str(value) if unit == 1 else f"{value / unit:.1f}"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
