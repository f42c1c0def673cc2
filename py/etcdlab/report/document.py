"""The report as a document: its types, and how one is built out of a summary."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TypedDict

import orjson

from etcdlab.keys import show
from etcdlab.report.statistics import NumberFigures, SizeFigures, Sizes
from etcdlab.report.summary import FIELD_FINDINGS, Summary
from etcdlab.sketch import RELATIVE_ERROR

KIND = "etcd lab report"
VERSION = 1  # of the format; raised when something in it changes its meaning

Buckets = list[tuple[float, int]]
"""The sketch's buckets, ascending: a number that stands for the bucket, and a count."""


class Key(TypedDict):
    """A key or a prefix, twice: readable, and exact."""

    text: str
    base64: str


KeyRange = TypedDict("KeyRange", {"from": Key | None, "to": Key | None})
"""The bounds [from, to) within the prefix; None where a bound is the prefix's own."""


class Revisions(TypedDict):
    """The first and the last revision that wrote one of the keys; 0 without keys."""

    first: int
    last: int


class SizeGroup(SizeFigures):
    """Sizes of values in bytes: how many, their sum, figures and sketch."""

    keys: int
    bytes: int
    buckets: Buckets


class ExactSums(TypedDict):
    """The sums of the numbers and of their squares, as fractions in lowest terms: `-3/4`, `5`."""

    sum: str
    squares: str


class FieldNumbers(NumberFigures):
    """The numbers that JSON values have at `path`."""

    path: str
    values: int
    exact: ExactSums
    buckets: Buckets


class FindingRow(TypedDict):
    """How many keys a finding has, and the first few of them."""

    what: str
    is_anomaly: bool
    keys: int
    first: list[Key]


class SubPrefix(TypedDict):
    """A sub-prefix, its number of keys and the bytes of their values."""

    prefix: Key
    keys: int
    bytes: int


class SubPrefixList(TypedDict):
    """The sub-prefixes with the most bytes, those first; `not_listed` is the number of others."""

    depth: int
    not_listed: int
    listed: list[SubPrefix]


class LargeValue(TypedDict):
    """The key of one of the largest values, and the value's size."""

    key: Key
    bytes: int


class Report(TypedDict):
    """What is under a prefix at a revision.

    `taken` is an ISO 8601 time in UTC, `seconds` the duration of the scan, `etcd` the version of
    the member, `quantile_error` the relative error of quantiles, and `top` the number of
    largest values that were kept.
    """

    kind: str
    version: int
    taken: str
    seconds: float
    endpoint: str
    etcd: str
    transport: str
    prefix: Key
    range: KeyRange
    revision: int
    keys: int
    key_bytes: int
    value_bytes: int
    leased: int
    rewritten: int
    modified: Revisions
    quantile_error: float
    values: SizeGroup
    types: dict[str, SizeGroup]
    field: FieldNumbers
    findings: list[FindingRow]
    sub_prefixes: SubPrefixList
    top: int
    largest: list[LargeValue]


@dataclass(frozen=True)
class Origin:
    """Where and how a report was collected."""

    endpoint: str
    etcd: str
    """Its version."""
    transport: str
    revision: int
    seconds: float
    begin: bytes = b""
    """The first key of the range; empty for that of the prefix."""
    end: bytes | None = None
    """The key that the range ends before; None for the end of the prefix."""


def build_report(summary: Summary, origin: Origin) -> Report:
    """Build the document out of a summary; `taken` is now."""
    values = summary.all_values()
    sub_prefixes = summary.sub_prefixes
    listed = sub_prefixes.largest()
    return {
        "kind": KIND,
        "version": VERSION,
        "taken": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(origin.seconds, 3),
        "endpoint": origin.endpoint,
        "etcd": origin.etcd,
        "transport": origin.transport,
        "prefix": _key(sub_prefixes.prefix),
        "range": {
            "from": _key(origin.begin) if origin.begin else None,
            "to": _key(origin.end) if origin.end else None,
        },
        "revision": origin.revision,
        "keys": values.count,
        "key_bytes": summary.key_bytes,
        "value_bytes": values.total,
        "leased": summary.leased,
        "rewritten": summary.rewritten,
        "modified": {"first": summary.first_revision, "last": summary.last_revision},
        "quantile_error": RELATIVE_ERROR,
        "values": _size_group(values),
        "types": {name: _size_group(sizes) for name, sizes in summary.types.items()},
        "field": _field(summary),
        "findings": _findings(summary),
        "sub_prefixes": {
            "depth": sub_prefixes.depth,
            "not_listed": sub_prefixes.dropped + len(sub_prefixes.nodes) - len(listed),
            "listed": [
                {"prefix": _key(path), "keys": keys, "bytes": size} for path, keys, size in listed
            ],
        },
        "top": summary.largest.most,
        "largest": [{"key": _key(key), "bytes": -size} for size, key in summary.largest.rows],
    }


def _key(key: bytes) -> Key:
    return {"text": show(key), "base64": b64encode(key).decode("ascii")}


def exact_key(key: Key) -> bytes:
    """The key as etcd has it."""
    return b64decode(key["base64"])


def _size_group(sizes: Sizes) -> SizeGroup:
    return SizeGroup(
        keys=sizes.count,
        bytes=sizes.total,
        **sizes.figures(),
        buckets=sizes.quantiles.buckets(),
    )


def _field(summary: Summary) -> FieldNumbers:
    numbers = summary.field.numbers
    return FieldNumbers(
        path=".".join(summary.field.path),
        values=numbers.count,
        **numbers.figures(),
        exact={"sum": str(numbers.total), "squares": str(numbers.squares)},
        buckets=numbers.quantiles.buckets(),
    )


def _findings(summary: Summary) -> list[FindingRow]:
    odd = summary.anomalies()
    return [
        {
            "what": what,
            "is_anomaly": what in odd,
            "keys": finding.count,
            "first": [_key(key) for key in finding.first],
        }
        for what, finding in summary.findings().items()
    ]


def range_text(report: Report) -> str:
    """The range of keys that a report is on, for people."""
    begin, end = report["range"]["from"], report["range"]["to"]
    place = report["prefix"]["text"] or "all keys"
    place += f" from {begin['text']}" if begin else ""
    return place + (f" to {end['text']}" if end else "")


def anomalies(report: Report) -> list[FindingRow]:
    """The findings that are anomalies and that at least one key has."""
    return [each for each in report["findings"] if each["is_anomaly"] and each["keys"]]


def is_field_nowhere(report: Report) -> bool:
    """True if no value has anything at the field's path."""
    path = report["field"]["path"]
    others = [f"{path} {name}" for name in FIELD_FINDINGS if name != "absent"]
    odd = any(each["keys"] for each in report["findings"] if each["what"] in others)
    return not (report["field"]["values"] or odd)


def to_json(document: Mapping[str, object]) -> bytes:
    """A report or a comparison as JSON, indented for people."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
