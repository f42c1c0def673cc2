#!/usr/bin/env python3
"""walk_txn.py - transactions: compare and swap, a lock: a walkthrough in Python.

usage: walk_txn.py [flags]

Prints the same as scripts/walk_txn.sh, over the JSON gateway or the native client.

examples:
  py/walk_txn.py -step
  py/walk_txn.py -transport=native
  diff <(scripts/walk_txn.sh) <(py/walk_txn.py)

exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
from etcdlab.client.types import Compare, Put, Range
from etcdlab.walkthrough.run import walk_with
from etcdlab.walkthrough.transcript_client import TranscriptClient


def walk(lab: TranscriptClient) -> None:
    """Compare and swap, a lock."""
    config, lock = lab.key("config"), lab.key("lock")
    lab.title("Transactions: compare and swap, a lock")

    lab.step(
        "A transaction has compares, operations for when they all hold, and operations for",
        "when not. Nothing can happen in between. A key that is not there has mod revision 0:",
        "so this creates one only if nobody has.",
    )
    absent = Compare("MOD", config, "EQUAL", 0)
    lab.txn([absent], success=[Put(config, b"red")], failure=[Range(config)])

    lab.step("The same again: the compare fails, and the other branch shows who was first.")
    lab.txn([absent], success=[Put(config, b"blue")], failure=[Range(config)])

    lab.step("Compare and swap: the change is made only if the value is what was read before.")
    red = Compare("VALUE", config, "EQUAL", b"red")
    lab.txn([red], success=[Put(config, b"green")], failure=[Range(config)])

    lab.step("With an old value it fails, and nothing is overwritten.")
    lab.txn([red], success=[Put(config, b"blue")], failure=[Range(config)])

    lab.step(
        "A lock: a key that one owner creates, on a lease, so that it is released even when",
        "its owner dies.",
    )
    lease = lab.grant(60)
    free = Compare("CREATE", lock, "EQUAL", 0)
    lab.txn([free], success=[Put(lock, b"alice", lease)], failure=[Range(lock)])

    lab.step("Who comes second does not get it, and learns whose it is.")
    lab.txn([free], success=[Put(lock, b"bob")], failure=[Range(lock)])

    lab.step("Revoking the lease releases the lock (it expires where nobody keeps it alive).")
    lab.revoke(lease)
    lease = lab.grant(60)
    lab.txn([free], success=[Put(lock, b"bob", lease)], failure=[Range(lock)])

    lab.step("Clean up.")
    lab.revoke(lease)
    lab.delete(config)


if __name__ == "__main__":
    walk_with(walk, f"{__doc__}")
