#!/usr/bin/env python3
"""bench_faker.py - measure the faker, in turn with other tools, on the etcd that runs.

usage: bench_faker.py [flags]

Runs py/etcd_faker.py over every transport, with one put to a request and with as many
as etcd takes, from each number of threads; -go-faker and -txn-lua add other tools to
the field. All take turns, -runs times, and find the same store: what was written is
deleted and the space given back (etcd_tidy.py) before each run. Prints the medians in a
table and writes every run to -out, as JSON.

With one put to a request a run lasts -seconds, else it writes -n keys. A column `x go
128` is how many times as fast as that other tool (at the number of threads that suits
it best) something was. Nothing is judged here: a figure is one of this machine, and
ratios travel better.

The keys are under bench/faker and, wrk's, datasets/ceiling. Giving space back makes
etcd forget the history of all keys.

examples:
  py/bench_faker.py
  py/bench_faker.py -n 1000000 -c 8 -runs 5 -transports native
  py/bench_faker.py -go-faker ~/anchors/go-faker -txn-lua ~/anchors/txn.lua

exits: 0 done, 1 a run failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from shutil import which

import orjson

from etcdlab.bench.rounds import (
    BenchmarkCase,
    Figures,
    hosts,
    run_rounds,
    save,
    script,
    tidy,
)
from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.files import check_writable
from etcdlab.cli.flag_types import (
    count_value,
    file_value,
    list_of,
    one_of,
    program_value,
    seconds_value,
    workers_value,
)
from etcdlab.cli.flags import Flags
from etcdlab.cli.format import milliseconds
from etcdlab.cli.main import run
from etcdlab.cli.tables import table
from etcdlab.client.connect import TRANSPORTS, Settings, environment_of, need_etcd
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.limits import MAX_TXN_OPS

PREFIX = "bench/faker"
LUA_PREFIX = "datasets/ceiling"  # where the wrk script writes
GO_THREADS = 64  # the Go tool's own default


def main(arguments: Sequence[str]) -> int:
    """Let everyone run, print the table, write the file; the exit status."""
    flags = parse(arguments)
    settings = settings_of(flags)
    version = need_etcd(settings)
    contenders = field_of(flags, settings)
    run_rounds(contenders, flags.runs, lambda: tidy_all(flags, settings))
    tidy_all(flags, settings)
    print(results(contenders))
    save(flags.out, {"etcd": version, "n": flags.n}, contenders)
    return EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What to measure, and against whom."""
    flags = Flags(__doc__ or "")
    add_connection(flags, transport=False)
    flags.add("n COUNT", count_value, "200000", "how many keys a run writes")
    flags.add(
        "seconds DURATION", seconds_value, "3s", "how long a run with one put to a request lasts"
    )
    flags.add(
        "c COUNTS", list_of(workers_value), "1,8,16,64", "numbers of threads, separated by commas"
    )
    flags.add(
        "transports NAMES", list_of(one_of(*TRANSPORTS)), ",".join(TRANSPORTS), "which of them"
    )
    flags.add("runs COUNT", count_value, "3", "how often each one runs")
    flags.add("go-faker PROGRAM", program_value, "", "a Go writer with the flags of the faker")
    flags.add(
        "txn-lua FILE", script_value, "", "a script for wrk that posts ready-made transactions"
    )
    flags.add("out FILE", file_value, "bench.json", "the file for the figures of every run")
    values = flags.parse(arguments)
    check_writable(values.out)
    return values


def script_value(text: str) -> str:
    """The path of a script for wrk, which has to be there as well."""
    if not Path(text).is_file():
        raise ValueError(f"no such file: {text!r}")
    if not which("wrk"):
        raise ValueError("needs wrk on PATH (Debian's package wrk)")
    return text


def field_of(flags: argparse.Namespace, etcd: Settings) -> list[BenchmarkCase]:
    """Everyone who runs."""
    contenders, variables = [], environment_of(etcd)
    for transport in flags.transports:
        for batch in (1, MAX_TXN_OPS):
            amount = f"-duration={flags.seconds}" if batch == 1 else f"-n={flags.n}"
            for c in flags.c:
                command = script(
                    "etcd_faker.py", f"-transport={transport}",
                    f"-batch={batch}", f"-c={c}", amount, f"-prefix={PREFIX}", "-o=json",
                )  # fmt: skip
                contenders.append(
                    BenchmarkCase(transport, settings(batch, c), command, read_faker, variables)
                )
    if flags.go_faker:
        for batch in (1, MAX_TXN_OPS):
            command = [
                flags.go_faker, f"-endpoints={hosts(etcd.endpoints)}", f"-n={flags.n}",
                f"-c={GO_THREADS}", f"-batch={batch}", f"-prefix={PREFIX}",
            ]  # fmt: skip
            contenders.append(BenchmarkCase("go", settings(batch, GO_THREADS), command, read_rate))
    if flags.txn_lua:
        for c in (c for c in flags.c if c > 1):
            command = [
                "wrk", "-t1", f"-c{c}", f"-d{max(1, round(flags.seconds))}", "-s", flags.txn_lua,
                etcd.endpoints[0],
            ]  # fmt: skip
            contenders.append(
                BenchmarkCase(
                    "wrk", settings(MAX_TXN_OPS, c), command, read_rate, {"OPS": str(MAX_TXN_OPS)}
                )
            )
    return contenders


def settings(batch: int, c: int) -> dict[str, int]:
    """Puts to a request, and threads."""
    return {"batch": batch, "c": c}


def tidy_all(flags: argparse.Namespace, settings: Settings) -> None:
    """Delete what runs wrote, and give the space back."""
    for prefix in [PREFIX, *([LUA_PREFIX] if flags.txn_lua else [])]:
        tidy(settings, prefix)


def read_faker(text: str) -> Figures:
    """The figures in the faker's JSON."""
    report = orjson.loads(text)
    latencies = {name: ms for name, ms in report["latency_ms"].items() if ms is not None}
    return {"keys/s": report["keys_per_second"], **latencies}


def read_rate(text: str) -> Figures:
    """The one figure that the other tools print."""
    rate = re.search(r"([0-9]+) keys/s", text)
    errors = re.search(r"([0-9]+) HTTP errors", text)
    if rate is None or (errors and int(errors[1])):
        raise LabError(f"not a clean run: {text.strip()[-100:]!r}")
    return {"keys/s": float(rate[1])}


def results(contenders: Sequence[BenchmarkCase]) -> str:
    """The medians, and the keys/s as multiples of the other tools' best."""
    best: dict[str, float] = {}
    for other in contenders:
        if other.read is read_rate:
            name = f"x {other.name} {other.settings['batch']}"
            best[name] = max(best.get(name, 0.0), other.middle("keys/s"))
    rows = []
    for contender in contenders:
        rate = contender.middle("keys/s")
        ratios = [f"{rate / reference:.2f}" for reference in best.values()]
        times = [milliseconds(contender.middle(name) / 1000) for name in ("p50", "p99", "max")]
        rows.append((contender.name, *contender.settings.values(), f"{rate:.0f}", *times, *ratios))
    return table(("tool", "batch", "c", "keys/s", "p50 ms", "p99 ms", "max ms", *best), rows)


if __name__ == "__main__":
    run(main)
