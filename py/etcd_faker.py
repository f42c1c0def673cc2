#!/usr/bin/env python3
"""etcd_faker.py - write many realistic keys into etcd, fast, and prove it.

usage: etcd_faker.py [flags]

Keys are PREFIX/00000000, PREFIX/00000001, … Values take turns between the kinds
that are switched on: JSON documents with a numeric price, sentences, random
bytes. The value of a key depends on -seed, its index, the kinds and -blob-bytes,
and on nothing else: a second run writes the same store again.

Writes go over the JSON gateway or, with -transport native, over gRPC: -batch puts
to a transaction, from -c threads, which share the endpoints and leave one that
fails. A request that fails for a passing reason is retried for -timeout. Prints tables
at the end: keys, latencies, the members before and after. Ctrl-C ends the load after the
requests in flight, and says how many keys were acknowledged; a second one ends it at once.

With -executor processes or dask://HOST:PORT (a Dask cluster) worker processes write, in
shards of some thousand keys, with -c threads each. If a worker dies, another one writes
its shards again: the values are the same.

Instead of writing, -verify reads the prefix back, makes every value again and says
how many keys are right, missing, different or extra; -resume does that and writes
what is missing or different; -delete deletes the keys.

examples:
  py/etcd_faker.py
  py/etcd_faker.py -endpoints=localhost:2379 -n=100000 -c=64 -prefix=datasets/loadtest
  py/etcd_faker.py -endpoints localhost:2379,localhost:22379 -n 1000000 -binary=false
  py/etcd_faker.py -n 1000 -json -text=false -binary=false -seed 7
  py/etcd_faker.py -start 100000 -n 100000 -transport native
  py/etcd_faker.py -rate 5000 -duration 30s -ttl 60s -hist
  py/etcd_faker.py -n 10000000 -executor processes -transport native
  py/etcd_faker.py -n 200000 -verify
  py/etcd_faker.py -n 200000 -resume -o json

exits: 0 all written, or right; 1 some were not, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flag_types import (
    count_value,
    index_value,
    int_value,
    one_of,
    prefix_value,
    rate_value,
    seconds_value,
    workers_value,
)
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import note, run
from etcdlab.cli.progress import ScanProgress
from etcdlab.cli.tables import print_result, table
from etcdlab.client.api import REQUEST_TIMEOUT
from etcdlab.client.connect import Settings, need_etcd
from etcdlab.dataset.keys import key_of
from etcdlab.dataset.payloads import KINDS, Payloads
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, UsageError
from etcdlab.executor.flags import add_executor, check_executor, executor_of
from etcdlab.keys import show
from etcdlab.limits import MAX_TXN_OPS, puts_per_request
from etcdlab.load.job import DataSetJob
from etcdlab.load.run import Load
from etcdlab.scan.distributed import run_scan
from etcdlab.scan.verify import Verification, verification_scan

# With a rate, send small requests often rather than large ones now and then.
REQUESTS_PER_SECOND = 100


def main(arguments: Sequence[str]) -> int:
    """Do what the flags ask for; return the exit status."""
    flags = parse(arguments)
    kinds = [kind for kind in KINDS if getattr(flags, kind)]
    if not kinds:
        raise UsageError("no payload kind left: leave one of -json, -text, -binary on")
    fitting = puts_per_request(flags.blob_bytes, len(key_of(flags.prefix, flags.start + flags.n)))
    if flags.rate and "batch" not in flags.given:
        flags.batch = max(1, int(flags.rate / REQUESTS_PER_SECOND))
    settings = settings_of(flags, timeout=min(flags.timeout, REQUEST_TIMEOUT))
    check_executor(flags, settings)
    need_etcd(settings)
    payloads = Payloads(flags.seed, kinds, flags.blob_bytes)
    job = DataSetJob(
        settings=settings,
        prefix=flags.prefix,
        payloads=None if flags.delete else payloads,
        batch=min(flags.batch, fitting),
        threads=flags.c,
        timeout=flags.timeout,
        rate=flags.rate or 0.0,
    )
    load = Load(flags, job)
    if flags.delete:
        return load.delete()
    if not (flags.verify or flags.resume):
        return load.write_all()
    verification = verify(flags, settings, payloads)
    if flags.verify:
        report(flags, verification)
        return EXIT_DONE if verification.is_right else EXIT_FAILED
    note(f"{verification.right} of {flags.n} keys are there and right")
    return load.write(verification.wrong(), verification.missing + verification.different)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the flags; UsageError for those that contradict each other."""
    flags = Flags(__doc__ or "")
    add_connection(flags)
    flags.add("n COUNT", count_value, "100000", "how many keys")
    flags.add("start INDEX", index_value, "0", "the first key's index")
    flags.add("c COUNT", workers_value, "16", "how many threads write, in each process")
    add_executor(flags)
    flags.add("prefix PREFIX", prefix_value, "datasets/loadtest", "where the keys go")
    flags.add_switch("json", True, "write JSON documents")
    flags.add_switch("text", True, "write sentences")
    flags.add_switch("binary", True, "write random bytes")
    flags.add("blob-bytes BYTES", count_value, "128", "size of a binary value")
    flags.add("seed NUMBER", int_value, "1", "which values: the same seed, the same values")
    flags.add(
        "batch COUNT",
        count_value,
        str(MAX_TXN_OPS),
        "puts per transaction, at most; fewer with -rate",
    )
    flags.add("rate RATE", rate_value, "", "keys per second, evenly; else as fast as can be")
    flags.add("duration DURATION", seconds_value, "", "write for so long, instead of -n keys")
    flags.add(
        "ttl DURATION",
        seconds_value,
        "",
        "bind the keys to leases that last so long after the load",
    )
    flags.add("timeout DURATION", seconds_value, "30s", "how long a batch is tried for")
    flags.add_switch("verify", False, "write nothing: read the keys back and check them")
    flags.add_switch("resume", False, "write only what is missing or different")
    flags.add_switch("delete", False, "delete the keys")
    flags.add_switch("force", False, "write even what does not seem to fit into etcd's quota")
    flags.add_switch("hist", False, "show a histogram of the latencies")
    flags.add("o FORMAT", one_of("table", "json"), "table", "what to print: table or json")
    values = flags.parse(arguments)
    instead = [f"-{name}" for name in ("verify", "resume", "delete") if getattr(values, name)]
    if len(instead) > 1:
        raise UsageError(f"{' and '.join(instead)}: one at a time")
    if values.duration and (instead or "n" in values.given):
        raise UsageError(f"-duration and {(instead or ['-n'])[0]}: one or the other")
    return values


def verify(flags: argparse.Namespace, settings: Settings, payloads: Payloads) -> Verification:
    """Compare what etcd holds with what it should hold."""
    expected = range(flags.start, flags.start + flags.n)
    check = verification_scan(settings, flags.prefix, expected, payloads.value)
    with executor_of(flags.executor, flags.workers) as executor, ScanProgress() as progress:
        return Verification(run_scan(check, executor, progress).aggregate)


def report(flags: argparse.Namespace, verification: Verification) -> None:
    """Print a verification, and name the first few keys that are wrong."""
    names = ("right", "missing", "different", "extra")
    counts = {name: getattr(verification, name) for name in names}
    first = {what: list(map(show, keys)) for what, keys in verification.first.items()}
    if flags.o == "json":
        print_result({"keys": flags.n, **counts, "first": first})
    else:
        print(table(("keys", *counts), [(flags.n, *counts.values())], text_columns=0))
        for what, keys in first.items():
            note(f"{what}: {', '.join(keys)}")


if __name__ == "__main__":
    run(main)
