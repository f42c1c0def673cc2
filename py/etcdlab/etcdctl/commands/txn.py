"""etcdctl txn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from etcdlab.client.types import Txn
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.pflag import switch
from etcdlab.etcdctl.txn_syntax import parse_compare, parse_op, read_line

FLAGS = (switch("interactive", "Input transaction in interactive mode", "i"),)

# What Go's strings.TrimSpace removes.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_Parsed = TypeVar("_Parsed")


def run(context: Context, arguments: list[str]) -> None:
    """Read compares and the operations for success and failure; run the transaction."""
    if arguments:
        raise CommandError(BAD_ARGUMENTS, "txn command does not accept argument")
    client = context.connect()
    compares = _read(context, "compares:", parse_compare)
    success = _read(context, "success requests (get, put, del):", parse_op)
    failure = _read(context, "failure requests (get, put, del):", parse_op)
    reply = client.execute(Txn(tuple(compares), tuple(success), tuple(failure)))
    context.write(context.printer.reply(reply))


def _read(context: Context, prompt: str, parse: Callable[[str], _Parsed]) -> list[_Parsed]:
    """Parse the lines of stdin up to an empty one; CommandError at the end of stdin."""
    if context.values["interactive"]:
        context.write(prompt.encode() + b"\n")
    parsed: list[_Parsed] = []
    while True:
        text = read_line("EOF").strip(_SPACE)
        if not text:
            return parsed
        parsed.append(parse(text))


COMMAND = Command(
    "txn", "[options]", "Txn processes all the requests in one transaction", run, FLAGS
)
