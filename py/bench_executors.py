#!/usr/bin/env python3
"""bench_executors.py - what more processes bring, or a Dask cluster, and what they cost.

usage: bench_executors.py [flags]

Runs py/etcd_faker.py and py/etcd_reporter.py with -executor threads, processes and
dask://…, the last two with each number of workers: Dask clusters are started on this machine
for that. All take turns, -runs times. Prints the medians in a table: keys/s of the work
itself, and how many processors etcd and the lab's processes kept busy meanwhile. When etcd's
are all there are left, it is the limit, and more workers bring nothing. A second table has
what an executor costs: how much longer a load of one key takes than with threads, and how
long a task that does nothing.

Writes every run to -out, as JSON. The keys are under bench/engines/. They are deleted before
and after, and the space is given back (etcd_tidy.py), which makes etcd forget the history of
all keys.

examples:
  py/bench_executors.py
  py/bench_executors.py -n 1000000 -workers 1,2,4,8 -transports native

exits: 0 done, 1 a run failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import orjson

from etcdlab.bench.rounds import (
    BenchmarkCase,
    Figures,
    run_rounds,
    save,
    script,
    tidy,
)
from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.files import check_writable
from etcdlab.cli.flag_types import count_value, file_value, list_of, one_of, workers_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import exit_on_sigterm, run
from etcdlab.cli.tables import table
from etcdlab.client.connect import TRANSPORTS, Settings, environment_of, need_etcd
from etcdlab.client.member_stats import cpu_seconds
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.executor.executors import PROCESSES, THREADS
from etcdlab.executor.flags import executor_of, need_dask
from etcdlab.executor.task_pool import TaskPool

PREFIX = "bench/engines/"
TASKS = 500  # that do nothing
RUNS_OF_TASKS = 4


@dataclass(frozen=True)
class Choice:
    """What runs; `executor` is for -executor, `cpu_seconds` those of processes that stay."""

    name: str
    workers: int
    executor: str
    cpu_seconds: Callable[[], float] = float

    @property
    def flags(self) -> list[str]:
        """For the faker and the reporter."""
        workers = [f"-workers={self.workers}"] if self.executor == PROCESSES else []
        return [f"-executor={self.executor}", *workers]


def main(arguments: Sequence[str]) -> int:
    """Let everyone run, print the tables, write the file; the exit status."""
    flags = parse(arguments)
    settings = settings_of(flags)
    version = need_etcd(settings)
    need_dask("this")
    exit_on_sigterm()
    from etcdlab.testbed.dask_cluster import dask_cluster  # needs Dask, which -h does not

    with ExitStack() as stack:
        choices = [Choice(THREADS, 1, THREADS)]
        choices += [Choice(PROCESSES, workers, PROCESSES) for workers in flags.workers]
        for workers in flags.workers:
            cluster = stack.enter_context(dask_cluster(workers))
            choices.append(Choice("dask", workers, cluster.executor, cluster.cpu_seconds))
        tidy(settings, PREFIX)
        starts = [of_one_key(choice, settings) for choice in choices]
        run_rounds(starts, flags.runs, lambda: None)
        loads = field_of(flags, settings, choices, load)
        run_rounds(loads, flags.runs, lambda: tidy(settings, PREFIX))
        scans = field_of(flags, settings, choices, scan)
        run_rounds(scans, flags.runs, lambda: None)
        tidy(settings, PREFIX)
        print(results(loads, scans))
        print()
        print(table(("engine", "workers", "start-up s", "task ms"), costs(choices, starts), 1))
    save(flags.out, {"etcd": version, "n": flags.n}, [*starts, *loads, *scans])
    return EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What to measure."""
    flags = Flags(__doc__ or "")
    add_connection(flags, transport=False)
    flags.add("n COUNT", count_value, "200000", "how many keys are written, and read")
    flags.add(
        "workers COUNTS", list_of(workers_value), "1,2,4", "numbers of workers, separated by commas"
    )
    flags.add(
        "transports NAMES", list_of(one_of(*TRANSPORTS)), ",".join(TRANSPORTS), "which of them"
    )
    flags.add("runs COUNT", count_value, "3", "how often each one runs")
    flags.add(
        "out FILE", file_value, "bench-executors.json", "the file for the figures of every run"
    )
    values = flags.parse(arguments)
    check_writable(values.out)
    return values


