"""Collect a report: choose the range of keys, scan it, build the document."""

from __future__ import annotations

import argparse
import time
from functools import partial

from etcdlab.cli.main import note
from etcdlab.cli.progress import ScanProgress
from etcdlab.client.connect import Settings
from etcdlab.dataset.keys import SORTED_INDEXES, key_of
from etcdlab.errors import UsageError
from etcdlab.executor.flags import executor_of
from etcdlab.keys import prefix_range, show
from etcdlab.report.document import Origin, Report, build_report
from etcdlab.report.summary import Summary
from etcdlab.scan.aggregate import Scan
from etcdlab.scan.distributed import run_scan

Bounds = tuple[bytes, bytes | None]
"""The first key and the key to end before; empty and None for the prefix's own."""


def bounds_of(flags: argparse.Namespace) -> Bounds:
    """The range that -start and -n, or -from and -to, leave of the prefix.

    UsageError if both pairs are given, for a key outside of the prefix and for an empty range.
    """
    by_index, by_key = ({"start", "n"} & flags.given, {"from", "to"} & flags.given)
    if by_index and by_key:
        raise UsageError(f"-{min(by_index)} and -{min(by_key)}: one or the other")
    if not by_index:
        return _between(flags.prefix, vars(flags)["from"] or b"", flags.to)
    if flags.start + (flags.n or 0) > SORTED_INDEXES:
        raise UsageError(
            "-start, -n: keys of nine digits and more are not in the order of their numbers:"
            " use -from and -to"
        )
    end = key_of(flags.prefix, flags.start + flags.n) if flags.n else None
    return key_of(flags.prefix, flags.start), end


def _between(prefix: bytes, begin: bytes, end: bytes | None) -> Bounds:
    for name, key in (("from", begin), ("to", end)):
        if key and not key.startswith(prefix):
            raise UsageError(f"-{name}: '{show(key)}' is not under '{show(prefix)}'")
    if end is not None and begin >= end:
        raise UsageError("-from and -to: no key is between them")
    return begin, end


def collect(
    flags: argparse.Namespace, settings: Settings, etcd_version: str, revision: int = 0
) -> Report:
    """Scan what the flags name and build the report; revision 0 is the latest one.

    Raises what a scan raises. Notes on stderr if there are no keys.
    """
    moment = time.monotonic()
    begin, end = bounds_of(flags)
    first, last = prefix_range(flags.prefix)
    scan = Scan(
        settings=settings,
        key=begin or first,
        end=last if end is None else end,
        batch=flags.batch,
        readers=flags.c,
        new_aggregate=partial(Summary, flags.prefix, flags.field, flags.depth, flags.top),
        serializable=flags.serializable,
        revision=revision,
    )
    with (
        executor_of(flags.executor, flags.workers) as executor,
        ScanProgress(is_shown=not flags.watch) as progress,
    ):
        result = run_scan(scan, executor, progress)
    if not result.aggregate.keys:
        note(f"no keys under '{show(flags.prefix)}'")
    origin = Origin(
        result.endpoint,
        etcd_version,
        settings.transport,
        result.revision,
        time.monotonic() - moment,
        begin,
        end,
    )
    return build_report(result.aggregate, origin)
