"""A report on a prefix as plain data: what JSON, tables, pages and comparisons are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import orjson

from etcdlab.client.json_codec import base64
from etcdlab.keys import show
from etcdlab.report.statistics import Sizes
from etcdlab.report.summary import FIELD_FINDINGS, Summary
from etcdlab.sketch import RELATIVE_ERROR

KIND = "etcd lab report"
VERSION = 1  # of the format; raised when something in it changes its meaning

Report = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Where and how a report was taken."""

    endpoint: str
    etcd: str
    """Its version."""
    transport: str
    revision: int
    seconds: float
    begin: bytes = b""
    """The first key that it is on; empty for that of the prefix."""
    end: bytes | None = None
    """Where it ends; None for the end of the prefix."""


def report_of(summary: Summary, origin: Origin) -> Report:
    """All of a summary. Keys and prefixes are given twice: for people, and exactly."""
    values = summary.all_values()
    sub_prefixes = summary.sub_prefixes
    listed = sub_prefixes.largest()
    first, last = summary.first_revision, summary.last_revision
    return {
        "kind": KIND,
        "version": VERSION,
        "taken": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(origin.seconds, 3),
        "endpoint": origin.endpoint,
        "etcd": origin.etcd,
        "transport": origin.transport,
        "prefix": key_object(sub_prefixes.prefix),
        "range": {
            "from": key_object(origin.begin) if origin.begin else None,
            "to": key_object(origin.end) if origin.end else None,
        },
        "revision": origin.revision,
        "keys": values.count,
        "key_bytes": summary.key_bytes,
        "value_bytes": values.total,
        "leased": summary.leased,
        "rewritten": summary.rewritten,
        "modified": {"first": first, "last": last},
        "quantile_error": RELATIVE_ERROR,
        "values": _sizes(values),
        "types": {name: _sizes(sizes) for name, sizes in summary.types.items()},
        "field": _field(summary),
        "findings": _findings(summary),
        "sub_prefixes": {
            "depth": sub_prefixes.depth,
            "not_listed": sub_prefixes.dropped + len(sub_prefixes.nodes) - len(listed),
            "listed": [
                {"prefix": key_object(path), "keys": keys, "bytes": size}
                for path, keys, size in listed
            ],
        },
        "top": summary.largest.most,
        "largest": [{"key": key_object(key), "bytes": -size} for size, key in summary.largest.rows],
    }


def key_object(key: bytes) -> dict[str, str]:
    """A key or a prefix as JSON can have it: readable, and exact."""
    return {"text": show(key), "base64": base64(key)}


def _sizes(sizes: Sizes) -> Report:
    return {
        "keys": sizes.count,
        "bytes": sizes.total,
        **sizes.figures(),
        "buckets": sizes.quantiles.buckets(),
    }


def _field(summary: Summary) -> Report:
    numbers = summary.field.numbers
    return {
        "path": ".".join(summary.field.path),
        "values": numbers.count,
        **numbers.figures(),
        "exact": {"sum": str(numbers.total), "squares": str(numbers.squares)},
        "buckets": numbers.quantiles.buckets(),
    }


def _findings(summary: Summary) -> list[Report]:
    odd = summary.anomalies()
    return [
        {
            "what": what,
            "is_anomaly": what in odd,
            "keys": finding.count,
            "first": [key_object(key) for key in finding.first],
        }
        for what, finding in summary.findings().items()
    ]


def place_of(report: Report) -> str:
    """What a report is on, for people."""
    begin, end = report["range"]["from"], report["range"]["to"]
    place = str(report["prefix"]["text"]) or "all keys"
    place += f" from {begin['text']}" if begin else ""
    return place + (f" to {end['text']}" if end else "")


def anomalies(report: Report) -> list[Report]:
    """The findings that are anomalies, and that some keys have."""
    return [each for each in report["findings"] if each["is_anomaly"] and each["keys"]]


def is_field_nowhere(report: Report) -> bool:
    """Whether no value has anything where the field should be."""
    path = report["field"]["path"]
    others = [f"{path} {name}" for name in FIELD_FINDINGS if name != "absent"]
    odd = any(each["keys"] for each in report["findings"] if each["what"] in others)
    return not (report["field"]["values"] or odd)


def to_json(data: Report) -> bytes:
    """A report, or what is made of it, as JSON that people can read too."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
