#!/usr/bin/env python3
"""load_fake_data.py - load the small data sets over the JSON gateway.

usage: load_fake_data.py [flags]

The twin of scripts/load_fake_data.sh: the same keys with the same values, byte
for byte, under datasets/strings/, datasets/json/ and datasets/blobs/.

examples:
  py/load_fake_data.py
  py/load_fake_data.py -string-count=200 -json-count=80 -blob-count=20 -blob-bytes=64
  STRING_COUNT=200 BLOB_BYTES=64 py/load_fake_data.py

exits: 0 loaded, 1 something was not, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flag_types import count_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import Interruption, note, run
from etcdlab.client.api import REQUEST_TIMEOUT
from etcdlab.client.connect import need_etcd
from etcdlab.dataset.samples import Datasets
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED
from etcdlab.limits import puts_per_request
from etcdlab.load.job import Item, Job
from etcdlab.load.report import describe
from etcdlab.load.writer import BulkWriter

THREADS = 4


@dataclass(frozen=True, kw_only=True)
class SamplesJob(Job):
    """Puts the items of the small data sets."""

    data: Datasets

    def items(self, indexes: Sequence[int]) -> Sequence[Item]:
        """Make the items of the indexes, in their order."""
        return [self.data.item(index) for index in indexes]


def main(arguments: Sequence[str]) -> int:
    """Load the data sets that the flags describe; return the exit status."""
    flags = parse(arguments)
    data = Datasets(flags.string_count, flags.json_count, flags.blob_count, flags.blob_bytes)
    last_key, _ = data.item(len(data) - 1)
    fitting = puts_per_request(flags.blob_bytes, len(last_key))
    settings = settings_of(flags)
    need_etcd(settings)
    job = SamplesJob(
        settings=settings, batch=fitting, threads=THREADS, timeout=REQUEST_TIMEOUT, data=data
    )
    with Interruption() as interruption:
        writer = BulkWriter(job, None, interruption.stop)
        outcome = writer.write(range(len(data)), lambda tally: None)
    for failure in outcome.failures:
        note(describe(failure))
    if outcome.tally.acknowledged < len(data):
        note(f"{outcome.tally.acknowledged} of {len(data)} keys were acknowledged")
        return EXIT_INTERRUPTED if interruption.happened else EXIT_FAILED
    print(
        f"loaded {data.strings} strings, {data.documents} JSON documents"
        f" and {data.blobs} blobs of {data.blob_bytes} bytes under datasets/"
    )
    return EXIT_DONE


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the flags; each is a variable of the shell script as well."""
    flags = Flags(__doc__ or "")
    add_connection(flags, transport=False)
    for spelling, default, text in (
        ("string-count COUNT", "50", "how many strings"),
        ("json-count COUNT", "20", "how many JSON documents"),
        ("blob-count COUNT", "10", "how many blobs"),
        ("blob-bytes BYTES", "32", "size of a blob"),
    ):
        variable = spelling.partition(" ")[0].replace("-", "_").upper()
        flags.add(spelling, count_value, default, text, [variable])
    return flags.parse(arguments)


if __name__ == "__main__":
    run(main)
