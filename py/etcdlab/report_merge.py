"""Reports on parts of a prefix, put together to one on all of them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from etcdlab.aggregates import Numbers, Quantiles, Sizes
from etcdlab.cli import note
from etcdlab.errors import UsageError
from etcdlab.keys import show
from etcdlab.report import Origin, Report, report_of
from etcdlab.report_diff import load
from etcdlab.summary import Summary

_Part = tuple[Path, Report]


def merged(paths: Sequence[Path]) -> Report:
    """The report on all that the reports in these files are on.

    It is the one that a single scan would have given, but for when and how long. UsageError
    for files that are none, for reports that do not go together, and for keys that are in
    several; notes where it is less than the whole.
    """
    parts = [(path, load(path)) for path in paths]
    try:
        parts.sort(key=lambda part: _bounds(part[1])[0])
        for part in parts[1:]:
            _need_alike(parts[0], part)
        for one, other in pairwise(parts):
            _need_order(one, other)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{paths[0]}, …: reports that say not which keys they are on") from error
    reports = [report for _, report in parts]
    top = min(_complete_largest(reports), default=sum(len(each["largest"]) for each in reports))
    whole = _summary_of(parts[0], top)
    for part in parts[1:]:
        whole.merge(_summary_of(part, top))
    if any(report["sub_prefixes"]["not_listed"] for report in reports):
        note("not all sub-prefixes are listed in these reports: some may be counted in part")
    return report_of(whole, _origin(reports))


def _bounds(report: Report) -> tuple[bytes, bytes | None]:
    """First key and end of what a report is on; None is the end of its prefix."""
    begin, end = report["range"]["from"], report["range"]["to"]
    return (
        b64decode(begin["base64"]) if begin else b"",
        b64decode(end["base64"]) if end else None,
    )


def _need_alike(one: _Part, other: _Part) -> None:
    """UsageError for reports on something else, or of another kind."""
    for what, path in (
        ("prefix", ("prefix", "text")),
        ("field", ("field", "path")),
        ("depth", ("sub_prefixes", "depth")),
    ):
        first, second = (report[path[0]][path[1]] for _, report in (one, other))
        if first != second:
            raise UsageError(f"{other[0]}: its {what} is '{second}', that of {one[0]} '{first}'")


def _need_order(one: _Part, other: _Part) -> None:
    """UsageError where the second one begins before the first one's end; a note on a gap."""
    (_, end), (begin, _) = _bounds(one[1]), _bounds(other[1])
    if end is None or begin < end:
        raise UsageError(f"{one[0]} and {other[0]}: both are on the keys from '{show(begin)}' on")
    if end < begin:
        note(f"no report is on the keys from '{show(end)}' to '{show(begin)}'")


def _complete_largest(reports: Sequence[Report]) -> list[int]:
    """How many of the largest values are known, of each report that does not list all."""
    return [len(report["largest"]) for report in reports if report["keys"] > len(report["largest"])]


def _origin(reports: Sequence[Report]) -> Origin:
    """Where the whole comes from; the revision is the last one."""
    revisions = sorted({report["revision"] for report in reports})
    if len(revisions) > 1:
        note(
            f"the reports are of revisions {revisions[0]} to {revisions[-1]}:"
            " what was written in between is in some of them only"
        )
    texts = [
        ", ".join(sorted({report[name] for report in reports}))
        for name in ("endpoint", "etcd", "transport")
    ]
    begin, end = _bounds(reports[0])[0], _bounds(reports[-1])[1]
    seconds = sum(report["seconds"] for report in reports)
    return Origin(*texts, revisions[-1], seconds, begin, end)


def _summary_of(part: _Part, top: int) -> Summary:
    """What was counted into the summary that a report was made of; UsageError for half a one."""
    path, report = part
    try:
        return _counted(report, top)
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise UsageError(f"{path}: a report with something missing") from error


def _counted(report: Report, top: int) -> Summary:
    field, places = report["field"], report["sub_prefixes"]
    prefix = b64decode(report["prefix"]["base64"])
    summary = Summary(prefix, tuple(field["path"].split(".")), places["depth"], top)
    for name, group in report["types"].items():
        summary.types[name] = Sizes(group["keys"], group["bytes"], _quantiles(group))
    sums = (_fraction(field["exact"][name]) for name in ("sum", "squares"))
    summary.field.numbers = Numbers(field["values"], *sums, _quantiles(field))
    findings = summary.findings()
    for each in report["findings"]:
        finding = findings[each["what"]]
        finding.count = each["keys"]
        finding.first = [b64decode(key["base64"]) for key in each["first"]]
    nodes = summary.sub_prefixes.nodes
    for each in places["listed"]:
        nodes[b64decode(each["prefix"]["base64"])] = [each["keys"], each["bytes"]]
    summary.sub_prefixes.dropped = places["not_listed"]
    rows = [(-each["bytes"], b64decode(each["key"]["base64"])) for each in report["largest"]]
    summary.largest.rows = rows[:top]
    summary.key_bytes = report["key_bytes"]
    summary.leased, summary.rewritten = report["leased"], report["rewritten"]
    summary.first_revision = report["modified"]["first"]
    summary.last_revision = report["modified"]["last"]
    return summary


def _fraction(text: str) -> Fraction:
    return Fraction(*map(int, text.split("/")))


def _quantiles(figures: Report) -> Quantiles:
    return Quantiles.of_buckets(figures["buckets"], figures["min"], figures["max"])
