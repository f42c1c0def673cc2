"""etcdctl get."""

from __future__ import annotations

import os
from typing import cast

from etcdlab.client.types import Range, SortOrder, SortTarget
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, BAD_FEATURE, CommandError, not_here
from etcdlab.etcdctl.pflag import Flag, Values, switch
from etcdlab.etcdctl.printers.simple import SimplePrinter
from etcdlab.etcdctl.release import Release
from etcdlab.keys import ZERO, prefix_range

FLAGS = (
    Flag("consistency", "string", "l", "Linearizable(l) or Serializable(s)"),
    Flag("order", "string", "", "Order of results; ASCEND or DESCEND (ASCEND by default)"),
    Flag("sort-by", "string", "", "Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION"),
    Flag("limit", "int64", "0", "Maximum number of results"),
    switch("prefix", "Get keys with matching prefix"),
    switch(
        "from-key", "Get keys that are greater than or equal to the given key using byte compare"
    ),
    Flag("rev", "int64", "0", "Specify the kv revision"),
    switch("keys-only", "Get only the keys"),
    switch("count-only", "Get only the count"),
    switch("print-value-only", 'Only write values when using the "simple" output format'),
    Flag("min-create-rev", "int64", "0", "Minimum create revision", since=Release.V3_6),
    Flag("max-create-rev", "int64", "0", "Maximum create revision", since=Release.V3_6),
    Flag("min-mod-rev", "int64", "0", "Minimum modification revision", since=Release.V3_6),
    Flag("max-mod-rev", "int64", "0", "Maximum modification revision", since=Release.V3_6),
    Flag("stream", "bool", "false", "Use the RangeStream RPC", since=Release.V3_7),
)
_TARGETS = {"CREATE": "CREATE", "KEY": "KEY", "MODIFY": "MOD", "VALUE": "VALUE"}
_TARGETS |= {"VERSION": "VERSION", "": "KEY"}


def key_range(values: Values, arguments: list[str]) -> tuple[bytes, bytes]:
    """(key, range_end) for a key, --prefix, --from-key or a range.

    Raises CommandError if the flags and arguments contradict. etcd accepts no empty key: the
    keyspace begins at ZERO.
    """
    if values["prefix"] and values["from-key"]:
        raise CommandError(
            BAD_ARGUMENTS, "`--prefix` and `--from-key` cannot be set at the same time, choose one"
        )
    key = os.fsencode(arguments[0])
    if len(arguments) > 1:
        if values["prefix"] or values["from-key"]:
            raise CommandError(
                BAD_ARGUMENTS,
                "too many arguments, only accept one argument"
                " when `--prefix` or `--from-key` is set",
            )
        return key, os.fsencode(arguments[1])
    if values["prefix"]:
        return prefix_range(key)
    return (key or ZERO, ZERO) if values["from-key"] else (key, b"")


def get_op(values: Values, arguments: list[str]) -> Range:
    """The Range for the flags and arguments; CommandError if they are invalid."""
    if not arguments:
        raise CommandError(
            BAD_ARGUMENTS,
            "get command needs one argument as key and an optional argument as range_end",
        )
    key, range_end = key_range(values, arguments)
    if values["keys-only"] and values["count-only"]:
        raise CommandError(
            BAD_ARGUMENTS,
            "`--keys-only` and `--count-only` cannot be set at the same time, choose one",
        )
    serializable = is_serializable(values["consistency"])
    order, target = values["order"].upper(), values["sort-by"].upper()
    if order not in ("", "ASCEND", "DESCEND"):
        raise CommandError(BAD_FEATURE, f"bad sort order {values['order']}")
    if target not in _TARGETS:
        raise CommandError(BAD_FEATURE, f"bad sort target {values['sort-by']}")
    return Range(
        key,
        range_end,
        limit=values["limit"],
        revision=max(values["rev"], 0),
        sort_order=cast(SortOrder, order or "NONE"),
        sort_target=cast(SortTarget, _TARGETS[target]),
        serializable=serializable,
        keys_only=values["keys-only"],
        count_only=values["count-only"],
        **_revision_filters(values),
    )


def is_serializable(consistency: str) -> bool:
    """Whether --consistency is s; CommandError if it is neither that nor l."""
    if consistency not in ("l", "s"):
        raise CommandError(BAD_FEATURE, f"unknown consistency flag {consistency!r}")
    return consistency == "s"


def _revision_filters(values: Values) -> dict[str, int]:
    """The fields of a Range for the flags on revisions, which etcdctl has since 3.6."""
    fields: dict[str, int] = {}
    for flag, field in (("create", "create_revision"), ("mod", "mod_revision")):
        least, most = (values.get(f"{end}-{flag}-rev", 0) for end in ("min", "max"))
        if 0 < most < least:
            name = f"{flag.capitalize()}Rev"
            message = f"getMin{name}(={least}) > getMax{name}(={most})"
            raise CommandError(BAD_FEATURE, message)
        fields |= {f"min_{field}": max(least, 0), f"max_{field}": max(most, 0)}
    return fields


def run(context: Context, arguments: list[str]) -> None:
    """Print keys and their values."""
    if context.values.get("stream"):
        raise not_here("--stream")
    op = get_op(context.values, arguments)
    reply = context.connect().execute(op)
    printer = context.printer
    if op.count_only:
        from etcdlab.etcdctl.printers.fields import FieldsPrinter

        if not isinstance(printer, FieldsPrinter):
            raise CommandError(BAD_ARGUMENTS, "--count-only is only for `--write-out=fields`")
    if context.values["print-value-only"]:
        if not isinstance(printer, SimplePrinter):
            raise CommandError(BAD_ARGUMENTS, "print-value-only is only for `--write-out=simple`")
        printer.value_only = True
    context.write(printer.reply(reply))


COMMAND = Command(
    "get", "[options] <key> [range_end]", "Gets the key or a range of keys", run, FLAGS
)
