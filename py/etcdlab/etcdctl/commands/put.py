"""etcdctl put."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from etcdlab.client.types import Put
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context, lease_id
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.pflag import Flag, Values, switch
from etcdlab.etcdctl.release import Release

FLAGS = (
    Flag("lease", "string", "0", "lease ID (in hexadecimal) to attach to the key"),
    switch("prev-kv", "return the previous key-value pair before modification"),
    switch("ignore-value", "updates the key using its current value"),
    switch("ignore-lease", "updates the key using its current lease"),
)
LONG = """
Puts the given key into the store.

When <value> begins with '-', <value> is interpreted as a flag.
Insert '--' for workaround:

$ put <key> -- <value>
$ put -- <key> <value>

If <value> isn't given as a command line argument and '--ignore-value' is not specified,
this command tries to read the value from standard input.

If <lease> isn't given as a command line argument and '--ignore-lease' is not specified,
this command tries to read the value from standard input.

For example,
$ cat file | put <key>
will store the content of the file to <key>.
"""


def put_op(values: Values, arguments: list[str], read_value: Callable[[], bytes] = bytes) -> Put:
    """The Put for the flags and arguments; CommandError if they are invalid.

    `read_value` supplies a value that is not an argument; if it is empty, that is an error,
    as in etcdctl.
    """
    if not arguments:
        raise CommandError(BAD_ARGUMENTS, _NEEDS)
    if values["ignore-value"] and len(arguments) > 1:
        raise CommandError(
            BAD_ARGUMENTS, "put command needs only 1 argument when 'ignore-value' is set"
        )
    value = b""
    if not values["ignore-value"]:
        value = os.fsencode(arguments[1]) if len(arguments) > 1 else read_value()
        if len(arguments) == 1 and not value:
            raise CommandError(BAD_ARGUMENTS, _NEEDS)
    return Put(
        os.fsencode(arguments[0]),
        value,
        lease=lease_id(values["lease"], "lease ID"),
        prev_kv=values["prev-kv"],
        ignore_value=values["ignore-value"],
        ignore_lease=values["ignore-lease"],
    )


_NEEDS = "put command needs 1 argument and input from stdin or 2 arguments"


def _stdin() -> bytes:
    """All of stdin; empty if it is closed."""
    try:
        return sys.stdin.buffer.read() if sys.stdin else b""
    except OSError:
        return b""


def run(context: Context, arguments: list[str]) -> None:
    """Put a value, and print OK."""
    op = put_op(context.values, arguments, _stdin)
    reply = context.connect().execute(op)
    context.write(context.printer.reply(reply))


COMMAND = Command(
    "put",
    "[options] <key> <value> (<value> can also be given from stdin)",
    "Puts the given key into the store",
    run,
    FLAGS,
    {Release.V3_5: LONG},
)
