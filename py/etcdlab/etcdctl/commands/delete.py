"""etcdctl del."""

from __future__ import annotations

from etcdlab.cli.main import note
from etcdlab.client.types import Delete
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.commands.get import key_range
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.pflag import Values, switch

FLAGS = (
    switch("prefix", "delete keys with matching prefix"),
    switch("prev-kv", "return deleted key-value pairs"),
    switch(
        "from-key", "delete keys that are greater than or equal to the given key using byte compare"
    ),
    switch("range", "delete range of keys"),
)


def delete_op(values: Values, arguments: list[str]) -> Delete:
    """The Delete for the flags and arguments; CommandError if they are invalid."""
    if not 1 <= len(arguments) <= 2:
        raise CommandError(
            BAD_ARGUMENTS,
            "del command needs one argument as key and an optional argument as range_end",
        )
    key, range_end = key_range(values, arguments)
    if len(arguments) == 2 and not values["range"]:
        note("deleting a range; from etcd 3.6 on, etcdctl waits a while unless --range is given")
    return Delete(key, range_end, values["prev-kv"])


def run(context: Context, arguments: list[str]) -> None:
    """Delete keys, and print how many."""
    op = delete_op(context.values, arguments)
    reply = context.connect().execute(op)
    context.write(context.printer.reply(reply))


COMMAND = Command(
    "del",
    "[options] <key> [range_end]",
    "Removes the specified key or range of keys [key, range_end)",
    run,
    FLAGS,
)
