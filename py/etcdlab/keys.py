"""Key ranges: keys and prefixes are bytes, ordered bytewise, as etcd orders them."""

from __future__ import annotations

# "To the end of the keyspace" as a range end, and the least key there can be.
# https://etcd.io/docs/v3.5/learning/api/#range
ZERO = b"\x00"

NAMED = 3  # keys that a message or a report names, of many


def prefix_range_end(prefix: bytes) -> bytes:
    """The end of [prefix, end), the range that holds exactly the keys with that prefix.

    The last byte below 0xFF is raised by one and what follows it is dropped;
    without such a byte (or without any byte) the range has no end but ZERO.
    """
    kept = prefix.rstrip(b"\xff")
    if not kept:
        return ZERO
    return kept[:-1] + bytes([kept[-1] + 1])


def prefix_range(prefix: bytes) -> tuple[bytes, bytes]:
    """(key, range_end) of all keys with that prefix; of all keys, for an empty one.

    etcd wants a key that is not empty: the whole keyspace starts at ZERO.
    """
    return prefix or ZERO, prefix_range_end(prefix)


def next_key(key: bytes) -> bytes:
    """The least key above `key`: nothing sorts between a key and itself plus NUL."""
    return key + ZERO


def child(prefix: bytes, name: bytes) -> bytes:
    """`prefix/name`, with one slash whether or not the prefix ends in one."""
    return prefix + name if prefix.endswith(b"/") else prefix + b"/" + name


def show(key: bytes) -> str:
    """A key for a person to read: UTF-8 where it is, escapes for what is not."""
    text = key.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
