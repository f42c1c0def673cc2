"""etcdctl txn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from etcdlab.client.types import Txn
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context, exactly
from etcdlab.etcdctl.pflag import switch
from etcdlab.etcdctl.release import Release
from etcdlab.etcdctl.txn_syntax import parse_compare, parse_op, read_line

FLAGS = (switch("interactive", "Input transaction in interactive mode", "i"),)

# What Go's strings.TrimSpace removes.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_Parsed = TypeVar("_Parsed")


def run(context: Context, arguments: list[str]) -> None:
    """Read compares and the operations for success and failure; run the transaction."""
    exactly(0, arguments, "txn command does not accept argument")
    client = context.connect()
    to_compare = partial(parse_compare, release=context.release)
    to_op = partial(parse_op, release=context.release)
    compares = _read(context, "compares:", to_compare)
    success = _read(context, "success requests (get, put, del):", to_op)
    failure = _read(context, "failure requests (get, put, del):", to_op)
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


LONG = """\
Txn reads multiple etcd requests from standard input and applies them as a single atomic transaction.

A transaction consists of three components:
1) a list of conditions,
2) a list of requests to apply if all the conditions are true,
3) a list of requests to apply if any condition is false.

Example interactive stdin usage:

---
etcdctl txn -i
# compares:
mod("key1") > "0"

# success requests (get, put, delete):
put key1 "overwrote-key1"

# failure requests (get, put, delete):
put key1 "created-key1"
put key2 "some extra key"
---

Refer to https://github.com/etcd-io/etcd/blob/main/etcdctl/README.md#txn-options.
"""  # noqa: E501 - etcdctl's own lines

COMMAND = Command(
    "txn",
    "[options]",
    "Txn processes all the requests in one transaction",
    run,
    FLAGS,
    {Release.V3_6: LONG},
)
