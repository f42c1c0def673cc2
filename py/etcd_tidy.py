#!/usr/bin/env python3
"""etcd_tidy.py - give back the space that a prefix takes, step by step.

usage: etcd_tidy.py [flags]

Deletes the keys under -prefix, compacts etcd's history up to now, has every member
that is named by -endpoints defragment its file, and disarms the alarm that a full
member has raised. Prints how large the members' files are after each step, how much
of them is in use, and what the step freed: deleting frees nothing as long as history
is kept, compacting frees pages inside the files, defragmenting gives them back.

Compaction forgets the history of all keys, not only of those under the prefix. While
a member defragments its file it answers nothing else.

examples:
  py/etcd_tidy.py
  py/etcd_tidy.py -prefix=demo/burst
  py/etcd_tidy.py -keep
  py/etcd_tidy.py -endpoints localhost:2379,localhost:22379,localhost:32379

exits: 0 done, 1 a step failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flag_types import prefix_value, seconds_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import run
from etcdlab.cli.tables import table
from etcdlab.client.api import Client
from etcdlab.client.connect import Settings, connect, need_etcd
from etcdlab.errors import EXIT_DONE
from etcdlab.limits import COMMIT_INTERVAL
from etcdlab.scan.reclaim import compact, defragment, delete, disarm


def main(arguments: Sequence[str]) -> int:
    """Take the steps; return the exit status."""
    flags = parse(arguments)
    settings = settings_of(flags, timeout=flags.timeout)
    need_etcd(settings)
    with ExitStack() as stack:
        members = [
            stack.enter_context(closing(connect(replace(settings, endpoints=[endpoint]))))
            for endpoint in settings.endpoints
        ]
        rows = [("before", "", *map(megabytes, sizes(members)), "", "")]
        try:
            for name, step in steps(flags, settings, members):
                rows.append(taken(name, step, members))
        finally:
            headers = ("step", "what", "file MB", "in use MB", "freed inside", "freed")
            print(table(headers, rows, text_columns=2))
    return EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the flags."""
    flags = Flags(__doc__ or "")
    add_connection(flags)
    flags.add(
        "prefix PREFIX", prefix_value, "datasets/loadtest", "what to delete: the keys below it"
    )
    flags.add_switch("keep", False, "delete nothing, only compact, defragment and disarm")
    flags.add("timeout DURATION", seconds_value, "120s", "how long one request may take")
    return flags.parse(arguments)


def steps(
    flags: argparse.Namespace, settings: Settings, members: Sequence[Client]
) -> list[tuple[str, Callable[[], str]]]:
    """Return the steps by name; each returns what it did, in words."""
    always = [
        ("compact", lambda: compact(members[0])),
        ("defragment", lambda: defragment(members)),
        ("disarm", lambda: disarm(members[0])),
    ]
    if flags.keep:
        return always
    return [("delete", lambda: delete(members[0], settings, flags.prefix)), *always]


def taken(name: str, step: Callable[[], str], members: Sequence[Client]) -> tuple[str, ...]:
    """Take a step; return its row of the table."""
    size_before, in_use_before = sizes(members)
    done = step()
    time.sleep(COMMIT_INTERVAL)
    size, in_use = sizes(members)
    freed = [max(0, in_use_before - in_use), max(0, size_before - size)]
    return (name, done, *map(megabytes, (size, in_use, *freed)))


def sizes(members: Sequence[Client]) -> tuple[int, int]:
    """Return the bytes of all members' files, and of those in use."""
    statuses = [member.status() for member in members]
    total = sum(status.db_size for status in statuses)
    return total, sum(status.db_size_in_use for status in statuses)


def megabytes(size: int) -> str:
    """Show a number of bytes in MB."""
    return f"{size / 1e6:.1f}"


if __name__ == "__main__":
    run(main)
