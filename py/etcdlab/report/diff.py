"""What changed between two reports: keys, bytes, types, sub-prefixes, the field's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from etcdlab.cli.format import Change
from etcdlab.cli.tables import Table
from etcdlab.errors import UsageError
from etcdlab.report import document as report_format
from etcdlab.report.document import Report

KIND = "etcd lab report diff"
VERSION = 1

_MOST_BYTES = 1 << 26  # a report has a few KiB; a device may have no end
_FIELD = ("values", "mean", "min", "p50", "p90", "p99", "max", "stddev")


def load(path: Path) -> Report:
    """A report that was saved; UsageError for a file that is none."""
    try:
        with path.open("rb") as file:
            report = orjson.loads(file.read(_MOST_BYTES))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError:
        report = None
    if not isinstance(report, dict) or report.get("kind") != report_format.KIND:
        raise UsageError(f"{path}: not a report that -save made")
    if report.get("version") != report_format.VERSION:
        version, ours = report.get("version"), report_format.VERSION
        raise UsageError(f"{path}: a report of version {version}, not {ours}")
    try:
        diff(report, report)  # needs all that a comparison needs
    except (LookupError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: a report with something missing") from error
    return report


def diff(before: Report, after: Report) -> dict[str, Any]:
    """Every figure that both have, before and after, and the sub-prefixes that changed."""
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


def _which(report: Report) -> dict[str, Any]:
    return {name: report[name] for name in ("prefix", "revision", "endpoint", "taken")}


def _change(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else new - old


def _figures(before: Report, after: Report) -> list[tuple[str, Any, Any]]:
    rows = [
        (name.replace("_", " "), before[name], after[name])
        for name in ("keys", "key_bytes", "value_bytes", "leased", "rewritten")
    ]
    for name, group in after["types"].items():
        old = before["types"][name]
        rows.append((f"{name} keys", old["keys"], group["keys"]))
        rows.append((f"{name} bytes", old["bytes"], group["bytes"]))
    for name in ("p50", "p99", "max"):
        rows.append((f"value bytes {name}", before["values"][name], after["values"][name]))
    if before["field"]["path"] == after["field"]["path"]:
        path = after["field"]["path"]
        rows += [(f"{path} {name}", before["field"][name], after["field"][name]) for name in _FIELD]
    found = {each["what"]: each["keys"] for each in before["findings"]}
    for each in after["findings"]:
        rows.append((each["what"], found.get(each["what"]), each["keys"]))
    return rows


def _sub_prefixes(before: Report, after: Report) -> list[dict[str, Any]]:
    """Those with other keys or bytes than before, the greatest change first.

    One that is listed on one side only counts as empty on the other: it is new, gone, or
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
    """The figures that changed, and at most `top` sub-prefixes."""
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
