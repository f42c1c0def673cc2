"""Reports on parts of a prefix, put together to one on all of them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from etcdlab.cli.main import note
from etcdlab.errors import UsageError
from etcdlab.keys import show
from etcdlab.report.diff import load
from etcdlab.report.document import Origin, Report, report_of
from etcdlab.report.statistics import Numbers, Sizes
from etcdlab.report.summary import Summary
from etcdlab.sketch import Quantiles


@dataclass(frozen=True)
class _Part:
    """A report that was saved: what it was made of."""

    path: Path
    summary: Summary
    origin: Origin


def merged(paths: Sequence[Path]) -> Report:
    """The report on all that the reports in these files are on.

    It is the one that a single scan would have given, but for when and how long. UsageError
    for files that are none, for reports that do not go together, and for keys that are in
    several; notes where it is less than the whole.
    """
    parts = sorted(map(_part, paths), key=lambda part: part.origin.begin)
    for part in parts[1:]:
        _need_alike(parts[0], part)
    for one, other in pairwise(parts):
        _need_order(one, other)
    whole = parts[0].summary
    whole.largest.most = min(part.summary.largest.most for part in parts)
    if any(part.summary.sub_prefixes.dropped for part in parts):
        note("not all sub-prefixes are listed in these reports: some may be counted in part")
    for part in parts[1:]:
        whole.merge(part.summary)
    return report_of(whole, _origin([part.origin for part in parts]))


def _need_alike(one: _Part, other: _Part) -> None:
    """UsageError for reports on something else, or of another kind."""
    for what, first, second in zip(
        ("prefix", "field", "depth"), _kind(one.summary), _kind(other.summary), strict=True
    ):
        if first != second:
            raise UsageError(
                f"{other.path}: its {what} is '{second}', that of {one.path} is '{first}'"
            )


def _kind(summary: Summary) -> tuple[str, str, int]:
    places = summary.sub_prefixes
    return show(places.prefix), ".".join(summary.field.path), places.depth


def _need_order(one: _Part, other: _Part) -> None:
    """UsageError where the second one begins before the first one's end; a note on a gap."""
    end, begin = one.origin.end, other.origin.begin
    if end is None or begin < end:
        raise UsageError(
            f"{one.path} and {other.path}: both are on the keys from '{show(begin)}' on"
        )
    if end < begin:
        note(f"no report is on the keys from '{show(end)}' to '{show(begin)}'")


def _origin(origins: Sequence[Origin]) -> Origin:
    """Where the whole comes from; the revision is the last one."""
    revisions = sorted({each.revision for each in origins})
    if len(revisions) > 1:
        note(
            f"the reports are of revisions {revisions[0]} to {revisions[-1]}:"
            " what was written in between is in some of them only"
        )
    return Origin(
        *(
            ", ".join(sorted({getattr(each, name) for each in origins}))
            for name in ("endpoint", "etcd", "transport")
        ),
        revision=revisions[-1],
        seconds=sum(each.seconds for each in origins),
        begin=origins[0].begin,
        end=origins[-1].end,
    )


def _part(path: Path) -> _Part:
    """What is in the file; UsageError for less than a report."""
    report = load(path)
    try:
        return _Part(path, _summary_of(report), _origin_of(report))
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise UsageError(f"{path}: a report with something missing") from error


def _origin_of(report: Report) -> Origin:
    begin, end = report["range"]["from"], report["range"]["to"]
    return Origin(
        *(str(report[name]) for name in ("endpoint", "etcd", "transport")),
        revision=int(report["revision"]),
        seconds=float(report["seconds"]),
        begin=_key(begin) if begin is not None else b"",
        end=_key(end) if end is not None else None,
    )


def _summary_of(report: Report) -> Summary:
    """The summary that the report was made of."""
    field, places = report["field"], report["sub_prefixes"]
    path = tuple(field["path"].split("."))
    summary = Summary(_key(report["prefix"]), path, int(places["depth"]), int(report["top"]))
    for name, group in report["types"].items():
        summary.types[name] = Sizes(int(group["keys"]), int(group["bytes"]), _quantiles(group))
    sums = (_fraction(field["exact"][name]) for name in ("sum", "squares"))
    summary.field.numbers = Numbers(int(field["values"]), *sums, _quantiles(field))
    findings = summary.findings()
    for each in report["findings"]:
        finding = findings[each["what"]]
        finding.count, finding.first = int(each["keys"]), [_key(key) for key in each["first"]]
    for each in places["listed"]:
        summary.sub_prefixes.nodes[_key(each["prefix"])] = [int(each["keys"]), int(each["bytes"])]
    summary.sub_prefixes.dropped = int(places["not_listed"])
    summary.largest.rows = [(-int(each["bytes"]), _key(each["key"])) for each in report["largest"]]
    summary.key_bytes = int(report["key_bytes"])
    summary.leased, summary.rewritten = int(report["leased"]), int(report["rewritten"])
    modified = report["modified"]
    summary.first_revision, summary.last_revision = int(modified["first"]), int(modified["last"])
    return summary


def _key(key: Report) -> bytes:
    return b64decode(key["base64"], validate=True)


def _fraction(text: str) -> Fraction:
    return Fraction(*map(int, text.split("/")))


def _quantiles(figures: Report) -> Quantiles:
    if not figures["buckets"]:
        return Quantiles()
    return Quantiles.of_buckets(figures["buckets"], +figures["min"], +figures["max"])
