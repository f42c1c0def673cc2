"""Read saved reports, validate them, and restore what they were built out of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import orjson

from etcdlab.errors import UsageError
from etcdlab.report.document import KIND, VERSION, FieldNumbers, Key, Origin, Report, exact_key
from etcdlab.report.statistics import Numbers, Sizes
from etcdlab.report.summary import Summary
from etcdlab.report.value_types import TYPES
from etcdlab.sketch import Quantiles

_MOST_BYTES = 1 << 26  # a report has a few KiB; a device may have no end
_MOST = 1 << 53  # of whatever is counted
_BASE64 = re.compile("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==|[A-Za-z0-9+/]=))?")
_FRACTION = re.compile("-?[0-9]{1,4000}(/[1-9][0-9]{0,3999})?")  # int() takes 4,300 digits
_hints = cache(get_type_hints)


def read_report(path: Path) -> Report:
    """Read and validate a report that -save made; UsageError, of one line, for any other file."""
    try:
        with path.open("rb") as file:
            report: Any = orjson.loads(file.read(_MOST_BYTES))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError:
        report = None
    kind = report.get("kind") if isinstance(report, dict) else None
    if kind != KIND:
        raise UsageError(f"{path}: not a report that -save made")
    if report.get("version") != VERSION:
        version = report.get("version")
        raise UsageError(f"{path}: a report of version {version}, not {VERSION}")
    if not (_fits(report, Report) and _is_consistent(report)):
        raise UsageError(f"{path}: a report with something missing")
    return report


def restore_summary(report: Report) -> Summary:
    """The summary that a valid report was built out of."""
    field, places = report["field"], report["sub_prefixes"]
    path = tuple(field["path"].split("."))
    summary = Summary(exact_key(report["prefix"]), path, places["depth"], report["top"])
    for name, group in report["types"].items():
        summary.types[name] = Sizes(group["keys"], group["bytes"], _quantiles(group))
    summary.field.numbers = Numbers(field["values"], *_exact_sums(field), _quantiles(field))
    findings = summary.findings()
    for row in report["findings"]:
        finding = findings[row["what"]]
        finding.count, finding.first = row["keys"], [exact_key(key) for key in row["first"]]
    for place in places["listed"]:
        summary.sub_prefixes.nodes[exact_key(place["prefix"])] = [place["keys"], place["bytes"]]
    summary.sub_prefixes.dropped = places["not_listed"]
    summary.largest.rows = [(-each["bytes"], exact_key(each["key"])) for each in report["largest"]]
    summary.key_bytes = report["key_bytes"]
    summary.leased, summary.rewritten = report["leased"], report["rewritten"]
    modified = report["modified"]
    summary.first_revision, summary.last_revision = modified["first"], modified["last"]
    return summary


def restore_origin(report: Report) -> Origin:
    """Where and how a valid report was collected."""
    begin, end = report["range"]["from"], report["range"]["to"]
    return Origin(
        report["endpoint"],
        report["etcd"],
        report["transport"],
        report["revision"],
        report["seconds"],
        exact_key(begin) if begin else b"",
        exact_key(end) if end else None,
    )


def _quantiles(group: Mapping[str, Any]) -> Quantiles:
    if not group["buckets"]:
        return Quantiles()
    return Quantiles.of_buckets(group["buckets"], group["min"], group["max"])


def _exact_sums(field: FieldNumbers) -> tuple[Fraction, Fraction]:
    return Fraction(field["exact"]["sum"]), Fraction(field["exact"]["squares"])


def _fits(value: object, kind: Any) -> bool:  # noqa: ANN401 - a type, or several
    """True if a value of JSON has the type; a dict may have more keys than the TypedDict.

    Integers are counts, sizes and revisions: from 0 to below _MOST, so that sums of them still
    fit into the 64 bits that JSON is written with.
    """
    if is_typeddict(kind):
        if not isinstance(value, dict):
            return False
        hints = _hints(kind).items()
        return all(name in value and _fits(value[name], each) for name, each in hints) and (
            kind is not Key or _BASE64.fullmatch(value["base64"]) is not None
        )
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return any(_fits(value, each) for each in arguments)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(each, arguments[1]) for each in value.values())
    if origin is list:
        return isinstance(value, list) and all(_fits(each, arguments[0]) for each in value)
    if origin is tuple:
        return (
            isinstance(value, list)
            and len(value) == len(arguments)
            and all(map(_fits, value, arguments))
        )
    if kind is int:
        return type(value) is int and 0 <= value < _MOST
    return type(value) in ((float, int) if kind is float else (kind,))


def _is_consistent(report: Report) -> bool:
    """True if a summary can be restored: known names, counts that add up, possible sums."""
    types, field = report["types"], report["field"]
    names = list(Summary(b"", tuple(field["path"].split(".")), 0, 0).findings())
    return (
        types.keys() == TYPES.keys()
        and [row["what"] for row in report["findings"]] == names
        and all(_adds_up(group, group["keys"]) for group in (report["values"], *types.values()))
        and _adds_up(field, field["values"])
        and _has_possible_sums(field)
    )


def _adds_up(group: Mapping[str, Any], total: int) -> bool:
    """True if the buckets hold `total` numbers, and extremes are given if there are any."""
    counts = [count for _, count in group["buckets"]]
    least, most = group["min"], group["max"]
    if not total:
        return not counts and least is most is None
    return None not in (least, most) and least <= most and all(counts) and sum(counts) == total


def _has_possible_sums(field: FieldNumbers) -> bool:
    """True if numbers between the field's extremes can have its exact sums."""
    if not all(map(_FRACTION.fullmatch, (field["exact"]["sum"], field["exact"]["squares"]))):
        return False
    total, squares = _exact_sums(field)
    if field["min"] is None or field["max"] is None:
        return total == squares == 0
    count, least, most = field["values"], Fraction(field["min"]), Fraction(field["max"])
    farthest = max(-least, most)
    return (
        count * least <= total <= count * most
        and total**2 <= count * squares <= (count * farthest) ** 2
    )
