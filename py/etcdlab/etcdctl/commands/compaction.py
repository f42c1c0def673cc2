"""etcdctl compaction."""

from __future__ import annotations

from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, FAILED, CommandError
from etcdlab.etcdctl.pflag import switch
from etcdlab.gotext import parse_int

FLAGS = (
    switch("physical", "'true' to wait for compaction to physically remove all old revisions"),
)


def run(context: Context, arguments: list[str]) -> None:
    """Compact the history before a revision."""
    if len(arguments) != 1:
        raise CommandError(BAD_ARGUMENTS, "compaction command needs 1 argument")
    try:
        revision = parse_int(arguments[0], 10)
    except ValueError as error:
        raise CommandError(FAILED, str(error)) from error
    context.connect().compact(revision, context.values["physical"])
    context.write(b"compacted revision %d\n" % revision)


COMMAND = Command(
    "compaction", "[options] <revision>", "Compacts the event history in etcd", run, FLAGS
)
