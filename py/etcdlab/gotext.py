"""Write and read text as Go's standard library does, for etcdctl.

A string in Go is bytes; a `text` to read is decoded from them with surrogateescape.
https://pkg.go.dev/strconv, https://pkg.go.dev/fmt, https://pkg.go.dev/time
"""

from __future__ import annotations

import re

_ESCAPES = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r"}
_ESCAPES |= {ord('"'): b'\\"', ord("\\"): b"\\\\"}
_UNESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_ESCAPE = re.compile(
    r"\\(?:([abtnvfr\"\\])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"
)
_INT64 = range(-(2**63), 2**63)
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([^0-9.]*)")


def quote(data: bytes) -> bytes:
    """Return `data` as %q prints it: in double quotes, with escapes but for printable UTF-8."""
    return b'"%b"' % b"".join(map(_quote_rune, data.decode("utf-8", "surrogateescape")))


def _quote_rune(rune: str) -> bytes:
    code = ord(rune)
    if code in _ESCAPES:
        return _ESCAPES[code]
    if rune.isprintable():
        return rune.encode()
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return b"\\x%02x" % (code - 0xDC00)
    if code < 0x20 or code == 0x7F:
        return b"\\x%02x" % code
    return b"\\u%04x" % code if code < 0x10000 else b"\\U%08x" % code


def unquote(text: str) -> bytes:
    """Return the value of a double-quoted Go string; ValueError if it is malformed.

    `text` includes the quotes.
    """
    parts = []
    position, end = 1, len(text) - 1
    while position < end:
        if text[position] == "\\":
            match = _ESCAPE.match(text, position, end)
            if match is None:
                raise ValueError("invalid syntax")
            parts.append(_unescape(match))
            position = match.end()
        elif text[position] in '"\n':
            raise ValueError("invalid syntax")
        else:
            parts.append(text[position].encode("utf-8", "surrogateescape"))
            position += 1
    return b"".join(parts)


def _unescape(match: re.Match[str]) -> bytes:
    letter, byte, octal, short, long = match.groups()
    if letter or byte or octal:
        code = _UNESCAPES[letter] if letter else int(byte, 16) if byte else int(octal, 8)
        if code > 0xFF:
            raise ValueError("invalid syntax")
        return bytes([code])
    code = int(short or long, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ValueError("invalid syntax")
    return chr(code).encode()


def scan_quoted(text: str) -> tuple[bytes, str]:
    """Return what Sscanf's %q reads at the start of `text`, and the rest.

    ValueError if there is no quoted string. Sscanf reads runes, so a byte that is not UTF-8
    becomes U+FFFD.
    """
    text = re.sub("[\udc80-\udcff]", "\ufffd", text.lstrip(" \t\r\f\v"))
    if match := re.match(r"`([^`]*)`", text):
        return match[1].encode(), text[match.end() :]
    match = re.match(r'"(?:[^"\\]|\\.)*"', text, re.DOTALL)
    if match is None:
        raise ValueError("expected quoted string")
    return unquote(match[0]), text[match.end() :]


def parse_int(text: str, base: int) -> int:
    """Return a signed 64-bit integer as strconv.ParseInt reads it; ValueError otherwise.

    With base 0 a prefix chooses the base, and underscores may separate digits.
    """
    digits = {10: "[0-9]+", 16: "[0-9a-fA-F]+"}.get(base)
    if base == 0:
        digits = r"0[xX](_?[0-9a-fA-F])+|0[bB](_?[01])+|0[oO]?(_?[0-7])+|0|[1-9](_?[0-9])*"
    if not re.fullmatch(rf"[+-]?(?:{digits})", text):
        raise ValueError(f"strconv.ParseInt: parsing {_quoted(text)}: invalid syntax")
    if base == 0 and re.fullmatch(r"[+-]?0[0-7_]+", text):
        base = 8
    number = int(text, base)
    if number not in _INT64:
        raise ValueError(f"strconv.ParseInt: parsing {_quoted(text)}: value out of range")
    return number


def parse_uint(text: str, base: int) -> int:
    """Return an unsigned 64-bit integer as strconv.ParseUint reads it; ValueError otherwise."""
    digits = {10: "[0-9]+", 16: "[0-9a-fA-F]+"}[base]
    if not re.fullmatch(digits, text):
        raise ValueError(f"strconv.ParseUint: parsing {_quoted(text)}: invalid syntax")
    if int(text, base) >= 2**64:
        raise ValueError(f"strconv.ParseUint: parsing {_quoted(text)}: value out of range")
    return int(text, base)


def parse_bool(text: str) -> bool:
    """Return the value of a word that strconv.ParseBool takes; ValueError otherwise."""
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    raise ValueError(f"strconv.ParseBool: parsing {_quoted(text)}: invalid syntax")


def parse_duration(text: str) -> float:
    """Return the seconds of a duration such as 1m30s or 250ms; ValueError otherwise."""
    sign, unsigned = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if unsigned == "0":
        return 0.0
    seconds, position = 0.0, 0
    while position < len(unsigned) or not unsigned:
        part = _DURATION_PART.match(unsigned, position)
        if part is None:
            raise ValueError(f"time: invalid duration {_quoted(text)}")
        number, unit = part.groups()
        if not unit:
            raise ValueError(f"time: missing unit in duration {_quoted(text)}")
        if unit not in _UNITS:
            raise ValueError(f"time: unknown unit {_quoted(unit)} in duration {_quoted(text)}")
        seconds += float(number) * _UNITS[unit]
        position = part.end()
    if seconds / _UNITS["ns"] >= 2**63:
        raise ValueError(f"time: invalid duration {_quoted(text)}")
    return sign * seconds


def duration(seconds: float) -> str:
    """Return seconds, fewer than 60, as Go prints a duration: 1.5ms, 20µs, 2.25s."""
    for unit in ("s", "ms", "µs"):
        if seconds >= _UNITS[unit]:
            return f"{seconds / _UNITS[unit]:.6f}".rstrip("0").rstrip(".") + unit
    return f"{seconds / _UNITS['ns']:.0f}ns"


def human_bytes(size: int) -> str:
    """Return bytes as go-humanize prints them: 20 kB, 1.4 MB; powers of 1000, two digits."""
    if size < 10:
        return f"{size} B"
    units = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
    power = 0
    while size >= 1000 ** (power + 1):
        power += 1
    value = int(size / 1000**power * 10 + 0.5) / 10
    return f"{value:.1f} {units[power]}" if value < 10 else f"{value:.0f} {units[power]}"


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape")).decode()
