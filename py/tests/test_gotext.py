"""Go's text conventions; what etcdctl makes of them, test_etcdctl.py compares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab import gotext


@given(st.binary(max_size=60))
def test_what_is_quoted_can_be_unquoted(data: bytes) -> None:
    quoted = gotext.quote(data)
    assert gotext.unquote(quoted.decode()) == data
    assert "\n" not in quoted.decode()


@pytest.mark.parametrize(
    ("data", "quoted"),
    [
        (b"plain", '"plain"'),
        (b'"\\', r'"\"\\"'),
        (b"\a\b\f\n\r\t\v\0\x1b", r'"\a\b\f\n\r\t\v\x00\x1b"'),
        ("é€😀".encode(), '"é€😀"'),
        (b"\xff\xe2\x82", r'"\xff\xe2\x82"'),
        ("\u00a0\u200b\ufeff".encode(), r'"\u00a0\u200b\ufeff"'),
        ("\U000e0001".encode(), r'"\U000e0001"'),
        ("\ufffd".encode(), '"\ufffd"'),
    ],
)
def test_quote(data: bytes, quoted: str) -> None:
    assert gotext.quote(data).decode() == quoted


@pytest.mark.parametrize("text", ['"\\q"', '"\\x1"', '"\\u12"', '"\\400"', '"\\ud800"', '"a\nb"'])
def test_unquote_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="invalid syntax"):
        gotext.unquote(text)


@pytest.mark.parametrize(
    ("text", "base", "number"),
    [
        ("0", 10, 0),
        ("-9223372036854775808", 10, -(2**63)),
        ("+7f", 16, 127),
        ("0x1f", 0, 31),
        ("017", 0, 15),
        ("0b11", 0, 3),
        ("1_000", 0, 1000),
    ],
)
def test_parse_int(text: str, base: int, number: int) -> None:
    assert gotext.parse_int(text, base) == number


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("", 10),
        ("1_0", 10),
        ("0x1", 16),
        ("9223372036854775808", 10),
        ("٣", 10),
        ("08", 0),
        ("_1", 0),
    ],
)
def test_parse_int_refuses(text: str, base: int) -> None:
    with pytest.raises(ValueError, match="parsing"):
        gotext.parse_int(text, base)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("1m30s", 90), ("300ms", 0.3), (".5h", 1800), ("-2s", -2), ("0", 0), ("2us", 2e-6)],
)
def test_parse_duration(text: str, seconds: float) -> None:
    assert gotext.parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "s", "1e3s", "5 s", "1s2", "--1s"])
def test_parse_duration_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        gotext.parse_duration(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (9, "9 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (20480, "20 kB"),
        (1449999, "1.4 MB"),
    ],
)
def test_human_bytes(size: int, text: str) -> None:
    assert gotext.human_bytes(size) == text
