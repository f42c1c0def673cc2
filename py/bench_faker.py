#!/usr/bin/env python3
"""bench_faker.py - measure the faker beside other writers, on the etcd that runs.

usage: bench_faker.py [flags]        (or: make bench)

Runs py/etcd_faker.py over each transport, with one put to a request and with as many as
etcd takes, from each number of threads. Adds the Go writer that `make bench-tools` built,
if the etcd has neither TLS nor users, or the one of -go-faker; and wrk with -txn-lua.

The tools take turns, -runs times. Before each run the keys are deleted and their space is
given back (etcd_tidy.py), so that all find the same store; etcd forgets the history of
all keys thereby. With one put to a request the faker runs for -seconds, else it writes -n
keys. All keys are under bench/faker.

Prints the medians in a table and writes the figures of every run to -out, as JSON. The
column `x go 128` is the rate divided by that of the Go writer with 128 puts to a request.
There is no pass or fail: compare ratios, not figures, across machines.

examples:
  py/bench_faker.py
  py/bench_faker.py -n 1000000 -c 8 -runs 5 -transports native
  py/bench_faker.py -go-faker ~/bin/writer -txn-lua bench/puts.lua

exits: 0 done, 1 a run failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import re
from collections.abc import Sequence
from pathlib import Path
from shutil import which

import orjson

from etcdlab.bench.cases import Benchmark, benchmark_flags
from etcdlab.bench.rounds import BenchmarkCase
from etcdlab.cli.flag_types import (
    count_value,
    list_of,
    program_value,
    seconds_value,
    workers_value,
)
from etcdlab.cli.flags import Flags
from etcdlab.cli.format import milliseconds
from etcdlab.cli.main import run
from etcdlab.cli.tables import table
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.limits import MAX_TXN_OPS
from etcdlab.testbed.subprocesses import Figures

PREFIX = "bench/faker"
GO_THREADS = 64  # goroutines of the Go writer, its default


def main(arguments: Sequence[str]) -> int:
    """Run all cases in turn, print the table, write the file; the exit status."""
    flags = flags_of_faker().parse(arguments)
    benchmark = Benchmark(flags, PREFIX)
    cases = [*faker_cases(benchmark), *other_cases(benchmark)]
    benchmark.run(cases, benchmark.tidy)
    benchmark.tidy()
    print(results(cases))
    benchmark.save(n=flags.n)
    return EXIT_DONE


def flags_of_faker() -> Flags:
    """The flags of this benchmark."""
    flags = benchmark_flags(__doc__ or "", "bench.json")
    flags.add("n COUNT", count_value, "200000", "how many keys a run writes")
    flags.add(
        "seconds DURATION", seconds_value, "3s", "how long a run with one put a request lasts"
    )
    flags.add("c COUNTS", list_of(workers_value), "1,8,16,64", "numbers of threads")
    flags.add("go-faker PROGRAM", program_value, "", "a Go writer (default: see above)")
    flags.add("txn-lua FILE", script_value, "", "a wrk script that posts ready-made transactions")
    return flags


def script_value(text: str) -> str:
    """The path of a wrk script; ValueError if wrk is not on PATH."""
    if not Path(text).is_file():
        raise ValueError(f"no such file: {text!r}")
    if not which("wrk"):
        raise ValueError("needs wrk on PATH (Debian's package wrk)")
    return text


def faker_cases(benchmark: Benchmark) -> list[BenchmarkCase]:
    """The faker over each transport, with one put and many to a request, from -c threads."""
    flags = benchmark.flags
    cases = []
    for transport in flags.transports:
        for batch in (1, MAX_TXN_OPS):
            amount = f"-duration={flags.seconds}" if batch == 1 else f"-n={flags.n}"
            for c in flags.c:
                command = [
                    "etcd_faker.py", f"-transport={transport}", f"-batch={batch}", f"-c={c}",
                    f"-prefix={PREFIX}", amount,
                ]  # fmt: skip
                parameters = {"batch": batch, "c": c}
                cases.append(benchmark.case(transport, parameters, command, read_faker))
    return cases


def other_cases(benchmark: Benchmark) -> list[BenchmarkCase]:
    """The Go writer and wrk, if there are any."""
    flags = benchmark.flags
    cases = []
    if program := benchmark.go_program(flags.go_faker, "faker"):
        for batch in (1, MAX_TXN_OPS):
            parameters = {"batch": batch, "c": GO_THREADS}
            options = [f"-n={flags.n}", f"-prefix={PREFIX}", f"-c={GO_THREADS}", f"-batch={batch}"]
            cases.append(benchmark.go_case(program, parameters, options, read_rate))
    if flags.txn_lua:
        seconds = max(1, round(flags.seconds))
        url = benchmark.settings.endpoints[0]
        for c in (c for c in flags.c if c > 1):
            command = ["wrk", "-t1", f"-c{c}", f"-d{seconds}", "-s", flags.txn_lua, url]
            parameters = {"batch": MAX_TXN_OPS, "c": c}
            variables = {"OPS": str(MAX_TXN_OPS), "PREFIX": PREFIX}
            cases.append(BenchmarkCase("wrk", parameters, command, read_rate, variables))
    return cases


def read_faker(text: str) -> Figures:
    """The rate and the latencies in the faker's JSON."""
    report = orjson.loads(text)
    latencies = {name: ms for name, ms in report["latency_ms"].items() if ms is not None}
    return {"keys/s": report["keys_per_second"], **latencies}


def read_rate(text: str) -> Figures:
    """The rate that the Go writer or wrk prints; LabError without one, or with HTTP errors."""
    rate = re.search(r"([0-9]+) keys/s", text)
    errors = re.search(r"([0-9]+) HTTP errors", text)
    if rate is None or (errors and int(errors[1])):
        raise LabError(f"not a clean run: {text.strip()[-100:]!r}")
    return {"keys/s": float(rate[1])}


def results(cases: Sequence[BenchmarkCase]) -> str:
    """A table of the medians, with keys/s as multiples of the other tools' best."""
    best: dict[str, float] = {}
    for other in cases:
        if other.read is read_rate:
            name = f"x {other.name} {other.parameters['batch']}"
            best[name] = max(best.get(name, 0.0), other.median("keys/s"))
    rows = []
    for case in cases:
        rate = case.median("keys/s")
        ratios = [f"{rate / reference:.2f}" for reference in best.values()]
        times = [milliseconds(case.median(name) / 1000) for name in ("p50", "p99", "max")]
        rows.append((case.name, *case.parameters.values(), f"{rate:.0f}", *times, *ratios))
    return table(("tool", "batch", "c", "keys/s", "p50 ms", "p99 ms", "max ms", *best), rows)


if __name__ == "__main__":
    run(main)
