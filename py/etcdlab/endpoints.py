"""Endpoints: what people write, and the URL it means."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

_LABEL = "[A-Za-z0-9_-]{1,63}"
_HOST = rf"(?:(?:{_LABEL}\.)*{_LABEL}\.?|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])"
_URL = re.compile(rf"https?://{_HOST}(?::(?P<port>[0-9]+))?/?")
_HOST_PORT = re.compile(rf"{_HOST}:(?P<port>[0-9]+)")


def parse_endpoint(text: str, scheme: str = "http") -> str:
    """The base URL (no slash at its end) of host:port or http(s)://host[:port].

    `scheme` is for a text that has none. Raises ValueError for anything else:
    paths, user names, ports out of range.
    """
    match = _URL.fullmatch(text) or _HOST_PORT.fullmatch(text)
    if match is None or not 1 <= int(match["port"] or 80) <= 65535:
        raise ValueError(f"not host:port or a URL: {text!r}")
    if match["ipv6"]:
        try:
            IPv6Address(match["ipv6"])
        except ValueError as error:
            raise ValueError(f"not an IPv6 address: {text!r}") from error
    return text.rstrip("/") if "://" in text else f"{scheme}://{text}"


def parse_endpoints(text: str) -> list[str]:
    """The base URLs of endpoints separated by commas, with spaces or not; ValueError as above."""
    return [parse_endpoint(part.strip(" ")) for part in text.split(",")]
