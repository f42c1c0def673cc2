#!/usr/bin/env python3
"""etcd_compare.py - etcdctl, the JSON gateway and python-etcd3 side by side.

usage: etcd_compare.py [flags]        (or: make compare)

Runs each scenario with all three on the running etcd, and prints a row with the three results
and, if they differ, why and what to do about it. Checks what an explanation claims: on an etcd
that behaves otherwise the row fails. Then measures the same work over the gateway and with
python-etcd3, in turn: operations per second, latencies, bytes on the sockets, CPU of the client
and of etcd.

Writes under compare/ only, and deletes it afterwards. Some scenarios compact the store, which
loses the history of all keys. The auth scenarios start a scratch etcd. On an etcd with users
the user must have all permissions, as root has.

groups: {groups}

examples:
  py/etcd_compare.py
  py/etcd_compare.py -only values,ranges
  py/etcd_compare.py -only cost -rounds 9 -seconds 1s
  py/etcd_compare.py -o markdown > comparison.md

exits: 0 all rows have facts, 1 one contradicts its explanation or failed, 2 wrong usage,
3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flag_types import count_value, list_of, one_of, seconds_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import exit_on_sigterm, note, run
from etcdlab.cli.progress import progress_bar
from etcdlab.client.connect import need_etcd
from etcdlab.compare.cost.measure import measure
from etcdlab.compare.cost.workloads import KINDS, SIDES
from etcdlab.compare.output import Comparison, as_json, as_text, to_markdown
from etcdlab.compare.run import PREFIX, in_a_line, run_all
from etcdlab.compare.scenario import GROUPS
from etcdlab.compare.scenarios.all import all_scenarios
from etcdlab.compare.sides import Sides, open_sides
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, LabError
from etcdlab.testbed.etcd_process import find_etcdctl

COST = "cost"
OUTPUTS = {"table": as_text, "markdown": to_markdown, "json": as_json}


def main(arguments: Sequence[str]) -> int:
    """Compare, and print the result; return the exit status."""
    flags = parse(arguments)
    # However this process ends, it must end the scratch etcds of the scenarios.
    exit_on_sigterm()
    settings = settings_of(flags)
    endpoint = settings.endpoints[0]
    version = need_etcd(settings)
    there = replace(settings, endpoints=[endpoint])
    with open_sides(find_etcdctl(endpoint), there, version) as sides:
        try:
            found = compare(flags, sides)
        except LabError:
            raise
        except Exception as error:
            # The three libraries have a dozen exceptions for an etcd that is gone.
            raise LabError(f"{endpoint}: broke off: {in_a_line(error)}") from error
        finally:
            with suppress(Exception):
                sides.native.delete_prefix(PREFIX)
    print(OUTPUTS[flags.o](found))
    failed = [row for row in found.rows if row.facts is None]
    for row in failed:
        note(f"{row.scenario.group}: {row.scenario.asked}: {row.problem}")
    return EXIT_FAILED if failed else EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the flags."""
    names = ", ".join((*GROUPS, COST))
    flags = Flags((__doc__ or "").replace("{groups}", names))
    add_connection(flags, transport=False)
    flags.add(
        "only GROUPS",
        list_of(one_of(*GROUPS, COST)),
        ",".join((*GROUPS, COST)),
        "which groups, separated by commas",
    )
    flags.add("rounds COUNT", count_value, "5", "number of measurements of each kind of work")
    flags.add("seconds DURATION", seconds_value, "0.25s", "duration of a measurement")
    flags.add("o FORMAT", one_of(*OUTPUTS), "table", f"what to print: {', '.join(OUTPUTS)}")
    return flags.parse(arguments)


def compare(flags: argparse.Namespace, sides: Sides) -> Comparison:
    """Run the scenarios and measure the costs that the flags name."""
    scenarios = [each for each in all_scenarios() if each.group in flags.only]
    works = len(KINDS) * len(SIDES) * 2 * flags.rounds if COST in flags.only else 0
    costs = None
    with progress_bar(len(scenarios) + works, "steps") as bar:
        rows = run_all(scenarios, sides, bar.update)
        if works:
            sides.prefix = PREFIX
            costs = measure(sides, flags.rounds, flags.seconds, bar.update)
    cpus = os.cpu_count() or 1
    machine = (
        f"{platform.system()} {platform.machine()}, {cpus} CPUs, Python {platform.python_version()}"
        + ", over TLS" * sides.http.endpoint.startswith("https:")
        + ", as a user" * (sides.settings.login is not None)
    )
    return Comparison(sides.version, machine, rows, costs)


if __name__ == "__main__":
    run(main)
