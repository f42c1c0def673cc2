"""Tables of a report, and its histograms for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from etcdlab.cli.bars import bars
from etcdlab.cli.format import Cell, Share
from etcdlab.cli.tables import Table
from etcdlab.report.document import Report, SizeGroup
from etcdlab.report.histograms import Histogram, number_histogram, size_histogram

_SIZES = ("min", "mean", "p50", "p99", "max")
_NUMBERS = ("mean", "min", "p50", "p90", "p99", "max", "stddev")
_BINS = 20


def tables_of(report: Report, top: int) -> list[Table]:
    """The tables that have rows; at most `top` sub-prefixes and largest values."""
    tables = [_types(report), _field(report), _sub_prefixes(report, top), _largest(report, top)]
    tables += [_facts(report), _findings(report)]
    return [table for table in tables if table.rows]


def _types(report: Report) -> Table:
    rows = [
        (*_type_row(name, group, report), *_figures(group, _SIZES))
        for name, group in _groups(report)
    ]
    headers = ("type", "keys", "share", "bytes", *_SIZES)
    return Table("value types", headers, rows)


def _groups(report: Report) -> list[tuple[str, SizeGroup]]:
    return [*report["types"].items(), ("total", report["values"])]


def _type_row(name: str, group: SizeGroup, report: Report) -> tuple[Cell, ...]:
    return name, group["keys"], share(group["keys"], report["keys"]), group["bytes"]


def _figures(group: Mapping[str, Any], names: Sequence[str]) -> list[Cell]:
    return [group[name] for name in names]


def share(part: int, whole: int) -> Share | None:
    """The part as a share of the whole; None if the whole is 0."""
    return Share(part / whole) if whole else None


def _field(report: Report) -> Table:
    field = report["field"]
    row = (field["path"], field["values"], *_figures(field, _NUMBERS))
    return Table("field", ("field", "values", *_NUMBERS), [row])


def _sub_prefixes(report: Report, top: int) -> Table:
    listed = report["sub_prefixes"]["listed"]
    rows: list[Sequence[Cell]] = [
        (
            each["prefix"]["text"],
            each["keys"],
            each["bytes"],
            share(each["bytes"], report["value_bytes"]),
        )
        for each in listed[:top]
    ]
    more = len(listed[top:]) + report["sub_prefixes"]["not_listed"]
    if more and top:
        rows.append((f"({more} more)", None, None, None))
    return Table("sub-prefixes", ("sub-prefix", "keys", "bytes", "share"), rows)


def _largest(report: Report, top: int) -> Table:
    rows = [(each["key"]["text"], each["bytes"]) for each in report["largest"][:top]]
    return Table("largest values", ("largest values", "bytes"), rows)


def _facts(report: Report) -> Table:
    rows = [
        ("bytes of keys", report["key_bytes"]),
        ("keys on a lease", report["leased"]),
        ("keys written more than once", report["rewritten"]),
        ("first revision that wrote one", report["modified"]["first"]),
        ("last revision that wrote one", report["modified"]["last"]),
    ]
    return Table("facts", ("all keys", "number"), rows)


def _findings(report: Report) -> Table:
    rows = [
        (each["what"], ", ".join(key["text"] for key in each["first"]), each["keys"])
        for each in report["findings"]
        if each["keys"]
    ]
    rows = rows or [("nothing odd", "", 0)]
    return Table("findings", ("found", "first keys", "keys"), rows, text_columns=2)


def plots_of(report: Report) -> str:
    """Histograms of the sizes of values and of the field's numbers, as text."""
    error, values, field = report["quantile_error"], report["values"], report["field"]
    plots = []
    if report["keys"]:
        bins = size_histogram({"values": values["buckets"]}, values, error, _BINS)
        plots.append(("bytes of values", bins))
    if field["values"]:
        plots.append((field["path"], number_histogram(field, error, _BINS)))
    return "\n\n".join(f"{name}\n{_plot(bins)}" for name, bins in plots)


def _plot(bins: Histogram) -> str:
    return bars(list(zip(bins.labels, bins.counts["values"], strict=True)))
