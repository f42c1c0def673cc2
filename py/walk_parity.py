#!/usr/bin/env python3
"""walk_parity.py - whether the walkthroughs tell the same in shell and in Python.

usage: walk_parity.py [flags]        (or: make parity)

Runs each walkthrough three times, in shell with etcdctl and in Python over the
JSON gateway and over the native client, and compares the transcripts, after what
changes from run to run (lease IDs, seconds left, revisions, addresses) has been
given names. Prints a table, and the diff where there is one. $ETCDCTL names
another etcdctl for the shell.

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
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import unified_diff

from etcdlab import ROOT
from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import run
from etcdlab.cli.tables import table
from etcdlab.client.connect import environment_of, need_etcd
from etcdlab.errors import EXIT_DONE, EXIT_FAILED
from etcdlab.walkthrough.normalize import normalize

# In the order in which one learns.
TOPICS = ("basics", "ranges", "leases", "values", "history", "txn")
WAYS = ("shell", "gateway", "native")
DEADLINE = 180  # seconds for one walkthrough


@dataclass(frozen=True)
class Transcript:
    """One walkthrough's end: its normalized transcript, and why it failed, if it did."""

    transcript: str
    failure: str = ""


def main(arguments: Sequence[str]) -> int:
    """Run all, compare, report; the exit status."""
    flags = parse(arguments)
    settings = settings_of(flags)
    need_etcd(settings)
    variables = environment_of(settings)
    # Each etcdctl of a walkthrough logs in anew, which costs etcd 0.1 s of a processor.
    at_once = os.cpu_count() if settings.login else len(flags.topics)
    with ThreadPoolExecutor(at_once) as executor:
        told = list(executor.map(lambda topic: tell(topic, variables), flags.topics))
    rows = [row(topic, *each) for topic, each in zip(flags.topics, told, strict=True)]
    print(table(("topic", *WAYS), rows))
    for topic, each in zip(flags.topics, told, strict=True):
        show_differences(topic, each)
    return EXIT_DONE if all(is_same(each) for each in told) else EXIT_FAILED


def parse(arguments: Sequence[str]) -> Namespace:
    """The flags."""
    flags = Flags(f"{__doc__}")
    add_connection(flags, transport=False)
    flags.add("topics NAMES", topics_value, ",".join(TOPICS), "which walkthroughs")
    return flags.parse(arguments)


def topics_value(text: str) -> list[str]:
    """Names of walkthroughs, separated by commas; in the order of TOPICS."""
    topics = text.split(",")
    for topic in topics:
        if topic not in TOPICS:
            raise ValueError(f"no such topic: '{topic}'; there are {', '.join(TOPICS)}")
    return [topic for topic in TOPICS if topic in topics]


def tell(topic: str, variables: dict[str, str]) -> list[Transcript]:
    """One topic in all ways; at the same time, unless it compacts what others read.

    `variables` say where etcd is.
    """
    workers = 1 if topic == "history" else len(WAYS)
    with ThreadPoolExecutor(workers) as executor:
        return list(executor.map(lambda way: tell_one(topic, way, variables), WAYS))


def tell_one(topic: str, way: str, variables: dict[str, str]) -> Transcript:
    """One walkthrough in one way, in a place of its own."""
    place = f"parity/{os.getpid()}/{way}/{topic}/"
    if way == "shell":
        command = [str(ROOT / "scripts" / f"walk_{topic}.sh")]
    else:
        command = [sys.executable, str(ROOT / "py" / f"walk_{topic}.py"), f"-transport={way}"]
    try:
        done = subprocess.run(
            [*command, f"-prefix={place}"],
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
    except subprocess.TimeoutExpired:
        return Transcript("", f"no end after {DEADLINE} s")
    failure = (done.stderr.strip() or f"status {done.returncode}") if done.returncode else ""
    return Transcript(normalize(done.stdout, place), failure)


def is_same(told: list[Transcript]) -> bool:
    """Whether all went well and told the same."""
    return len({each.transcript for each in told}) == 1 and not any(each.failure for each in told)


def row(topic: str, shell: Transcript, *twins: Transcript) -> tuple[str, ...]:
    """One line of the table."""
    lines = f"{shell.transcript.count(chr(10))} lines"
    cells = [
        "failed" if twin.failure else "same" if twin == shell else "different" for twin in twins
    ]
    return (topic, "failed" if shell.failure else lines, *cells)


def show_differences(topic: str, told: list[Transcript]) -> None:
    """Why something failed, and what the twins tell otherwise than the shell."""
    for way, each in zip(WAYS, told, strict=True):
        if each.failure:
            print(f"\n{topic}, {way}: {each.failure}")
        diff = unified_diff(
            told[0].transcript.splitlines(),
            each.transcript.splitlines(),
            f"{topic}, {WAYS[0]}",
            f"{topic}, {way}",
            lineterm="",
        )
        if text := "\n".join(diff):
            print(f"\n{text}")


if __name__ == "__main__":
    run(main)
