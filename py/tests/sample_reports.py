"""Sample reports for pages: usual, hostile and extreme ones."""

from __future__ import annotations

import json
from collections.abc import Callable

from etcdlab.client.types import Header, Page
from etcdlab.report.document import Origin, Report, build_report
from etcdlab.report.summary import Summary

HOSTILE = '</script><script>ran=1</script><img src=x onerror="ran=1">'
MARKUP = '<a href="https://example.com">a</a>&lt;<b>$title</b>'


def report_on(
    records: dict[bytes, bytes], prefix: bytes = b"d/", field: str = "price", depth: int = 5
) -> Report:
    """The report on these keys and values, of revisions from 2 on."""
    summary = Summary(prefix, tuple(field.split(".")), depth, 10)
    pairs = sorted(records.items())
    keys, values = [key for key, _ in pairs], [value for _, value in pairs]
    revisions = list(range(2, 2 + len(keys)))
    ones, zeros = [1] * len(keys), [0] * len(keys)
    summary.add(Page(Header(), keys, values, revisions, ones, zeros, len(keys), False))
    return build_report(summary, Origin("http://127.0.0.1:2379", "3.5.1", "native", 4321, 0.25))


def usual() -> Report:
    """Values of every type, no anomalies."""
    records = {b"d/json/%04d" % i: b'{"price":%d.5}' % i for i in range(1000)}
    records |= {b"d/text/%s/%03d" % (b"ab"[i % 2 :][:1], i): b"x" * (i + 1) for i in range(500)}
    return report_on(records | {b"d/blob": b"\xff" * 3000, b"d/empty": b""})


def hostile() -> Report:
    """Keys, prefixes and a field that look like markup or code."""
    sub_prefix = f"d/{HOSTILE}/".encode()
    records = {
        sub_prefix + b"1": b"x" * 50,
        f"d/{MARKUP}/2".encode(): b"x" * 100,
        b"d/" + b"long" * 2000 + b"/3": b"x" * 10,
        b"d/\xff'\"\x00/4": b"{broken",
        b"d/5": json.dumps({HOSTILE: -1}).encode(),
        b"d/6": json.dumps({HOSTILE: "none"}).encode(),
    }
    return report_on(records, field=HOSTILE)


def extreme() -> Report:
    """Numbers of all sizes, the largest of values, and more sub-prefixes than are listed."""
    prices = [1e308, 1.5e-300, -3, 0, 4, *range(5, 100)]
    records = {b"d/%04d/" % i: b'{"price":%s}' % repr(n).encode() for i, n in enumerate(prices)}
    records |= {b"d/%04d/x" % i: b"x" * (i % 70) for i in range(100, 1200)}
    return report_on(records | {b"d/large": b"x" * 1_468_006})


REPORTS: dict[str, Callable[[], Report]] = {
    "usual": usual,
    "nothing": lambda: report_on({}),
    "hostile": hostile,
    "extreme": extreme,
    "no JSON, no sub-prefixes": lambda: report_on({b"d/1": b"text"}),
    "only empty values": lambda: report_on({b"d/e/1": b"", b"d/e/2": b""}),
    "the whole store": lambda: report_on({b"a/b/c": b"1", b"d": b"2"}, prefix=b""),
}
