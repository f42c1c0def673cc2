#!/usr/bin/env python3
"""etcd_reporter.py - what is under a prefix: types, sizes, prices, sub-prefixes, oddities.

usage: etcd_reporter.py [flags]

Reads the prefix at one revision, several pages at a time, and says what it holds. Memory
does not grow with the number of keys.

A value's type is the first of these that fits:
{types}

With -executor processes or dask://HOST:PORT (a Dask cluster) others read, in stretches, and
what they found is merged; -c is for each of them. -start and -n leave as many keys of the
faker's, -from and -to those in between. -merge puts saved reports on such parts together.

-field is the path of a number in JSON values: names and, for arrays, indexes, with dots
between them. Sums are exact; quantiles are off by {error:.0%} of themselves at most.
Anomalies are JSON that breaks off, values of {near_limit} bytes or more (near etcd's limit of
1.5 MiB a request), keys that are not UTF-8, and what is not a number, negative or not
finite where the field should be.

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
  py/etcd_reporter.py -to=datasets/loadtest/5 -save=a.json     the parts of a prefix,
  py/etcd_reporter.py -from=datasets/loadtest/5 -save=b.json   on two machines, say, and
  py/etcd_reporter.py -merge a.json b.json     the report on the whole

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
from etcdlab.report.collect import bounds_of, take
from etcdlab.report.document import Report, anomalies, is_field_nowhere, to_json
from etcdlab.report.merge import merge_reports
from etcdlab.report.render import FORMATS, change_text, report_text
from etcdlab.report.saved import read_report
from etcdlab.report.summary import NEAR_LIMIT
from etcdlab.report.value_types import TYPES
from etcdlab.scan.pages import READERS
from etcdlab.sketch import RELATIVE_ERROR

# What can be said of reports that are there already.
WITH_MERGE = {"merge", "top", "o", "plot", "save", "diff", "fail-on"}


def main(arguments: Sequence[str]) -> int:
    """Report on the prefix that the flags name; the exit status."""
    flags = parse(arguments)
    before = read_report(flags.diff) if flags.diff else None
    if flags.save:
        check_writable(flags.save)
    if flags.merge:
        return tell(merge_reports(flags.merge), flags, before)
    settings = settings_of(flags)
    check_executor(flags, settings)
    bounds_of(flags)
    etcd = need_etcd(settings)
    if flags.watch:
        return watch(flags, lambda: take(flags, settings, etcd))
    if flags.diff_rev:
        before = take(flags, settings, etcd, flags.diff_rev)
    report = take(flags, settings, etcd, flags.rev or 0)
    if "field" in flags.given and report["keys"] and is_field_nowhere(report):
        raise UsageError(f"-field: no value has '{report['field']['path']}'")
    return tell(report, flags, before)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The flags of the Go tool, and more; UsageError for those that contradict each other."""
    types = "\n".join(f"  {name:<7} {text}" for name, text in TYPES.items())
    contract = (__doc__ or "").format(types=types, error=RELATIVE_ERROR, near_limit=NEAR_LIMIT)
    flags = Flags(contract)
    add_connection(flags)
    flags.add("prefix PREFIX", bytes_value, "datasets/loadtest", "what to read; empty: everything")
    flags.add("batch COUNT", count_value, "1000", "keys per page, at most")
    flags.add("c COUNT", workers_value, str(READERS), "how many pages are read at a time")
    flags.add_switch("serializable", False, "read what the member at hand has, without a quorum")
    add_executor(flags)
    flags.add("from KEY", bytes_value, "", "the first key, else that of the prefix")
    flags.add("to KEY", bytes_value, "", "the key to end before, else the end of the prefix")
    flags.add("start INDEX", index_value, "0", "the index of the faker's first key to read")
    flags.add("n COUNT", count_value, "", "how many of the faker's keys, else all from there on")
    flags.add("rev REVISION", count_value, "", "read this revision, not the latest one")
    flags.add("field FIELD", field_value, "price", "the number in JSON values to look at")
    flags.add("depth COUNT", index_value, "1", "parts of the keys that make a sub-prefix")
    flags.add("top COUNT", index_value, "5", "how many sub-prefixes and largest values to show")
    flags.add("o FORMAT", one_of(*FORMATS), "table", f"what to print: {', '.join(FORMATS)}")
    flags.add_switch("plot", False, "draw histograms of the sizes and the field below the tables")
    flags.add("save FILE", file_value, "", "keep the report, as JSON, in that file")
    flags.add("diff FILE", file_value, "", "print what changed since the report in that file")
    flags.add("diff-rev REVISION", count_value, "", "print what changed since that revision")
    flags.add(
        "merge FILE...", file_value, "", "no etcd is asked: put the reports in these files together"
    )
    flags.add("fail-on NAME", one_of("anomalies"), "", "exit with 1 if there are any (anomalies)")
    flags.add("watch DURATION", seconds_value, "", "report again, so long after each report")
    values = flags.parse(arguments)
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
    return values


def tell(report: Report, flags: argparse.Namespace, before: Report | None) -> int:
    """Keep the report, print it or what changed since the one before; the exit status."""
    save(report, flags)  # first of all: who reads the output may leave early
    print(change_text(before, report, flags) if before else report_text(report, flags))
    return verdict(report, flags)


def save(report: Report, flags: argparse.Namespace) -> None:
    """Keep the report in the file that the flags name, if they do."""
    if flags.save:
        write_whole(flags.save, to_json(report))


def verdict(report: Report, flags: argparse.Namespace) -> int:
    """Judge the report, as the flags want; the exit status."""
    found = anomalies(report)
    if flags.fail_on and found:
        kinds = ", ".join(f"{each['what']} ({each['keys']})" for each in found)
        note(f"anomalies: {kinds}")
        return EXIT_FAILED
    return EXIT_DONE


def watch(flags: argparse.Namespace, take_report: Callable[[], Report]) -> int:
    """Report again and again; the exit status of the first report that -fail-on ends it with."""
    status, before = EXIT_DONE, None
    while status == EXIT_DONE:
        report = take_report()
        save(report, flags)
        refresh(report_text(report, flags, before))
        status = verdict(report, flags)
        before = report
        time.sleep(flags.watch)
    return status


if __name__ == "__main__":
    run(main)
