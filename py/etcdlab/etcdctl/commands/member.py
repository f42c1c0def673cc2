"""etcdctl member add, list, promote, remove and update."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from etcdlab.client import admin
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.commands.get import is_serializable
from etcdlab.etcdctl.context import Context, exactly
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.pflag import Flag, switch
from etcdlab.etcdctl.printers.simple import SimplePrinter
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import parse_uint, quote


def add(context: Context, arguments: list[str]) -> None:
    """Add a member, and print the variables to start it with."""
    if len(arguments) > 1:
        urls = [text for text in arguments if text.lower().startswith("http")]
        hints = "".join(f", did you mean --peer-urls={url}" for url in urls)
        raise CommandError(BAD_ARGUMENTS, f"too many arguments{hints}")
    (name,) = exactly(1, arguments, "member name not provided")
    peer_urls = _peer_urls(context)
    is_learner = context.values["learner"]
    reply = context.connect().ask(admin.member_add(peer_urls, is_learner))
    new = reply.added.id if reply.added else 0
    by = " as learner " if is_learner and context.release >= Release.V3_6 else " "
    text = f"Member {new:16x} added{by}to cluster {reply.header.cluster_id:16x}"
    context.write(context.printer.membership(text, reply))
    if isinstance(context.printer, SimplePrinter):
        cluster = ",".join(
            f"{name if member.id == new else member.name}={url}"
            for member in reply.members
            for url in member.peer_urls
        )
        _write_variables(context, name, cluster)


def _write_variables(context: Context, name: str, cluster: str) -> None:
    """The variables for the new member."""
    values = {
        "ETCD_NAME": name,
        "ETCD_INITIAL_CLUSTER": cluster,
        "ETCD_INITIAL_ADVERTISE_PEER_URLS": context.values["peer-urls"],
        "ETCD_INITIAL_CLUSTER_STATE": "existing",
    }
    lines = [b"%b=%b\n" % (k.encode(), quote(os.fsencode(v))) for k, v in values.items()]
    context.write(b"\n" + b"".join(lines))


def _peer_urls(context: Context) -> list[str]:
    if not context.values["peer-urls"]:
        raise CommandError(BAD_ARGUMENTS, "member peer urls not provided")
    return str(context.values["peer-urls"]).split(",")


def _id(arguments: list[str]) -> int:
    """The ID of a member, in hexadecimal; CommandError if it is none."""
    (text,) = exactly(1, arguments, "member ID is not provided")
    try:
        return parse_uint(text, 16)
    except ValueError as error:
        message = f"bad member ID arg ({error}), expecting ID in Hex"
        raise CommandError(BAD_ARGUMENTS, message) from error


def promote(context: Context, arguments: list[str]) -> None:
    """Make a learner a voting member."""
    _change(context, "promoted in", _id(arguments), admin.member_promote)


def remove(context: Context, arguments: list[str]) -> None:
    """Remove a member."""
    _change(context, "removed from", _id(arguments), admin.member_remove)


def update(context: Context, arguments: list[str]) -> None:
    """Change a member's peer URLs."""
    member, peer_urls = _id(arguments), _peer_urls(context)
    _change(context, "updated in", member, partial(admin.member_update, peer_urls=peer_urls))


def _change(
    context: Context,
    verb: str,
    member: int,
    request: Callable[[int], admin.Request[admin.Membership]],
) -> None:
    """Change a member, and tell it."""
    reply = context.connect().ask(request(member))
    text = f"Member {member:16x} {verb} cluster {reply.header.cluster_id:16x}"
    context.write(context.printer.membership(text, reply))


def run(context: Context, arguments: list[str]) -> None:
    """Print the cluster's members."""
    linearizable = not is_serializable(context.values.get("consistency", "l"))
    client = context.connect()
    context.write(context.printer.members(client.members(linearizable)))


def _peer_urls_flag(which: str) -> Flag:
    text = f"comma separated peer URLs for the {which} member."
    return Flag("peer-urls", "string", "", text)


PROMOTE_LONG = "Promotes a non-voting learner member to a voting one in the cluster.\n"
FLAGS = (
    Flag("consistency", "string", "l", "Linearizable(l) or Serializable(s)", since=Release.V3_6),
)
LONG = """\
When --write-out is set to simple, this command prints out comma-separated member lists for each endpoint.
The items in the lists are ID, Status, Name, Peer Addrs, Client Addrs, Is Learner.
"""  # noqa: E501 - etcdctl's own lines

COMMAND = Group(
    "member",
    "Membership related commands",
    (
        Command(
            "member add",
            "<memberName> [options]",
            "Adds a member into the cluster",
            add,
            (
                _peer_urls_flag("new"),
                switch("learner", "indicates if the new member is raft learner"),
            ),
        ),
        Command(
            "member list",
            "",
            "Lists all members in the cluster",
            run,
            FLAGS,
            long={Release.V3_5: LONG},
        ),
        Command(
            "member promote",
            "<memberID>",
            "Promotes a non-voting member in the cluster",
            promote,
            long={Release.V3_5: PROMOTE_LONG},
        ),
        Command(
            "member remove",
            "<memberID>",
            "Removes a member from the cluster",
            remove,
        ),
        Command(
            "member update",
            "<memberID> [options]",
            "Updates a member in the cluster",
            update,
            (_peer_urls_flag("updated"),),
        ),
    ),
)
