"""Key ranges: keys and prefixes are bytes, ordered bytewise, as etcd orders them."""

from __future__ import annotations

# The least key, and as a range end, the end of the keyspace.
# https://etcd.io/docs/v3.5/learning/api/#range
ZERO = b"\x00"
NAMED = 3  # keys that a report or a message names, of many


def prefix_range_end(prefix: bytes) -> bytes:
    """Return the end of [prefix, end), the range of exactly the keys with that prefix.

    Adds one to the last byte below 0xFF and drops what follows it; ZERO if there is none.
    """
    kept = prefix.rstrip(b"\xff")
    if not kept:
        return ZERO
    return kept[:-1] + bytes([kept[-1] + 1])


def prefix_range(prefix: bytes) -> tuple[bytes, bytes]:
    """Return (key, range_end) of all keys with that prefix, or of all keys if it is empty.

    etcd refuses an empty key, so the whole keyspace starts at ZERO.
    """
    return prefix or ZERO, prefix_range_end(prefix)


def next_key(key: bytes) -> bytes:
    """Return the least key above `key`: nothing sorts between a key and itself plus NUL."""
    return key + ZERO


def child(prefix: bytes, name: bytes) -> bytes:
    """Return `prefix/name`, with one slash even if the prefix ends in one."""
    return prefix + name if prefix.endswith(b"/") else prefix + b"/" + name


def show(key: bytes) -> str:
    """Return a key as readable text, with escapes for what is not printable UTF-8."""
    text = key.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
