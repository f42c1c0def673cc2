#!/usr/bin/env python3
"""dask_demo.py - a load and a report on a Dask cluster that loses a worker in each.

usage: dask_demo.py [flags]        (or: make dask-demo)

Starts a scheduler and workers on this machine, runs py/etcd_faker.py and py/etcd_reporter.py
on them, and in the middle of each kills a worker that has tasks. Then verifies all keys, and
compares the report with that of a single process: its JSON must be the same but for the
times. Prints the results in tables.

The keys are under -prefix. They are deleted before and after, and the space is given back
(etcd_tidy.py), which makes etcd forget the history of all keys.

examples:
  py/dask_demo.py
  py/dask_demo.py -n 2000000 -transport native -workers 4

exits: 0 all is right, 1 it is not, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import time
from collections.abc import Sequence
from contextlib import closing
from os import fsdecode
from typing import TYPE_CHECKING, Any

import orjson

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flag_types import count_value, prefix_value, workers_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import exit_on_sigterm, note, run
from etcdlab.cli.tables import table
from etcdlab.client.connect import Settings, environment_of, need_etcd
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, LabError, UsageError
from etcdlab.executor.flags import need_dask
from etcdlab.keys import child
from etcdlab.load.distributed import SHARD_KEYS
from etcdlab.scan.distributed import SHARD_KEYS as SCAN_SHARD_KEYS
from etcdlab.testbed.subprocesses import (
    Figures,
    MeasuredProcess,
    run_measured,
    script,
    tidy,
)

if TYPE_CHECKING:
    from etcdlab.testbed.dask_cluster import DaskCluster

POLL_EVERY = 0.02  # seconds
TIMES = ("taken", "seconds")  # of a report: they differ from run to run


def main(arguments: Sequence[str]) -> int:
    """Load, report, kill, verify; the exit status."""
    flags = parse(arguments)
    settings = settings_of(flags)
    need_etcd(settings)
    need_dask("this")
    exit_on_sigterm()
    prefix = fsdecode(flags.prefix)
    tidy(settings, prefix)
    try:
        return Demo(flags, settings).run()
    finally:
        tidy(settings, prefix)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The flags; UsageError if no worker can be spared."""
    flags = Flags(__doc__ or "")
    add_connection(flags)
    flags.add("n COUNT", count_value, "500000", "how many keys")
    flags.add("prefix PREFIX", prefix_value, "dask-demo", "where the keys go")
    flags.add("workers COUNT", workers_value, "2", "how many workers the cluster has")
    values = flags.parse(arguments)
    if values.workers < 2:
        raise UsageError("-workers: two at least, as one is killed")
    return values


class Demo:
    """The steps, each of which runs one of the lab's scripts."""

    def __init__(self, flags: argparse.Namespace, settings: Settings) -> None:
        self._flags = flags
        self._prefix = fsdecode(flags.prefix)
        self._environment = environment_of(settings)
        self._rows: list[Sequence[object]] = []

    def run(self) -> int:
        """Run all steps and print the tables; the exit status."""
        from etcdlab.testbed.dask_cluster import dask_cluster  # needs Dask, which -h does not

        n, workers = self._flags.n, self._flags.workers
        with dask_cluster(workers) as cluster:
            note(f"a Dask scheduler and {workers} workers are up: {cluster.executor}")
            executor = f"-executor={cluster.executor}"
            loaded = self._run_killing("load", n // SHARD_KEYS, cluster, self._faker(executor))
            verdict = self._run_step("verify", self._faker("-verify"))
            cluster.add_worker()
            spread = self._run_killing(
                "report", n // SCAN_SHARD_KEYS, cluster, self._reporter(executor)
            )
        rev = f"-rev={spread['revision']}"
        single = self._run_step("report of one process", self._reporter(rev))
        is_same = _timeless(spread) == _timeless(single)
        print(table(("step", "seconds", "tasks of the worker killed"), self._rows))
        print()
        names = ("right", "missing", "different", "extra")
        print(table(("keys", *names), [(n, *(verdict[name] for name in names))], text_columns=0))
        print(f"\nthe report is {'' if is_same else 'not '}the one of a single process")
        is_right = verdict["right"] == n and not verdict["extra"]
        return EXIT_DONE if loaded["acknowledged"] == n and is_right and is_same else EXIT_FAILED

    def _faker(self, *flags: str) -> list[str]:
        return self._script(
            "etcd_faker.py", f"-prefix={self._prefix}", f"-n={self._flags.n}", *flags
        )

    def _reporter(self, *flags: str) -> list[str]:
        place = fsdecode(child(self._flags.prefix, b""))
        return self._script("etcd_reporter.py", f"-prefix={place}", *flags)

    def _script(self, name: str, *flags: str) -> list[str]:
        return script(name, f"-transport={self._flags.transport}", "-o=json", *flags)

    def _run_step(self, step: str, command: list[str]) -> dict[str, Any]:
        return self._record(step, *run_measured(command, self._environment))

    def _run_killing(
        self, step: str, count: int, cluster: DaskCluster, command: list[str]
    ) -> dict[str, Any]:
        """Run a command of `count` tasks, kill a worker after half of them; return its JSON."""
        seen: set[str] = set()
        with closing(MeasuredProcess(command, self._environment)) as running:
            while not running.is_over():
                tasks = cluster.tasks()
                seen.update(*tasks.values())
                victim = max(tasks, key=lambda worker: len(tasks[worker]))
                if 2 * len(seen) > count and tasks[victim]:
                    cluster.kill(victim)
                    note(f"{step}: killed {victim}, which had {len(tasks[victim])} tasks")
                    return self._record(step, *running.finish(), len(tasks[victim]))
                time.sleep(POLL_EVERY)
            running.finish()
        raise LabError(f"{step}: over before a worker could be killed: take more keys with -n")

    def _record(
        self, step: str, text: str, figures: Figures, killed: int | None = None
    ) -> dict[str, Any]:
        """Add the step to the table; return the JSON that it printed."""
        self._rows.append((step, f"{figures['seconds']:.1f}", "-" if killed is None else killed))
        report: dict[str, Any] = orjson.loads(text)
        return report


def _timeless(report: dict[str, Any]) -> bytes:
    """A report as JSON, without its times."""
    return orjson.dumps({name: value for name, value in report.items() if name not in TIMES})


if __name__ == "__main__":
    run(main)
