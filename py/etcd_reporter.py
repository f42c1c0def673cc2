#!/usr/bin/env python3
"""etcd_reporter.py - what is under a prefix: value types, bytes, prices.

usage: etcd_reporter.py [flags]

Reads the prefix page by page, all pages at the revision of the first one, and asks
for the next page while this one is summed. Prints two tables: keys and bytes by value
type, and the average, minimum and maximum of `price` over the JSON objects that have a
numeric one.

A value's type is the first of these that fits:
{types}

examples:
  py/etcd_reporter.py
  py/etcd_reporter.py -endpoints=localhost:2379 -prefix=datasets/loadtest
  py/etcd_reporter.py -batch=5000 -serializable
  py/etcd_reporter.py -prefix=''        the whole store
  py/etcd_reporter.py -rev=1000         as it was then

exits: 0 reported, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing

from etcdlab.cli import note, run
from etcdlab.client import Client
from etcdlab.connect import Settings, connect, need_etcd
from etcdlab.errors import EXIT_DONE
from etcdlab.flags import Flags, bytes_value, count_value
from etcdlab.keys import show
from etcdlab.progress import progress_bar, start_over
from etcdlab.scanner import ahead, reading_again, scan
from etcdlab.summary import TYPES, Prices, Summary
from etcdlab.tables import table


def main(arguments: Sequence[str]) -> int:
    """Report on the prefix that the flags name; the exit status."""
    flags = parse(arguments)
    settings = Settings(flags.endpoints, flags.transport, user=flags.user)
    need_etcd(settings)
    with closing(connect(settings)) as client:
        summary, revision = summarize(client, flags)
    if not summary.keys:
        note(f"no keys under '{show(flags.prefix)}'")
    print(f"{show(flags.prefix) or 'all keys'} at revision {revision}, {client.endpoint}\n")
    print(types_table(summary))
    print()
    print(prices_table(summary.prices))
    return EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The flags of the Go tool."""
    types = "\n".join(f"  {name:<7} {text}" for name, text in TYPES.items())
    flags = Flags((__doc__ or "").replace("{types}", types))
    flags.add_endpoints()
    flags.add("prefix", bytes_value, "datasets/loadtest", "what to read; empty: everything")
    flags.add("batch", count_value, "1000", "keys per page, at most")
    flags.add_switch("serializable", False, "read what the member at hand has, without a quorum")
    flags.add("rev", count_value, "", "read this revision, not the latest one")
    flags.add_transport()
    flags.add_user()
    return flags.parse(arguments)


def summarize(client: Client, flags: argparse.Namespace) -> tuple[Summary, int]:
    """The summary of the prefix, and the revision it was read at."""
    with progress_bar(0, "keys") as bar:

        def read() -> tuple[Summary, int]:
            summary, revision = Summary(), 0
            pages = scan(
                client,
                flags.prefix,
                batch=flags.batch,
                revision=flags.rev or 0,
                serializable=flags.serializable,
            )
            for page in ahead(pages):
                bar.total = bar.total or page.count
                revision = revision or flags.rev or page.revision
                summary.add(page.kvs)
                bar.update(len(page.kvs))
            return summary, revision

        if flags.rev:
            return read()
        return reading_again(read, on_restart=lambda: start_over(bar))


def types_table(summary: Summary) -> str:
    """Keys, their share and the bytes of their values, by type and in all."""
    rows = [
        (name, group.keys, share(group.keys, summary.keys), group.bytes)
        for name, group in summary.groups.items()
    ]
    rows.append(("total", summary.keys, share(summary.keys, summary.keys), summary.value_bytes))
    return table(("type", "keys", "share", "bytes"), rows)


def prices_table(prices: Prices) -> str:
    """Count, average, minimum and maximum; a dash where there is no price."""
    numbers = (prices.mean, prices.minimum, prices.maximum)
    cells = [number(x) if prices.count else "-" for x in numbers]
    return table(("field", "values", "average", "min", "max"), [("price", prices.count, *cells)])


def share(part: int, whole: int) -> str:
    """A percentage with one decimal."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def number(x: float) -> str:
    """Two decimals, as prices have; powers of ten where those would say nothing."""
    return f"{x:.2f}" if x == 0 or 0.01 <= abs(x) < 1e15 else f"{x:.6g}"


if __name__ == "__main__":
    run(main)
