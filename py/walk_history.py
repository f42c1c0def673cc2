#!/usr/bin/env python3
"""walk_history.py - revisions, watches and compaction: a walkthrough in Python.

usage: walk_history.py [flags]

Prints the same as scripts/walk_history.sh, over the JSON gateway or the native client.

examples:
  py/walk_history.py -step
  py/walk_history.py -transport=native
  diff <(scripts/walk_history.sh) <(py/walk_history.py)

exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
from etcdlab.walkthrough.run import walk_with
from etcdlab.walkthrough.transcript_client import NO_REVISION, TranscriptClient


def walk(lab: TranscriptClient) -> None:
    """Revisions, watches and compaction."""
    config = lab.key("config")
    lab.title("History: revisions, watches, compaction")

    lab.step("Every change of the store has a number, the revision, that only grows.")
    lab.put(config, b"colour=red")
    first = lab.revision_of(config)
    lab.put(config, b"colour=green")
    lab.put(config, b"colour=blue")
    last = lab.revision_of(config)

    lab.step("A key knows when it was made and last changed, and how often it was written.")
    lab.get(config, write_out="fields")

    lab.step("The past can be read: the key as it was at a revision.")
    lab.get(config, revision=first)

    lab.step(
        "A watch can begin in the past too: it tells what happened since, then what happens.",
        "(It does not end by itself; here it is stopped after the third event.)",
    )
    lab.watch(config, revision=first, events=3)

    lab.step("To delete is to write as well. A watch with --prev-kv shows what was there before.")
    lab.delete(config)
    deleted = last if last == NO_REVISION else last + 1
    lab.watch(config, revision=deleted, events=1, prev_kv=True)

    lab.step(
        "Compaction forgets what was overwritten before a revision, in the whole store:",
        "history takes room.",
    )
    lab.compact(last)

    lab.step("What is forgotten cannot be read any more …")
    with lab.refused():
        lab.get(config, revision=first)

    lab.step("… but that revision itself can.")
    lab.get(config, revision=last)


if __name__ == "__main__":
    walk_with(walk, f"{__doc__}")
