#!/usr/bin/env python3
"""bench_executors.py - measure what more processes, or a Dask cluster, bring and cost.

usage: bench_executors.py [flags]        (or: make bench-executors)

Runs py/etcd_faker.py and py/etcd_reporter.py with -executor threads, processes and
dask://..., the last two with each number of workers, for which Dask clusters are started
on this machine. All take turns, -runs times.

Prints two tables. The first has the medians of keys/s, without the start of the process,
and of the processors that etcd and the lab's processes kept busy: if etcd's are all that
are left, etcd is the limit, and more workers bring nothing. The second has the cost of an
executor: how much longer than with threads a load of one key takes, and how long a task
that does nothing takes.

Writes the figures of every run to -out, as JSON. The keys are under bench/executors/. They
are deleted before and after, and the space is given back (etcd_tidy.py), which makes etcd
forget the history of all keys.

examples:
  py/bench_executors.py
  py/bench_executors.py -n 1000000 -workers 1,2,4,8 -transports native

exits: 0 done, 1 a run failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import orjson

from etcdlab.bench.cases import Benchmark, benchmark_flags
from etcdlab.bench.rounds import BenchmarkCase
from etcdlab.cli.flag_types import count_value, list_of, workers_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import exit_on_sigterm, run
from etcdlab.cli.tables import table
from etcdlab.client.member_stats import cpu_seconds
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.executor.executors import PROCESSES, THREADS
from etcdlab.executor.flags import executor_of, need_dask
from etcdlab.executor.task_pool import TaskPool
from etcdlab.testbed.subprocesses import Figures

PREFIX = "bench/executors/"
SCAN_COMMAND = ["etcd_reporter.py", f"-prefix={PREFIX}"]
TASKS = 500  # that do nothing
RUNS_OF_TASKS = 4


@dataclass(frozen=True)
class Choice:
    """An executor: the value of -executor, and the CPU seconds of processes that stay."""

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
    """Run all cases in turn, print the tables, write the file; the exit status."""
    flags = flags_of_executors().parse(arguments)
    benchmark = Benchmark(flags, PREFIX)
    need_dask("this")
    exit_on_sigterm()
    from etcdlab.testbed.dask_cluster import dask_cluster  # needs Dask, which -h does not

    with ExitStack() as stack:
        choices = [Choice(THREADS, 1, THREADS)]
        choices += [Choice(PROCESSES, workers, PROCESSES) for workers in flags.workers]
        for workers in flags.workers:
            cluster = stack.enter_context(dask_cluster(workers))
            choices.append(Choice("dask", workers, cluster.executor, cluster.cpu_seconds))
        benchmark.tidy()
        starts = [start_case(benchmark, choice) for choice in choices]
        benchmark.run(starts)
        loads = cases_of(benchmark, choices, load_command(flags.n), read_load)
        benchmark.run(loads, benchmark.tidy)
        scans = cases_of(benchmark, choices, SCAN_COMMAND, scan_reader(flags.n))
        benchmark.run(scans)
        benchmark.tidy()
        print(results(loads, scans))
        print()
        print(table(("executor", "workers", "start-up s", "task ms"), costs(choices, starts), 1))
    benchmark.save(n=flags.n)
    return EXIT_DONE


def flags_of_executors() -> Flags:
    """The flags of this benchmark."""
    flags = benchmark_flags(__doc__ or "", "bench-executors.json")
    flags.add("n COUNT", count_value, "200000", "how many keys are written, and read")
    flags.add("workers COUNTS", list_of(workers_value), "1,2,4", "numbers of workers")
    return flags


def cases_of(
    benchmark: Benchmark,
    choices: Sequence[Choice],
    command: Sequence[str],
    read: Callable[[str], Figures],
) -> list[BenchmarkCase]:
    """Every executor over every transport, with that command."""
    return [
        benchmark.case(
            choice.name,
            {"transport": transport, "workers": choice.workers},
            [*command, f"-transport={transport}", *choice.flags],
            read,
            {
                "etcd CPU s": lambda: cpu_seconds(benchmark.settings),
                "cluster CPU s": choice.cpu_seconds,
            },
        )
        for transport in benchmark.flags.transports
        for choice in choices
    ]


def start_case(benchmark: Benchmark, choice: Choice) -> BenchmarkCase:
    """A load of one key, which takes little more than its start."""
    command = [*load_command(1), *choice.flags]
    return benchmark.case(choice.name, {"workers": choice.workers}, command, read_load)


def load_command(n: int) -> list[str]:
    """The faker, for n keys."""
    return ["etcd_faker.py", f"-prefix={PREFIX}", f"-n={n}"]


def read_load(text: str) -> Figures:
    """The figure in the faker's JSON."""
    return {"keys/s": orjson.loads(text)["keys_per_second"]}


def scan_reader(n: int) -> Callable[[str], Figures]:
    """A reader of the reporter's JSON; LabError if it is not about n keys."""

    def read(text: str) -> Figures:
        report = orjson.loads(text)
        if report["keys"] != n:
            raise LabError(f"a report on {report['keys']} keys, not {n}")
        return {"keys/s": n / report["seconds"]}

    return read


def results(loads: Sequence[BenchmarkCase], scans: Sequence[BenchmarkCase]) -> str:
    """A table with the medians of both."""
    rows = [
        (load.name, *load.parameters.values(), *cells(load), *cells(scan))
        for load, scan in zip(loads, scans, strict=True)
    ]
    figures = ("keys/s", "etcd CPUs", "lab CPUs")
    headers = [f"{work} {name}" for work in ("load", "report") for name in figures]
    return table(("executor", "transport", "workers", *headers), rows, text_columns=2)


def cells(case: BenchmarkCase) -> list[str]:
    """Keys a second, and the processors that etcd and the lab kept busy."""
    lab = case.median("CPU s") + case.median("cluster CPU s")
    busy = [f"{cpu / case.median('seconds'):.2f}" for cpu in (case.median("etcd CPU s"), lab)]
    return [f"{case.median('keys/s'):.0f}", *busy]


def costs(choices: Sequence[Choice], starts: Sequence[BenchmarkCase]) -> list[Sequence[object]]:
    """The rows of the second table: the start beyond that of threads, and a task's time."""
    threads, *others = (start.median("seconds") for start in starts)
    return [
        (choice.name, choice.workers, f"{seconds - threads:.2f}", f"{of_a_task(choice):.2f}")
        for choice, seconds in zip(choices[1:], others, strict=True)
    ]


def of_a_task(choice: Choice) -> float:
    """Milliseconds per task that does nothing."""
    with executor_of(choice.executor, choice.workers) as executor:
        times = []
        for _ in range(RUNS_OF_TASKS):  # the first run starts the workers and does not count
            tasks = iter(range(TASKS))
            begin = time.monotonic()
            for _done in TaskPool(executor, abs).run(lambda tasks=tasks: next(tasks, None)):
                pass
            times.append(time.monotonic() - begin)
    return 1000 * median(times[1:]) / TASKS


if __name__ == "__main__":
    run(main)
