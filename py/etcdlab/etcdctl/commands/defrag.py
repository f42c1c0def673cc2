"""etcdctl defrag."""

from __future__ import annotations

import sys
import time

from etcdlab.errors import LabError
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.commands.endpoint import FLAGS as CLUSTER
from etcdlab.etcdctl.commands.endpoint import endpoints_of
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import FAILED, not_here, said
from etcdlab.etcdctl.pflag import Flag
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import duration

FLAGS = (
    *CLUSTER,
    Flag(
        "data-dir",
        "string",
        "",
        "Optional. If present, defragments a data directory not in use by etcd.",
        until=Release.V3_5,
    ),
)


def run(context: Context, arguments: list[str]) -> int:
    """Defragment each endpoint in turn."""
    if context.values.get("data-dir"):
        raise not_here("--data-dir")
    failed = 0
    for endpoint in endpoints_of(context):
        begin = time.monotonic()
        try:
            context.client_of([endpoint]).defragment()
        except LabError as error:
            failed = FAILED
            took = duration(time.monotonic() - begin)
            text = f"Failed to defragment etcd member[{endpoint}]. took {took}. ({said(error)})"
            print(text, file=sys.stderr)
            continue
        took = f". took {duration(time.monotonic() - begin)}"
        more = took if context.release >= Release.V3_6 else ""
        context.write(f"Finished defragmenting etcd member[{endpoint}]{more}\n".encode())
    return failed


COMMAND = Command(
    "defrag",
    "",
    "Defragments the storage of the etcd members with given endpoints",
    run,
    FLAGS,
)
