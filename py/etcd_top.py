#!/usr/bin/env python3
"""etcd_top.py - what every member is doing: CPU, memory, space, requests, disk, raft.

usage: etcd_top.py [flags]        (or: make top)

Asks all members at once, again and again until Ctrl-C, and shows their figures: in place on
a terminal, as a line for each member in a pipe, or as JSON. The figures are from etcd's page
/metrics, which anyone may read, so that they are there wherever etcd runs; the alarms are
from /health, which costs a member a range at each look. A member that does not answer
within two seconds is down.

  state       leader, follower, learner, leaderless or down
  CPU         of one core, since the last look
  memory      resident
  DB, in use  the size of the database's file, and how much of it is in use
  quota       how much of --quota-backend-bytes the file has reached
  lag         raft entries that another member has committed and this one not applied
  alarms      those of the cluster, as this member has them
  puts/s      puts a second since the last look, which every member carries out; the same
              for deletes (dels/s) and transactions of several operations (txns/s)
  ranges/s    reads that this member has answered
  fsync       the 99th percentile of the writes to its log since the last look
  commit      the same of the commits of its database
  watchers    open watches on this member

Rates need two looks: the first look has none, nor has the one after a member's restart. If
`make up` took Docker, CPU and memory of the containers are shown as well; they are up to
two looks old, as `docker stats` takes two seconds.

In a pipe figures are in MB, ms and %, with `-` for an unknown one; in JSON they are in
bytes, seconds and shares of one, with null.

examples:
  py/etcd_top.py
  py/etcd_top.py -endpoints localhost:2379,localhost:22379,localhost:32379 -interval 500ms
  py/etcd_top.py -n 10 | awk '{print $1, $2, $11}'     puts/s
  py/etcd_top.py -o json | jq '.members[].puts_per_second'

exits: 0 all -n looks taken, 1 failed, 2 wrong usage, 3 no etcd at the first look, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split

import argparse
import itertools
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import closing

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flag_types import count_value, one_of, seconds_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import run
from etcdlab.cli.screen import refresh
from etcdlab.client.connect import Settings, need_etcd
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.top.activity import Activity, Figures
from etcdlab.top.output import json_of, lines_of, table_of


def main(arguments: Sequence[str]) -> int:
    """Look at the members as often as the flags say; the exit status."""
    flags = parse(arguments)
    settings = settings_of(flags)
    with closing(Activity(settings)) as activity:
        for number in itertools.count(1):
            begin = time.monotonic()
            members = activity.look()
            if number == 1:
                need_one(settings, members)
            show(members, flags.o, is_first=number == 1)
            if number == flags.n:
                break
            time.sleep(max(0.0, begin + flags.interval - time.monotonic()))
    return EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Which members, how often, and how to show them."""
    flags = Flags(__doc__ or "")
    add_connection(flags, transport=False)
    flags.add("interval DURATION", seconds_value, "2s", "from one look to the next")
    flags.add("n COUNT", count_value, "", "how many looks (default: until Ctrl-C)")
    flags.add(
        "o FORMAT",
        one_of("table", "lines", "json"),
        "table" if sys.stdout.isatty() else "lines",
        "table (on a terminal), lines (in a pipe) or json",
    )
    return flags.parse(arguments)


def need_one(settings: Settings, members: Sequence[Figures]) -> None:
    """Raise LabError with the reason if no member is up."""
    if all(member["state"] == "down" for member in members):
        need_etcd(settings)
        raise LabError(f"{members[0]['endpoint']}: no figures of etcd at /metrics")


def show(members: Sequence[Figures], style: str, is_first: bool) -> None:
    """Print the figures of one look."""
    if style == "table":
        refresh(table_of(members, shutil.get_terminal_size().columns))
    else:
        print(json_of(members) if style == "json" else lines_of(members, is_first), flush=True)


if __name__ == "__main__":
    run(main)
