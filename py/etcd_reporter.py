#!/usr/bin/env python3
"""etcd_reporter.py - report what is under a prefix: types, sizes, prices, anomalies.

usage: etcd_reporter.py [flags]

Reads the prefix at one revision, several pages at a time. Memory does not grow with the
number of keys.

A value's type is the first of these that fits:
{types}

-executor processes or dask://HOST:PORT (a Dask cluster) has several processes read the
prefix in shards, each -c pages at a time, and merges what they find. -from and -to limit the
report to a range of keys, -start and -n to indexes of the faker's keys; -merge makes one
report of saved ones on such ranges.

-field is the path of a number in JSON values: names and indexes of arrays, with dots between
them. Sums are exact; the relative error of a quantile is at most {error:.0%}. Anomalies are
broken JSON, values of {near_limit} bytes or more (near etcd's limit of 1.5 MiB a request),
keys that are not UTF-8, and a field that is not a number, negative or not finite.

examples:
  py/etcd_reporter.py
  py/etcd_reporter.py -endpoints=localhost:2379 -prefix=datasets/loadtest
  py/etcd_reporter.py -batch=5000 -serializable -transport=native
  py/etcd_reporter.py -prefix='' -depth=2      the whole store
  py/etcd_reporter.py -field=user.age -plot
  py/etcd_reporter.py -o html > report.html    a page with charts
  py/etcd_reporter.py -save=before.json        and later:
  py/etcd_reporter.py -diff=before.json        what changed since
  py/etcd_reporter.py -diff-rev=1000           what changed since that revision
  py/etcd_reporter.py -watch=2s                again and again, until Ctrl-C
  py/etcd_reporter.py -executor=processes      read by several processes
  py/etcd_reporter.py -to=datasets/loadtest/5 -save=a.json     on one machine,
  py/etcd_reporter.py -from=datasets/loadtest/5 -save=b.json   on another, then
  py/etcd_reporter.py -merge a.json b.json     the report on both ranges

exits: 0 reported, 1 failed or -fail-on, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import time
from collections.abc import Callable, Sequence

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.files import check_writable, write_whole
from etcdlab.cli.flag_types import (
    bytes_value,
    count_value,
    field_value,
    file_value,
    index_value,
    one_of,
    seconds_value,
    workers_value,
)
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import note, run
from etcdlab.cli.screen import refresh
from etcdlab.client.connect import need_etcd
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, UsageError
from etcdlab.executor.flags import add_executor, check_executor
from etcdlab.report.collect import bounds_of, collect
from etcdlab.report.document import Report, anomalies, is_field_nowhere, to_json
from etcdlab.report.merge import merge_reports
from etcdlab.report.render import FORMATS, render_changes, render_report
from etcdlab.report.saved import read_report
from etcdlab.report.summary import NEAR_LIMIT
from etcdlab.report.value_types import TYPES
from etcdlab.scan.pages import READERS
from etcdlab.sketch import RELATIVE_ERROR

# Flags that apply to saved reports.
WITH_MERGE = {"merge", "top", "o", "plot", "save", "diff", "fail-on"}


def main(arguments: Sequence[str]) -> int:
    """Report on the prefix that the flags name; return the exit status."""
    flags = parse(arguments)
    before = read_report(flags.diff) if flags.diff else None
    if flags.save:
        check_writable(flags.save)
    if flags.merge:
        return print_report(merge_reports(flags.merge), flags, before)
    settings = settings_of(flags)
    check_executor(flags, settings)
    bounds_of(flags)
    etcd_version = need_etcd(settings)
    if flags.watch:
        return watch(flags, lambda: collect(flags, settings, etcd_version))
    if flags.diff_rev:
        before = collect(flags, settings, etcd_version, flags.diff_rev)
    report = collect(flags, settings, etcd_version, flags.rev or 0)
    if "field" in flags.given and report["keys"] and is_field_nowhere(report):
        raise UsageError(f"-field: no value has '{report['field']['path']}'")
    return print_report(report, flags, before)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the flags of the Go tool and our own; UsageError if they contradict each other."""
    types = "\n".join(f"  {name:<7} {text}" for name, text in TYPES.items())
    contract = (__doc__ or "").format(types=types, error=RELATIVE_ERROR, near_limit=NEAR_LIMIT)
    flags = Flags(contract)
    add_connection(flags)
    flags.add("prefix PREFIX", bytes_value, "datasets/loadtest", "prefix to read (empty: all keys)")
    flags.add("batch COUNT", count_value, "1000", "keys per page, at most")
    flags.add("c COUNT", workers_value, str(READERS), "pages read at a time")
    flags.add_switch("serializable", False, "read from one member, without a quorum")
    add_executor(flags)
    flags.add("from KEY", bytes_value, "", "first key to read (default: the first of the prefix)")
    flags.add("to KEY", bytes_value, "", "key to end before (default: the end of the prefix)")
    flags.add("start INDEX", index_value, "0", "index of the first of the faker's keys to read")
    flags.add("n COUNT", count_value, "", "number of the faker's keys to read (default: all)")
    flags.add("rev REVISION", count_value, "", "revision to read (default: the latest)")
    flags.add("field FIELD", field_value, "price", "path of the number in JSON values")
    flags.add("depth COUNT", index_value, "1", "levels of sub-prefixes, separated by slashes")
    flags.add("top COUNT", index_value, "5", "number of sub-prefixes and largest values to show")
    flags.add("o FORMAT", one_of(*FORMATS), "table", f"output format: {', '.join(FORMATS)}")
    flags.add_switch("plot", False, "draw histograms of the sizes and the field below the tables")
    flags.add("save FILE", file_value, "", "save the report as JSON")
    flags.add("diff FILE", file_value, "", "print what changed since a saved report")
    flags.add("diff-rev REVISION", count_value, "", "print what changed since a revision")
    flags.add("merge FILE...", file_value, "", "merge saved reports; no etcd is asked")
    flags.add("fail-on NAME", one_of("anomalies"), "", "exit with 1 if there are any (anomalies)")
    flags.add("watch DURATION", seconds_value, "", "report again, this long after each report")
    values = flags.parse(arguments)
    check(values)
    return values


