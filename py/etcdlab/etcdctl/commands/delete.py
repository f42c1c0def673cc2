"""etcdctl del."""

from __future__ import annotations

import sys
import time

from etcdlab.cli.main import note
from etcdlab.client.types import Delete
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.commands.get import key_range
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.pflag import Values, switch
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import quote

FLAGS = (
    switch("prefix", "delete keys with matching prefix"),
    switch("prev-kv", "return deleted key-value pairs"),
    switch(
        "from-key", "delete keys that are greater than or equal to the given key using byte compare"
    ),
    switch("range", "delete range of keys"),
)


_WAIT = 2  # seconds before a range is deleted without --range, since 3.6


def delete_op(values: Values, arguments: list[str], release: Release) -> Delete:
    """The Delete for the flags and arguments; CommandError if they are invalid.

    For a range without --range etcdctl waits, so that one can interrupt it.
    """
    if not 1 <= len(arguments) <= 2:
        raise CommandError(
            BAD_ARGUMENTS,
            "del command needs one argument as key and an optional argument as range_end",
        )
    key, range_end = key_range(values, arguments)
    if len(arguments) == 2 and not values["range"]:
        _warn(key, range_end, release)
    return Delete(key, range_end, values["prev-kv"])


def _warn(key: bytes, range_end: bytes, release: Release) -> None:
    if release < Release.V3_6:
        note("deleting a range; since etcd 3.6 etcdctl waits a while unless --range is given")
        return
    between = f"{quote(key).decode()} and {quote(range_end).decode()}"
    print(
        f"Warning: Keys between {between} will be deleted. Please interrupt the command within"
        f" next {_WAIT} seconds to cancel. You can provide `--range` flag to avoid the delay.",
        file=sys.stderr,
    )
    time.sleep(_WAIT)


def run(context: Context, arguments: list[str]) -> None:
    """Delete keys, and print how many."""
    op = delete_op(context.values, arguments, context.release)
    reply = context.connect().execute(op)
    context.write(context.printer.reply(reply))


COMMAND = Command(
    "del",
    "[options] <key> [range_end]",
    "Removes the specified key or range of keys [key, range_end)",
    run,
    FLAGS,
)
