"""Endpoints: from what people type to base URLs."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_LABEL = "[A-Za-z0-9_-]{1,63}"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[(?P<address>[0-9A-Fa-f:.]+)\])"
_URL = re.compile(rf"https?://{_HOST}(?::(?P<port>[0-9]{{1,5}}))?/?")
_HOST_PORT = re.compile(rf"{_HOST}:(?P<port>[0-9]{{1,5}})")


def parse_endpoint(text: str, scheme: str = "http") -> str:
    """Return the base URL, without a slash at its end, of host:port or http(s)://host[:port].

    `scheme` is for a text without one. ValueError for anything else, such as a path, a user
    name or a port out of range.
    """
    match = _URL.fullmatch(text) or _HOST_PORT.fullmatch(text)
    if match is None or not 1 <= int(match["port"] or 80) <= 65535 or not _is_host(match):
        raise ValueError(f"not host:port or a URL: {text!r}")
    return text.rstrip("/") if "://" in text else f"{scheme}://{text}"


def _is_host(match: re.Match[str]) -> bool:
    """Return whether the host is a name, or an IPv6 address in brackets."""
    try:
        return match["address"] is None or bool(IPv6Address(match["address"]))
    except ValueError:
        return False


def port_of(url: str) -> int:
    """Return the port of a URL, or its scheme's default."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_loopback(url: str) -> bool:
    """Return whether a base URL names this machine: localhost or a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
