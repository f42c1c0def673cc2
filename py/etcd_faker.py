#!/usr/bin/env python3
"""etcd_faker.py - write many realistic keys into etcd, fast.

usage: etcd_faker.py [flags]

Keys are PREFIX/00000000, PREFIX/00000001, … Values take turns between the kinds
that are switched on: JSON documents with a numeric price, sentences, random
bytes. The value of a key depends on -seed, its index, the kinds and -blob-bytes,
and on nothing else: a second run writes the same store again.

Writes go over the JSON gateway or, with -transport native, over gRPC: -batch puts
to a transaction, from -c threads. What fails for the moment is tried again for
-timeout. Ends with a table; Ctrl-C ends the load after what is in flight, and says
how much was acknowledged.

-verify writes nothing: it reads the prefix back, makes every value again and says
how many keys are right, missing, different or extra.

examples:
  py/etcd_faker.py
  py/etcd_faker.py -endpoints=localhost:2379 -n=100000 -c=64 -prefix=datasets/loadtest
  py/etcd_faker.py -endpoints localhost:2379,localhost:22379 -n 1000000 -binary=false
  py/etcd_faker.py -n 1000 -json -text=false -binary=false -seed 7
  py/etcd_faker.py -start 100000 -n 100000 -transport native
  py/etcd_faker.py -n 200000 -verify

exits: 0 all written, or right; 1 some were not, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from etcdlab.bulk import MAX_TXN_OPS, BulkWriter, Item, Outcome, puts_per_request
from etcdlab.cli import Interruption, note, run
from etcdlab.client import REQUEST_TIMEOUT
from etcdlab.connect import Settings, connect, need_etcd
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, UsageError
from etcdlab.flags import (
    Flags,
    count_value,
    index_value,
    int_value,
    prefix_value,
    seconds_value,
)
from etcdlab.keys import show
from etcdlab.payloads import KINDS, Payloads
from etcdlab.progress import progress_bar
from etcdlab.tables import table
from etcdlab.verify import compare, key_of

MAX_WORKERS = 1024


def main(arguments: Sequence[str]) -> int:
    """Write, or verify, the keys that the flags ask for; the exit status."""
    flags = parse(arguments)
    kinds = [kind for kind in KINDS if getattr(flags, kind)]
    if not kinds:
        raise UsageError("no payload kind left: leave one of -json, -text, -binary on")
    fitting = puts_per_request(flags.blob_bytes, len(key_of(flags.prefix, flags.start + flags.n)))
    need_etcd(flags.endpoints, flags.transport)
    payloads = Payloads(flags.seed, kinds, flags.blob_bytes)
    if flags.verify:
        return verify(flags, payloads)
    return write(flags, payloads, min(flags.batch, fitting))


def write(flags: argparse.Namespace, payloads: Payloads, batch: int) -> int:
    """Write the keys; the exit status."""
    settings = Settings(
        flags.endpoints, flags.transport, timeout=min(flags.timeout, REQUEST_TIMEOUT)
    )

    def item(offset: int) -> Item:
        index = flags.start + offset
        return key_of(flags.prefix, index), payloads.value(index)

    with Interruption() as interruption, progress_bar(flags.n, "keys") as bar:
        writer = BulkWriter(
            connect=lambda worker: connect(settings, first=worker),
            item=item,
            workers=flags.c,
            batch=batch,
            timeout=flags.timeout,
            stop=interruption.stop,
        )
        outcome = writer.write(flags.n, lambda done: bar.update(done - bar.n))
    print(result_table(outcome))
    return status(flags.n, outcome, interruption.happened)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The flags of the Go tool, and a few more."""
    flags = Flags(__doc__ or "")
    flags.add_endpoints()
    flags.add("n", count_value, "100000", "how many keys")
    flags.add("start", index_value, "0", "the first key's index")
    flags.add("c", workers_value, "8", "how many threads write")
    flags.add("prefix", prefix_value, "datasets/loadtest", "where the keys go")
    flags.add_switch("json", True, "write JSON documents")
    flags.add_switch("text", True, "write sentences")
    flags.add_switch("binary", True, "write random bytes")
    flags.add("blob-bytes", count_value, "128", "size of a binary value")
    flags.add("seed", int_value, "1", "which values: the same seed, the same values")
    flags.add("batch", count_value, str(MAX_TXN_OPS), "puts per transaction, at most")
    flags.add("timeout", seconds_value, "30s", "how long a batch is tried for")
    flags.add_transport()
    flags.add_switch("verify", False, "write nothing: read the keys back and check them")
    return flags.parse(arguments)


def workers_value(text: str) -> int:
    """A count that this machine can have threads for."""
    workers = count_value(text)
    if workers > MAX_WORKERS:
        raise ValueError(f"at most {MAX_WORKERS}")
    return workers


def verify(flags: argparse.Namespace, payloads: Payloads) -> int:
    """Compare what is there with what should be; the exit status."""
    client = connect(Settings(flags.endpoints, flags.transport))
    expected = range(flags.start, flags.start + flags.n)
    try:
        with progress_bar(flags.n, "keys") as bar:
            verdict = compare(client, flags.prefix, expected, payloads.value, bar.update)
    finally:
        client.close()
    headers = ("keys", "right", "missing", "different", "extra")
    counts = (verdict.right, verdict.missing, verdict.different, verdict.extra)
    print(table(headers, [(flags.n, *counts)], text_columns=0))
    for what, keys in verdict.first.items():
        note(f"{what}: {', '.join(map(show, keys))}")
    return EXIT_DONE if verdict.is_right else EXIT_FAILED


def result_table(outcome: Outcome) -> str:
    """The numbers a person wants, under their names."""
    tally = outcome.tally
    rate = tally.acknowledged / outcome.seconds if outcome.seconds else 0.0
    return table(
        ("keys", "bytes", "errors", "retries", "seconds", "keys/s"),
        [
            (
                tally.acknowledged,
                tally.bytes,
                tally.failed,
                tally.retries,
                f"{outcome.seconds:.2f}",
                f"{rate:.0f}",
            )
        ],
        text_columns=0,
    )


def status(n: int, outcome: Outcome, interrupted: bool) -> int:
    """Say what was not written, and why; the exit status that goes with it."""
    tally = outcome.tally
    for error in outcome.errors[:3]:
        note(f"not written: {error}")
    if interrupted:
        note(f"interrupted: {tally.acknowledged} of {n} keys were acknowledged")
        return EXIT_INTERRUPTED
    if tally.acknowledged < n:
        untried = n - tally.acknowledged - tally.failed
        note(f"{tally.failed} keys failed, {untried} were not tried")
        return EXIT_FAILED
    return EXIT_DONE


if __name__ == "__main__":
    run(main)
