#!/usr/bin/env python3
"""walk_parity.py - check that the walkthroughs print the same in shell and in Python.

usage: walk_parity.py [flags]        (or: make parity)

Runs each walkthrough in shell with etcdctl, and in Python over the JSON gateway and the
native client, and compares the transcripts; lease IDs, remaining seconds, revisions and
addresses are replaced by names first. Prints a table, and the diffs. $ETCDCTL names the
etcdctl for the shell.

examples:
  py/walk_parity.py
  py/walk_parity.py -topics=basics,txn
  ETCDCTL=py/etcdctl.py py/walk_parity.py

exits: 0 all the same, 1 something differs or failed, 2 wrong usage, 3 no etcd
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import os
from argparse import Namespace
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import run
from etcdlab.cli.tables import table
from etcdlab.client.connect import environment_of, need_etcd
from etcdlab.errors import EXIT_DONE, EXIT_FAILED
from etcdlab.walkthrough.parity import WAYS, Transcript, differences, is_same, transcripts_of
from etcdlab.walkthrough.topics import TOPICS


def main(arguments: Sequence[str]) -> int:
    """Run the walkthroughs, print the comparison; return the exit status."""
    flags = parse(arguments)
    settings = settings_of(flags)
    need_etcd(settings)
    variables = environment_of(settings)
    # Each etcdctl logs in, which costs etcd 0.1 s of CPU.
    at_once = os.cpu_count() if settings.login else len(flags.topics)
    with ThreadPoolExecutor(at_once) as executor:
        found = list(executor.map(lambda topic: transcripts_of(topic, variables), flags.topics))
    told = dict(zip(flags.topics, found, strict=True))
    print(table(("topic", *WAYS), [row(topic, *each) for topic, each in told.items()]))
    for topic, each in told.items():
        for text in differences(topic, each):
            print(f"\n{text}")
    return EXIT_DONE if all(map(is_same, found)) else EXIT_FAILED


def parse(arguments: Sequence[str]) -> Namespace:
    """Parse the flags."""
    flags = Flags(f"{__doc__}")
    add_connection(flags, transport=False)
    flags.add("topics NAMES", topics_value, ",".join(TOPICS), "which walkthroughs")
    return flags.parse(arguments)


def topics_value(text: str) -> list[str]:
    """Parse topics separated by commas; return them in the order of TOPICS."""
    topics = text.split(",")
    for topic in topics:
        if topic not in TOPICS:
            raise ValueError(f"no such topic: '{topic}'; there are {', '.join(TOPICS)}")
    return [topic for topic in TOPICS if topic in topics]


def row(topic: str, shell: Transcript, *twins: Transcript) -> tuple[str, ...]:
    """A row of the table."""
    lines = f"{shell.text.count(chr(10))} lines"
    cells = [
        "failed" if twin.failure else "same" if twin == shell else "different" for twin in twins
    ]
    return (topic, "failed" if shell.failure else lines, *cells)


if __name__ == "__main__":
    run(main)
