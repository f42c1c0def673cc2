#!/usr/bin/env python3
"""bench_reporter.py - measure the reporter, in turn with another, on the etcd that runs.

usage: bench_reporter.py [flags]

Has the faker write so many keys, then runs py/etcd_reporter.py over every transport, with
each number of keys to a page and of pages at a time; -go-reporter adds another tool to the
field. All take turns, -runs times. Prints the medians in a table (`seconds` are those of
whole processes, start-up and all) and writes every run to -out, as JSON. `x go` is how many
times as fast as that other tool, with pages as large, something was. Nothing is judged here.

With several numbers in -n, everyone runs on each of them. The keys are under bench/report/.
They are deleted before and after, and the space is given back (etcd_tidy.py), which makes
etcd forget the history of all keys.

examples:
  py/bench_reporter.py
  py/bench_reporter.py -n 100000,1000000 -go-reporter ~/anchors/go-reporter
  py/bench_reporter.py -n 1000000 -batch 5000 -c 1,2,4,8 -transports native

exits: 0 done, 1 a run failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import re
from collections.abc import Callable, Sequence

from etcdlab.bench.rounds import (
    BenchmarkCase,
    Figures,
    hosts,
    measured,
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
    workers_value,
)
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import run
from etcdlab.cli.tables import table
from etcdlab.client.connect import TRANSPORTS, Settings, environment_of, need_etcd
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.scan.pages import READERS

PREFIX = "bench/report/"


def main(arguments: Sequence[str]) -> int:
    """Let everyone run on every number of keys, print the table, write the file."""
    flags = parse(arguments)
    settings = settings_of(flags)
    version = need_etcd(settings)
    contenders = []
    tidy(settings, PREFIX)
    for n in flags.n:
        fill = ("-transport=native", "-resume")
        measured(
            script("etcd_faker.py", f"-prefix={PREFIX}", f"-n={n}", *fill), environment_of(settings)
        )
        those = field_of(flags, settings, n)
        run_rounds(those, flags.runs, lambda: None)
        contenders += those
    tidy(settings, PREFIX)
    print(results(contenders))
    save(flags.out, {"etcd": version}, contenders)
    return EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What to measure, and against whom."""
    flags = Flags(__doc__ or "")
    add_connection(flags, transport=False)
    flags.add(
        "n COUNTS",
        list_of(count_value),
        "100000",
        "numbers of keys, separated by commas, ascending",
    )
    flags.add("batch COUNTS", list_of(count_value), "1000,5000", "numbers of keys to a page")
    flags.add("c COUNTS", list_of(workers_value), str(READERS), "numbers of pages at a time")
    flags.add(
        "transports NAMES", list_of(one_of(*TRANSPORTS)), ",".join(TRANSPORTS), "which of them"
    )
    flags.add("runs COUNT", count_value, "3", "how often each one runs")
    flags.add(
        "go-reporter PROGRAM", program_value, "", "a Go reporter with the flags of the reporter"
    )
    flags.add("out FILE", file_value, "bench-report.json", "the file for the figures of every run")
    values = flags.parse(arguments)
    check_writable(values.out)
    return values


def field_of(flags: argparse.Namespace, etcd: Settings, n: int) -> list[BenchmarkCase]:
    """Everyone who runs on that number of keys."""
    contenders, variables = [], environment_of(etcd)
    for batch in flags.batch:
        for transport in flags.transports:
            for c in flags.c:
                command = script(
                    "etcd_reporter.py", f"-transport={transport}",
                    f"-batch={batch}", f"-c={c}", f"-prefix={PREFIX}", "-o=json",
                )  # fmt: skip
                settings = {"keys": n, "batch": batch, "c": c}
                contenders.append(
                    BenchmarkCase(transport, settings, command, counted(n), variables)
                )
        if flags.go_reporter:
            command = [
                flags.go_reporter, f"-endpoints={hosts(etcd.endpoints)}", f"-batch={batch}",
                f"-prefix={PREFIX}",
            ]  # fmt: skip
            settings = {"keys": n, "batch": batch, "c": 1}
            contenders.append(BenchmarkCase("go", settings, command, counted(n)))
    return contenders


def counted(n: int) -> Callable[[str], Figures]:
    """A reader of what a run prints; LabError when that is not a report on n keys."""

    def read(text: str) -> Figures:
        found = re.search(r'"keys": ([0-9]+)|^([0-9]+) keys ', text, re.MULTILINE)
        if found is None or int(found[1] or found[2]) != n:
            raise LabError(f"not a report on {n} keys: {text.strip()[-100:]!r}")
        return {}

    return read


def results(contenders: Sequence[BenchmarkCase]) -> str:
    """The medians, and how many times as fast as the other tool each was."""
    others = {
        (each.settings["keys"], each.settings["batch"]): each.middle("seconds")
        for each in contenders
        if each.name == "go"
    }
    rows = []
    for each in contenders:
        keys, batch, c = each.settings.values()
        seconds = each.middle("seconds")
        figures = [f"{keys / seconds:.0f}", f"{seconds:.2f}", f"{each.middle('CPU s'):.2f}"]
        figures.append(f"{each.middle('memory MB'):.0f}")
        ratio = [f"{others[keys, batch] / seconds:.2f}"] if others else []
        rows.append((each.name, keys, batch, c, *figures, *ratio))
    headers = ("tool", "keys", "batch", "c", "keys/s", "seconds", "CPU s", "memory MB")
    return table((*headers, *(["x go"] if others else [])), rows)


if __name__ == "__main__":
    run(main)
