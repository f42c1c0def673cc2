"""Merge reports on parts of a prefix to one on all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from etcdlab.cli.main import note
from etcdlab.errors import UsageError
from etcdlab.keys import show
from etcdlab.report.document import Origin, Report, build_report
from etcdlab.report.saved import read_report, restore_origin, restore_summary
from etcdlab.report.summary import Summary


@dataclass(frozen=True)
class _Part:
    """A saved report, restored to what it was built out of."""

    path: Path
    summary: Summary
    origin: Origin


def merge_reports(paths: Sequence[Path]) -> Report:
    """Merge saved reports to the one that a single scan would have given, but for its times.

    Notes on stderr name ranges that no report is on, and other reasons why the result may be
    incomplete. UsageError for a file that is no report, for reports on another prefix, field or
    depth, and for overlapping ranges.
    """
    parts = sorted(map(_read_part, paths), key=lambda part: part.origin.begin)
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
    return build_report(whole, _merged_origin([part.origin for part in parts]))


def _read_part(path: Path) -> _Part:
    report = read_report(path)
    return _Part(path, restore_summary(report), restore_origin(report))


def _need_alike(one: _Part, other: _Part) -> None:
    """UsageError if the two differ in prefix, field or depth."""
    for what, first, second in zip(
        ("prefix", "field", "depth"), _subject(one.summary), _subject(other.summary), strict=True
    ):
        if first != second:
            raise UsageError(
                f"{other.path}: its {what} is '{second}', that of {one.path} is '{first}'"
            )


def _subject(summary: Summary) -> tuple[str, str, int]:
    places = summary.sub_prefixes
    return show(places.prefix), ".".join(summary.field.path), places.depth


def _need_order(one: _Part, other: _Part) -> None:
    """UsageError if the second range begins before the first ends; note a gap between them."""
    end, begin = one.origin.end, other.origin.begin
    if end is None or begin < end:
        raise UsageError(
            f"{one.path} and {other.path}: both are on the keys from '{show(begin)}' on"
        )
    if end < begin:
        note(f"no report is on the keys from '{show(end)}' to '{show(begin)}'")


def _merged_origin(origins: Sequence[Origin]) -> Origin:
    """All endpoints, versions and transports, the latest revision, the sum of the seconds."""
    revisions = sorted({each.revision for each in origins})
    if len(revisions) > 1:
        note(
            f"the reports are of revisions {revisions[0]} to {revisions[-1]}:"
            " what was written in between is in some of them only"
        )
    return Origin(
        endpoint=_joined(each.endpoint for each in origins),
        etcd=_joined(each.etcd for each in origins),
        transport=_joined(each.transport for each in origins),
        revision=revisions[-1],
        seconds=sum(each.seconds for each in origins),
        begin=origins[0].begin,
        end=origins[-1].end,
    )


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
