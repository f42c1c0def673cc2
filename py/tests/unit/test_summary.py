"""Summaries of pages, whatever their size and order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_pages import page_of, summary_of

from etcdlab.report.document import Origin, build_report, is_field_nowhere
from etcdlab.report.summary import NEAR_LIMIT, Summary

ORIGIN = Origin("", "", "", 1, 0.0)


def test_types_sizes_and_prices() -> None:
    summary = summary_of([b'{"price": 2.5}', b'{"price": 7}', b"[1, 2]", b"text", b"\xff\xff", b""])
    assert {name: (s.count, s.total) for name, s in summary.types.items()} == {
        "json": (3, 32), "text": (1, 4), "binary": (1, 2), "other": (1, 0),
    }  # fmt: skip
    assert summary.keys == summary.all_values().count == 6
    assert summary.field.numbers.figures()["mean"] == 4.75
    assert summary.field.findings["absent"].first == [b"p/2"]


@pytest.mark.parametrize(
    ("price", "finding"),
    [
        ("1.5", None), ("0", None), ("12345678901234567890123", None), ("-1", "negative"),
        ("-0.5", "negative"), ('"12"', "not a number"), ("true", "not a number"),
        ("null", "not a number"), ("[1]", "not a number"), ("NaN", "not finite"),
        ("-Infinity", "not finite"), ("1e999", "not finite"), ("9" * 400, "not finite"),
        ("1e308", None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_price(price: str, finding: str | None) -> None:
    summary = summary_of([f'{{"price": {price}}}'.encode()])
    found = {name for name, each in summary.field.findings.items() if each.count}
    assert found == ({finding} if finding else set())
    assert summary.field.numbers.count == (finding in (None, "negative"))
    assert not is_field_nowhere(build_report(summary, ORIGIN))


@pytest.mark.parametrize(
    ("path", "document", "mean"),
    [
        ("a.b", b'{"a": {"b": 3}}', 3), ("a.1.b", b'{"a": [0, {"b": 4}]}', 4), ("1", b"[5, 6]", 6),
        ("0", b'{"0": 7}', 7), ("a.b", b'{"a": 1}', None), ("a.b", b'{"a": []}', None),
        ("2", b"[5, 6]", None), ("-1", b"[5]", None), ("a.b.c", b"[]", None),
        ("²", b"[1]", None),
    ],
)  # fmt: skip
def test_a_path_into_documents(path: str, document: bytes, mean: float | None) -> None:
    summary = summary_of([document], path)
    assert summary.field.numbers.figures()["mean"] == mean
    assert is_field_nowhere(build_report(summary, ORIGIN)) == (mean is None)


def test_one_odd_value_or_key_ends_nothing() -> None:
    summary = Summary(b"", ("price",), 1, 3)
    odd = [
        (b"a", b"[" * 10_000), (b"b", b'{"price": '), (b"c\xff", b"x" * NEAR_LIMIT),
        (b"d", b'{"price": NaN}'), (b"e", b'{"price": 1e308}'), (b"f\n\xff", b"{\xff}"),
    ]  # fmt: skip
    summary.add(page_of(odd))
    found = {what: (each.count, each.first) for what, each in summary.anomalies().items()}
    assert found == {
        "broken JSON": (3, [b"a", b"b", b"f\n\xff"]),
        f"values of {NEAR_LIMIT} bytes or more": (1, [b"c\xff"]),
        "keys that are not UTF-8": (2, [b"c\xff", b"f\n\xff"]),
        "price not a number": (0, []), "price negative": (0, []),
        "price not finite": (1, [b"d"]),
    }  # fmt: skip
    assert summary.largest.rows[0] == (-NEAR_LIMIT, b"c\xff")
    build_report(summary, ORIGIN)


def test_revisions_versions_and_leases() -> None:
    summary = Summary(b"", ("price",), 1, 3)
    entries = [(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]
    summary.add(page_of(entries, mod_revisions=[9, 4, 7], versions=[1, 3, 2], leases=[0, 5, 5]))
    summary.add(page_of([]))
    summary.add(page_of([(b"d", b"")], mod_revisions=[12]))
    assert (summary.first_revision, summary.last_revision) == (4, 12)
    assert (summary.rewritten, summary.leased, summary.key_bytes) == (2, 2, 4)


VALUES = st.one_of(
    st.sampled_from([b'{"price": 1.25}', b'{"price": -3}', b'{"price"', b"", b"\xff", b"[]"]),
    st.binary(max_size=5),
)


@given(st.dictionaries(st.binary(min_size=1, max_size=3), VALUES), st.integers(1, 9), st.integers())
def test_the_same_report_from_any_pages(data: dict[bytes, bytes], size: int, seed: int) -> None:
    entries = sorted(data.items())
    pages = [entries[begin : begin + size] for begin in range(0, len(entries), size)]
    random.Random(seed).shuffle(pages)
    reports = []
    for parts in ([entries], pages):
        summary = Summary(b"", ("price",), 2, 3)
        for part in parts:
            summary.add(page_of(part))
        report = build_report(summary, Origin("here", "3.5.1", "gateway", 7, 0.5))
        reports.append({name: value for name, value in report.items() if name != "taken"})
    assert reports[0] == reports[1]
