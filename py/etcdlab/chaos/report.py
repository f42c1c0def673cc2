"""The results as a table and as JSON, a row to each fault."""

from __future__ import annotations

from collections.abc import Sequence

from etcdlab.chaos.run import Result
from etcdlab.cli.tables import Table, as_text

_SUMS = (
    "acknowledged",
    "failed",
    "retries",
    "reads",
    "events",
    "expired",
    "lost",
    "wrong",
    "other",
)


def rows(results: Sequence[Result]) -> list[dict[str, int | float | str]]:
    """Return a row per fault, in alphabetical order: sums, and the longest stall in seconds."""
    by_fault: dict[str, list[Result]] = {}
    for result in results:
        by_fault.setdefault(result.fault, []).append(result)
    return [
        {
            "fault": fault,
            "times": len(group),
            **{name: sum(getattr(each, name) for each in group) for name in _SUMS},
            "stall s": max(each.stall for each in group),
        }
        for fault, group in sorted(by_fault.items())
    ]


def as_table(results: Sequence[Result]) -> str:
    """Return the rows as a table for people."""
    found = rows(results)
    return as_text([Table("chaos", list(found[0]), [list(row.values()) for row in found])])


def as_json(results: Sequence[Result], seed: int, version: str) -> dict[str, object]:
    """Return the rows and the findings, to be printed as JSON."""
    return {
        "seed": seed,
        "etcd": version,
        "faults": [
            {"stall_seconds" if name == "stall s" else name: cell for name, cell in row.items()}
            for row in rows(results)
        ],
        "findings": [
            {"fault": each.fault, "finding": text} for each in results for text in each.findings
        ],
    }


def is_clean(results: Sequence[Result]) -> bool:
    """Whether there are no findings."""
    return not any(each.findings for each in results)