def field_of(
    flags: argparse.Namespace,
    settings: Settings,
    choices: Sequence[Choice],
    work: Callable[[int], tuple[list[str], Callable[[str], Figures]]],
) -> list[BenchmarkCase]:
    """Every executor over every transport, at that work on -n keys."""
    contenders = []
    for transport in flags.transports:
        for choice in choices:
            command, read = work(flags.n)
            contenders.append(
                BenchmarkCase(
                    choice.name,
                    {"transport": transport, "workers": choice.workers},
                    [*command, f"-transport={transport}", *choice.flags],
                    read,
                    environment_of(settings),
                    {
                        "etcd CPU s": lambda: cpu_seconds(settings),
                        "cluster CPU s": choice.cpu_seconds,
                    },
                )
            )
    return contenders


def load(n: int) -> tuple[list[str], Callable[[str], Figures]]:
    """The faker, and a reader of what it prints."""

    def read(text: str) -> Figures:
        told = orjson.loads(text)
        return {"keys/s": told["keys_per_second"]}

    return script("etcd_faker.py", f"-prefix={PREFIX}", f"-n={n}", "-o=json"), read


def scan(n: int) -> tuple[list[str], Callable[[str], Figures]]:
    """The reporter, and a reader of what it prints."""

    def read(text: str) -> Figures:
        told = orjson.loads(text)
        if told["keys"] != n:
            raise LabError(f"a report on {told['keys']} keys, not {n}")
        return {"keys/s": n / told["seconds"]}

    return script("etcd_reporter.py", f"-prefix={PREFIX}", "-o=json"), read


def of_one_key(choice: Choice, settings: Settings) -> BenchmarkCase:
    """A load that is over as soon as it has begun."""
    command, read = load(1)
    place = {"workers": choice.workers}
    return BenchmarkCase(
        choice.name, place, [*command, *choice.flags], read, environment_of(settings)
    )


def results(loads: Sequence[BenchmarkCase], scans: Sequence[BenchmarkCase]) -> str:
    """The medians of both."""
    rows = [
        (each.name, *each.settings.values(), *cells(each), *cells(other))
        for each, other in zip(loads, scans, strict=True)
    ]
    figures = ("keys/s", "etcd CPUs", "lab CPUs")
    headers = [f"{work} {name}" for work in ("load", "report") for name in figures]
    return table(("engine", "transport", "workers", *headers), rows, text_columns=2)


def cells(contender: BenchmarkCase) -> list[str]:
    """Keys a second, and how many processors etcd and the lab kept busy."""
    seconds = contender.middle("seconds")
    lab = contender.middle("CPU s") + contender.middle("cluster CPU s")
    busy = [f"{cpu / seconds:.2f}" for cpu in (contender.middle("etcd CPU s"), lab)]
    return [f"{contender.middle('keys/s'):.0f}", *busy]


def costs(choices: Sequence[Choice], starts: Sequence[BenchmarkCase]) -> list[Sequence[object]]:
    """How much longer than with threads it takes to begin, and what a task takes."""
    least = starts[0].middle("seconds")
    return [
        (
            each.name,
            each.workers,
            f"{start.middle('seconds') - least:.2f}",
            f"{of_a_task(each):.2f}",
        )
        for each, start in zip(choices[1:], starts[1:], strict=True)
    ]


def of_a_task(choice: Choice) -> float:
    """Milliseconds of each of many tasks that do nothing."""
    with executor_of(choice.executor, choice.workers) as executor:
        times = []
        for _ in range(RUNS_OF_TASKS):  # the first one has workers started, and does not count
            tasks = iter(range(TASKS))
            begin = time.monotonic()
            for _done in TaskPool(executor, abs).run(lambda tasks=tasks: next(tasks, None)):
                pass
            times.append(time.monotonic() - begin)
    return 1000 * median(times[1:]) / TASKS


if __name__ == "__main__":
    run(main)
