#!/usr/bin/env python3
"""walk_basics.py - put, get, del: a walkthrough in Python.

usage: walk_basics.py [flags]

Prints the same as scripts/walk_basics.sh, over the JSON gateway or the native client.

examples:
  py/walk_basics.py -step
  py/walk_basics.py -transport=native
  diff <(scripts/walk_basics.sh) <(py/walk_basics.py)

exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
from etcdlab.walkthrough.run import walk_with
from etcdlab.walkthrough.transcript_client import TranscriptClient


def walk(lab: TranscriptClient) -> None:
    """Put, get, del."""
    key = lab.key("demo/key")
    lab.title("Put, get, del")

    lab.step("A value is stored under a key. Both are bytes; etcd does not look into them.")
    lab.put(key, b"hello world")

    lab.step("get prints the key, then the value.")
    lab.get(key)

    lab.step("Without the key: only the value, for use in a script.")
    lab.get(key, value_only=True)

    lab.step("A second put replaces the value; --prev-kv shows what was there.")
    lab.put(key, b"hello again", prev_kv=True)

    lab.step("del prints how many keys it deleted.")
    lab.delete(key)

    lab.step("A key that is not there: no output, and exit status 0. Look at the output.")
    lab.get(key)

    lab.step(
        "Where etcd is, --endpoints or the variable ETCDCTL_ENDPOINTS says. Never set both:",
        "etcdctl then ends with an error.",
    )


if __name__ == "__main__":
    walk_with(walk, f"{__doc__}")
