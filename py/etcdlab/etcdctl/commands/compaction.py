"""etcdctl compaction."""

from __future__ import annotations

from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context, exactly
from etcdlab.etcdctl.errors import FAILED, CommandError
from etcdlab.etcdctl.pflag import switch
from etcdlab.gotext import parse_int

FLAGS = (
    switch("physical", "'true' to wait for compaction to physically remove all old revisions"),
)


def run(context: Context, arguments: list[str]) -> None:
    """Compact the history before a revision."""
    (text,) = exactly(1, arguments, "compaction command needs 1 argument")
    try:
        revision = parse_int(text, 10)
    except ValueError as error:
        raise CommandError(FAILED, str(error)) from error
    context.connect().compact(revision, context.values["physical"])
    context.write(b"compacted revision %d\n" % revision)


COMMAND = Command(
    "compaction", "[options] <revision>", "Compacts the event history in etcd", run, FLAGS
)
