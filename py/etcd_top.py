#!/usr/bin/env python3
"""etcd_top.py - what every member is doing: CPU, memory, space, requests, disk, raft.

usage: etcd_top.py [flags]

Asks all members at once, again and again until Ctrl-C, and shows their figures: in place on
a terminal, as a line to each member in a pipe, or as JSON. All of them are etcd's own, from
its page /metrics, which anyone may read, so that they are there wherever etcd runs; the
alarms are from /health, which costs a member a range at each look. A member that does not
answer within two seconds is down.

  state       leader, follower, learner, leaderless or down
  CPU         of one core, since the last look
  memory      what is resident
  DB, in use  the size of the database's file, and what of it is in use
  quota       how much of --quota-backend-bytes the file has reached
  lag         raft entries that the furthest member has committed, and this one not applied
  alarms      those of the cluster, as this member has them
  puts/s      puts a second since the last look; every member carries each of them out, as
              it does deletes (dels/s) and transactions of several operations (txns/s)
  ranges/s    reads that this member has answered
  fsync       how long 99 % of the writes of its log took at most, since the last look
  commit      the same of the commits of its database
  watchers    watches that are open on this member

Rates need two looks: the first one has none, nor has the one after a member was started
again. Where `make up` took Docker, there are also CPU and memory of the containers, as
`docker stats` said last, which takes two seconds to do so.

In a pipe figures are in MB, ms and %, with `-` for what is not known; in JSON they are in
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
    flags.add("n COUNT", count_value, "", "how many looks, else until Ctrl-C")
    flags.add(
        "o FORMAT",
        one_of("table", "lines", "json"),
        "table" if sys.stdout.isatty() else "lines",
        "table (on a terminal), lines (in a pipe) or json",
    )
    return flags.parse(arguments)


def need_one(settings: Settings, members: Sequence[Figures]) -> None:
    """Return where one of the members is up; LabError that says why none is."""
    if all(member["state"] == "down" for member in members):
        need_etcd(settings)
        raise LabError(f"{members[0]['endpoint']}: no figures of etcd at /metrics")


def show(members: Sequence[Figures], style: str, is_first: bool) -> None:
    """Print the figures of a look."""
    if style == "table":
        refresh(table_of(members, shutil.get_terminal_size().columns))
    else:
        print(json_of(members) if style == "json" else lines_of(members, is_first), flush=True)


if __name__ == "__main__":
    run(main)
