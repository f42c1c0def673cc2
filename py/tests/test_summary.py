import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.records import KeyValue
from etcdlab.summary import Prices, Summary, classify, price_of


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b'{"a":1}', "json"),
        (b" \n[1]", "json"),
        (b"{}", "json"),
        (b"12", "text"),
        (b'"a"', "text"),
        (b"{broken", "text"),
        (b'{"a":NaN}', "text"),
        (b"[" * 5000 + b"]" * 5000, "text"),
        ("grüße\t\r\n".encode(), "text"),
        (b"\xff\xfe", "binary"),
        (b'{"a":"\xff"}', "binary"),
        (b"\xed\xa0\x80", "binary"),
        (b"", "other"),
        (b"a\x00b", "other"),
        (b"\x1b[31m", "other"),
        (b"\xc2\x85", "other"),
    ],
)
def test_types(value: bytes, kind: str) -> None:
    assert classify(value)[0] == kind


@pytest.mark.parametrize(
    ("document", "price"),
    [
        ({"price": 5}, 5.0),
        ({"price": -0.5}, -0.5),
        ({"price": True}, None),
        ({"price": "5"}, None),
        ({"price": None}, None),
        ({"price": float("inf")}, None),
        ({"item": {"price": 5}}, None),
        ([{"price": 5}], None),
        ({}, None),
    ],
)
def test_price(document: object, price: float | None) -> None:
    assert price_of(document) == price


@given(st.lists(st.lists(st.floats(-1e300, 1e300), max_size=5), max_size=5))
def test_the_mean_is_right_whatever_the_pages(pages: list[list[float]]) -> None:
    prices = Prices()
    for page in pages:
        prices.add(page)
    flat = [price for page in pages for price in page]
    assert prices.count == len(flat)
    if flat:
        assert (prices.minimum, prices.maximum) == (min(flat), max(flat))
        assert prices.mean == pytest.approx(statistics.fmean(flat), rel=1e-12, abs=1e-290)


def test_sums_beyond_the_largest_float_do_not_overflow() -> None:
    prices = Prices()
    for _ in range(100):
        prices.add([1.7e308])
    assert prices.mean == pytest.approx(1.7e308)


def test_a_summary_adds_up() -> None:
    summary = Summary()
    values = [b'{"price":1.5}', b'{"price":2.5}', b"text", b"\xff", b""]
    summary.add(KeyValue(b"k%d" % index, value, 1, 1, 1, 0) for index, value in enumerate(values))
    assert {name: group.keys for name, group in summary.groups.items()} == {
        "json": 2, "text": 1, "binary": 1, "other": 1,
    }  # fmt: skip
    assert (summary.keys, summary.value_bytes, summary.key_bytes) == (5, 31, 10)
    assert (summary.prices.mean, summary.prices.minimum, summary.prices.maximum) == (2, 1.5, 2.5)
