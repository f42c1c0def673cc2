"""Go's text conventions; test_etcdctl.py compares their use with etcdctl's."""

from contextlib import suppress

import pytest
from hypothesis import example, given
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


# A piece of a Go string's source, and its bytes.
PIECES = st.one_of(
    st.sampled_from(
        [("\\n", b"\n"), ("\\a", b"\a"), ('\\"', b'"'), ("\\\\", b"\\"), ("\udcff", b"\xff")]
    ),
    st.integers(0, 255).map(lambda byte: (f"\\x{byte:02X}", bytes([byte]))),
    st.integers(0, 255).map(lambda byte: (f"\\{byte:03o}", bytes([byte]))),
    st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]).map(
        lambda rune: (f"\\u{ord(rune):04x}", rune.encode())
    ),
    st.characters(exclude_categories=["Cs"]).map(
        lambda rune: (f"\\U{ord(rune):08x}", rune.encode())
    ),
    st.characters(exclude_categories=["Cs"], exclude_characters='"\\\n').map(
        lambda rune: (rune, rune.encode())
    ),
)
ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\xuU0123456789-+_.smh\udcff'),
    max_size=12,
)


@given(st.lists(PIECES, max_size=9))
def test_every_way_to_write_a_string(pieces: list[tuple[str, bytes]]) -> None:
    source = '"' + "".join(source for source, _ in pieces) + '"'
    stands_for = b"".join(data for _, data in pieces)
    assert gotext.unquote(source) == stands_for
    # Sscanf reads runes: a byte that is not UTF-8 becomes U+FFFD.
    scanned = b"".join(b"\xef\xbf\xbd" if text == "\udcff" else data for text, data in pieces)
    assert gotext.scan_quoted(f" {source} rest") == (scanned, " rest")


@given(ANY_TEXT)
@example("0x")
@example("9" * 5000)  # which takes no longer than others
@example("9" * 400 + "h")
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(gotext.unquote(f'"{text}"'), bytes)
    with suppress(ValueError):
        assert isinstance(gotext.scan_quoted(text)[0], bytes)
    with suppress(ValueError):
        assert isinstance(gotext.parse_bool(text), bool)
    with suppress(ValueError):
        assert abs(gotext.parse_duration(text)) < 2**63 / 1e9 + 1
    for base in (0, 10, 16):
        with suppress(ValueError):
            assert gotext.parse_int(text, base) in range(-(2**63), 2**63)


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["", "+"]))
def test_every_number_in_every_base(number: int, plus: str) -> None:
    sign = "-" if number < 0 else plus
    digits = abs(number)
    assert gotext.parse_int(f"{sign}{digits}", 10) == number
    assert gotext.parse_int(f"{sign}{digits:x}", 16) == number
    for text in (f"{digits}", f"0x{digits:x}", f"0b{digits:b}", f"0o{digits:o}", f"0{digits:o}"):
        assert gotext.parse_int(sign + text, 0) == number
    assert gotext.parse_int(f"{sign}{digits:_}", 0) == number


UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "\u00b5s": 1e-6, "ns": 1e-9}


@given(
    st.lists(st.tuples(st.integers(0, 9999), st.sampled_from(list(UNITS))), min_size=1, max_size=4)
)
def test_durations_add_up(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in parts)
    seconds = sum(number * UNITS[unit] for number, unit in parts)
    assert gotext.parse_duration(text) == pytest.approx(seconds)
    assert gotext.parse_duration(f"-{text}") == pytest.approx(-seconds)