def check(values: argparse.Namespace) -> None:
    """UsageError for flags that contradict each other."""
    contradictions = [("diff", "diff-rev")]
    contradictions += [("watch", other) for other in ("diff", "diff-rev", "rev")]
    for one, other in contradictions:
        if {one, other} <= values.given:
            raise UsageError(f"-{one} and -{other}: one or the other")
    if values.merge and (others := values.given - WITH_MERGE):
        raise UsageError(f"-merge and -{min(others)}: one or the other")
    if values.plot and values.o != "table":
        raise UsageError(f"-plot draws below tables, not in {values.o}")
    if values.watch and values.o == "html":
        raise UsageError("-watch: shows tables or json, not a page")
    if values.diff or values.diff_rev:
        if values.o == "html":
            raise UsageError("-o: a comparison has no html")
        if values.plot:
            raise UsageError("-plot: a comparison has no histograms")


def print_report(report: Report, flags: argparse.Namespace, before: Report | None) -> int:
    """Save and print the report, or what changed since `before`; return the exit status."""
    save(report, flags)  # before printing, which fails if the reader of a pipe has left
    print(render_changes(before, report, flags) if before else render_report(report, flags))
    return exit_status(report, flags)


def save(report: Report, flags: argparse.Namespace) -> None:
    """Save the report in the file of -save, if there is one."""
    if flags.save:
        write_whole(flags.save, to_json(report))


def exit_status(report: Report, flags: argparse.Namespace) -> int:
    """The exit status: EXIT_FAILED for anomalies under -fail-on, which are noted on stderr."""
    found = anomalies(report)
    if flags.fail_on and found:
        kinds = ", ".join(f"{each['what']} ({each['keys']})" for each in found)
        note(f"anomalies: {kinds}")
        return EXIT_FAILED
    return EXIT_DONE


def watch(flags: argparse.Namespace, collect_again: Callable[[], Report]) -> int:
    """Report again and again, until -fail-on finds anomalies; return the exit status."""
    status, before = EXIT_DONE, None
    while status == EXIT_DONE:
        report = collect_again()
        save(report, flags)
        refresh(render_report(report, flags, before))
        status = exit_status(report, flags)
        before = report
        time.sleep(flags.watch)
    return status


if __name__ == "__main__":
    run(main)
