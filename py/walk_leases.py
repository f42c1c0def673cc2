#!/usr/bin/env python3
"""walk_leases.py - keys that expire: a walkthrough in Python.

usage: walk_leases.py [flags]

Prints the same as scripts/walk_leases.sh, over the JSON gateway or the native client.

examples:
  py/walk_leases.py -step
  py/walk_leases.py -transport=native
  diff <(scripts/walk_leases.sh) <(py/walk_leases.py)

exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
from etcdlab.walkthrough.run import walk_with
from etcdlab.walkthrough.transcript_client import TranscriptClient


def walk(lab: TranscriptClient) -> None:
    """Keys that expire."""
    alice = lab.key("sessions/alice")
    lab.title("Leases: keys that expire")

    lab.step(
        "A lease has a time to live, in seconds. Its ID is the second word of the line, what",
        "awk '/^lease / {print $2}' prints; the third is only the word \"granted\".",
    )
    lease = lab.grant(5)

    lab.step("A key that is put with a lease lives no longer than the lease.")
    lab.put(alice, b"token-123", lease=lease)

    lab.step("What is left of it, and which keys hang on it.")
    lab.time_to_live(lease, keys=True)
    lab.get(alice)

    lab.step(
        "Left alone, the lease expires, up to a second late: etcd looks every 500 ms, and the",
        "deletion has to be agreed on. So poll, with a deadline, instead of sleeping.",
    )
    lab.wait_until_gone(alice)
    lab.get(alice)
    lab.time_to_live(lease)

    lab.step(
        "keep-alive starts the time anew, again and again until it is stopped (here after the",
        "first time); --once does it once.",
    )
    lease = lab.grant(5)
    lab.put(alice, b"token-124", lease=lease)
    lab.keep_alive(lease)
    lab.keep_alive(lease, once=True)

    lab.step("To revoke a lease deletes its keys at once.")
    lab.revoke(lease)
    lab.get(alice)

    lab.step("Several keys on one lease expire together: two sessions on a short one …")
    short = lab.grant(5)
    long = lab.grant(30)
    lab.put(lab.key("sessions/bob"), b"token-456", lease=short)
    lab.put(lab.key("sessions/charlie"), b"token-789", lease=short)

    lab.step("… and two on a longer one.")
    lab.put(lab.key("sessions/dana"), b"token-101", lease=long)
    lab.put(lab.key("sessions/erin"), b"token-202", lease=long)

    lab.step("When the short lease has expired, the others are still there.")
    lab.wait_until_gone(lab.key("sessions/bob"))
    lab.get(lab.key("sessions/"), prefix=True)

    lab.step("Revoke the longer one, and they are gone as well.")
    lab.revoke(long)
    lab.get(lab.key("sessions/"), prefix=True)


if __name__ == "__main__":
    walk_with(walk, f"{__doc__}")
