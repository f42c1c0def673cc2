#!/usr/bin/env python3
"""bench_reporter.py - measure the reporter beside another one, on the etcd that runs.

usage: bench_reporter.py [flags]        (or: make bench-report)

Writes -n keys with the faker, then runs py/etcd_reporter.py over each transport, with each
number of keys to a page and of pages at a time. Adds the Go reporter that `make bench-tools`
built, if the etcd has neither TLS nor users, or the one of -go-reporter. The tools take
turns, -runs times; with several numbers in -n, on each of them.

Prints the medians in a table and writes the figures of every run to -out, as JSON.
`seconds` are those of whole processes, with their start; `x go` is the Go reporter's
seconds, for pages of the same size, divided by the tool's. There is no pass or fail:
compare ratios, not figures, across machines.

The keys are under bench/report/. They are deleted before and after, and the space is given
back (etcd_tidy.py), which makes etcd forget the history of all keys.

examples:
  py/bench_reporter.py
  py/bench_reporter.py -n 100000,1000000 -go-reporter ~/bin/reporter
  py/bench_reporter.py -n 1000000 -batch 5000 -c 1,2,4,8 -transports native

exits: 0 done, 1 a run failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import re
from collections.abc import Callable, Sequence

from etcdlab.bench.cases import Benchmark, benchmark_flags
from etcdlab.bench.rounds import BenchmarkCase
from etcdlab.cli.flag_types import count_value, list_of, program_value, workers_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import run
from etcdlab.cli.tables import table
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.scan.pages import READERS
from etcdlab.testbed.subprocesses import Figures, run_measured, script

PREFIX = "bench/report/"


def main(arguments: Sequence[str]) -> int:
    """Run all cases on every number of keys, print the table, write the file."""
    flags = flags_of_reporter().parse(arguments)
    benchmark = Benchmark(flags, PREFIX)
    cases = []
    benchmark.tidy()
    for n in flags.n:
        fill = (f"-prefix={PREFIX}", f"-n={n}", "-transport=native", "-resume")
        run_measured(script("etcd_faker.py", *fill), benchmark.environment)
        cases_of_n = cases_of(benchmark, n)
        benchmark.run(cases_of_n)
        cases += cases_of_n
    benchmark.tidy()
    print(results(cases))
    benchmark.save()
    return EXIT_DONE


def flags_of_reporter() -> Flags:
    """The flags of this benchmark."""
    flags = benchmark_flags(__doc__ or "", "bench-report.json")
    flags.add("n COUNTS", list_of(count_value), "100000", "numbers of keys, ascending")
    flags.add("batch COUNTS", list_of(count_value), "1000,5000", "numbers of keys to a page")
    flags.add("c COUNTS", list_of(workers_value), str(READERS), "numbers of pages at a time")
    flags.add("go-reporter PROGRAM", program_value, "", "a Go reporter (default: see above)")
    return flags


def cases_of(benchmark: Benchmark, n: int) -> list[BenchmarkCase]:
    """The reporter over each transport, and the Go one, with each page size."""
    flags = benchmark.flags
    program = benchmark.go_program(flags.go_reporter, "reporter")
    cases = []
    for batch in flags.batch:
        place = [f"-prefix={PREFIX}", f"-batch={batch}"]
        for transport in flags.transports:
            for c in flags.c:
                command = ["etcd_reporter.py", f"-transport={transport}", f"-c={c}", *place]
                parameters = {"keys": n, "batch": batch, "c": c}
                cases.append(benchmark.case(transport, parameters, command, counted(n)))
        if program:
            parameters = {"keys": n, "batch": batch, "c": 1}
            cases.append(benchmark.go_case(program, parameters, place, counted(n)))
    return cases


def counted(n: int) -> Callable[[str], Figures]:
    """A reader of a run's stdout; LabError if it is not a report on n keys."""

    def read(text: str) -> Figures:
        found = re.search(r'"keys": ([0-9]+)|^([0-9]+) keys ', text, re.MULTILINE)
        if found is None or int(found[1] or found[2]) != n:
            raise LabError(f"not a report on {n} keys: {text.strip()[-100:]!r}")
        return {}

    return read


def results(cases: Sequence[BenchmarkCase]) -> str:
    """A table of the medians, with the speed as a multiple of the Go reporter's."""
    others = {
        (each.parameters["keys"], each.parameters["batch"]): each.median("seconds")
        for each in cases
        if each.name == "go"
    }
    rows = []
    for each in cases:
        keys, batch, c = each.parameters.values()
        seconds = each.median("seconds")
        figures = [f"{keys / seconds:.0f}", f"{seconds:.2f}", f"{each.median('CPU s'):.2f}"]
        figures.append(f"{each.median('memory MB'):.0f}")
        ratio = [f"{others[keys, batch] / seconds:.2f}"] if others else []
        rows.append((each.name, keys, batch, c, *figures, *ratio))
    headers = ("tool", "keys", "batch", "c", "keys/s", "seconds", "CPU s", "memory MB")
    return table((*headers, *(["x go"] if others else [])), rows)


if __name__ == "__main__":
    run(main)
