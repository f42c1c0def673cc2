"""Compare two reports: keys, bytes, types, sub-prefixes, the field's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from etcdlab.cli.format import Change
from etcdlab.cli.tables import Table
from etcdlab.report.document import Report

KIND = "etcd lab report diff"
VERSION = 1

_TOTALS = ("keys", "key_bytes", "value_bytes", "leased", "rewritten")
_FIELD = ("values", "mean", "min", "p50", "p90", "p99", "max", "stddev")


def diff(before: Report, after: Report) -> dict[str, Any]:
    """The comparison, for JSON: every figure before and after, and changed sub-prefixes."""
    return {
        "kind": KIND,
        "version": VERSION,
        "before": _which(before),
        "after": _which(after),
        "figures": [
            {"figure": name, "before": old, "after": new, "change": _change(old, new)}
            for name, old, new in _figures(before, after)
        ],
        "sub_prefixes": _sub_prefixes(before, after),
    }


def _which(report: Mapping[str, Any]) -> dict[str, Any]:
    return {name: report[name] for name in ("prefix", "revision", "endpoint", "taken")}


def _change(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else new - old


def _figures(before: Report, after: Report) -> list[tuple[str, Any, Any]]:
    rows = _pairs("", _TOTALS, before, after)
    for name, group in after["types"].items():
        rows += _pairs(f"{name} ", ("keys", "bytes"), before["types"][name], group)
    rows += _pairs("value bytes ", ("p50", "p99", "max"), before["values"], after["values"])
    path = after["field"]["path"]
    if before["field"]["path"] == path:
        rows += _pairs(f"{path} ", _FIELD, before["field"], after["field"])
    found = {each["what"]: each["keys"] for each in before["findings"]}
    rows += [(each["what"], found.get(each["what"]), each["keys"]) for each in after["findings"]]
    return rows


def _pairs(
    label: str, names: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, Any, Any]]:
    return [(label + name.replace("_", " "), before[name], after[name]) for name in names]


def _sub_prefixes(before: Report, after: Report) -> list[dict[str, Any]]:
    """Sub-prefixes whose keys or bytes changed, the greatest change first.

    A sub-prefix that only one report lists counts as empty in the other: it is new, gone, or
    too small to be listed there.
    """
    sides = [
        {each["prefix"]["base64"]: each for each in report["sub_prefixes"]["listed"]}
        for report in (before, after)
    ]
    rows = []
    for place in sides[0].keys() | sides[1].keys():
        old, new = (side.get(place, {"keys": 0, "bytes": 0}) for side in sides)
        if (old["keys"], old["bytes"]) != (new["keys"], new["bytes"]):
            rows.append({
                "prefix": (sides[1].get(place) or sides[0][place])["prefix"],
                "keys": {"before": old["keys"], "after": new["keys"]},
                "bytes": {"before": old["bytes"], "after": new["bytes"]},
            })  # fmt: skip
    return sorted(rows, key=_extent, reverse=True)


def _extent(row: dict[str, Any]) -> tuple[int, int, str]:
    keys, size = row["keys"], row["bytes"]
    changes = abs(size["after"] - size["before"]), abs(keys["after"] - keys["before"])
    return (*changes, row["prefix"]["base64"])


def _signed(change: float | None) -> Change | None:
    return None if change is None else Change(change)


def diff_tables(changes: dict[str, Any], top: int) -> list[Table]:
    """Tables of the figures that changed and of at most `top` sub-prefixes."""
    rows = [
        (each["figure"], each["before"], each["after"], _signed(each["change"]))
        for each in changes["figures"]
        if each["before"] != each["after"]
    ]
    tables = [Table("figures", ("figure", "before", "after", "change"), rows)]
    places = [
        (
            each["prefix"]["text"],
            Change(each["keys"]["after"] - each["keys"]["before"]),
            Change(each["bytes"]["after"] - each["bytes"]["before"]),
        )
        for each in changes["sub_prefixes"][:top]
    ]
    tables.append(Table("sub-prefixes", ("sub-prefix", "keys changed", "bytes changed"), places))
    return [table for table in tables if table.rows]
