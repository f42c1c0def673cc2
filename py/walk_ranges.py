#!/usr/bin/env python3
"""walk_ranges.py - keys in order, prefixes and ranges: a walkthrough in Python.

usage: walk_ranges.py [flags]

Prints the same as scripts/walk_ranges.sh, over the JSON gateway or the native client.

examples:
  py/walk_ranges.py -step
  py/walk_ranges.py -transport=native
  diff <(scripts/walk_ranges.sh) <(py/walk_ranges.py)

exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
from etcdlab.walkthrough.run import walk_with
from etcdlab.walkthrough.transcript_client import TranscriptClient


def walk(lab: TranscriptClient) -> None:
    """Prefixes and ranges."""
    lab.title("Keys in order: prefixes and ranges")

    lab.step(
        "etcd has no folders: keys are bytes, sorted bytewise. Slashes are a habit that",
        "puts what belongs together side by side.",
    )
    lab.put(lab.key("app/config/database"), b"postgres")
    lab.put(lab.key("app/config/cache"), b"redis")
    lab.put(lab.key("app/users/1001"), b'{"name":"Ada"}')
    lab.put(lab.key("app/users/1002"), b'{"name":"Lin"}')

    lab.step("All keys with a prefix, in order.")
    lab.get(lab.key("app/config/"), prefix=True)

    lab.step("Only the keys; each is followed by an empty line, where its value would be.")
    lab.get(lab.key("app/users/"), prefix=True, keys_only=True)

    lab.step(
        'A range is half-open: [key, range_end). "0" comes right after "/" in ASCII, so this',
        "is what --prefix asked for above.",
    )
    lab.get(lab.key("app/config/"), lab.key("app/config0"))

    lab.step(
        "The end of a prefix: its last byte below 0xFF raised by one, what follows dropped.",
        "Not the prefix and a NUL byte: [key, key + NUL) is that single key.",
    )
    lab.get(lab.key("app/users/"), lab.key("app/users0"))

    lab.step(
        r"Nor can it be written as $(printf 'app/users/\x00'): a shell drops the NUL byte,",
        "and what is left is an empty range. It holds nothing, and that is no error.",
    )
    lab.get(lab.key("app/users/"), lab.key("app/users/"))

    lab.step("The first key only, and the last one.")
    lab.get(lab.key("app/"), prefix=True, limit=1)
    lab.get(lab.key("app/"), prefix=True, limit=1, order="DESCEND")

    lab.step("Clean up by prefix; del prints how many keys are gone.")
    lab.delete(lab.key("app/"), prefix=True)


if __name__ == "__main__":
    walk_with(walk, f"{__doc__}")
