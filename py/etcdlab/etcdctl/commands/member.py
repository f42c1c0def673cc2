"""etcdctl member list."""

from __future__ import annotations

from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.context import Context


def run(context: Context, arguments: list[str]) -> None:
    """Print the cluster's members."""
    client = context.connect()
    context.write(context.printer.members(client.members()))


LONG = """\
When --write-out is set to simple, this command prints out comma-separated member lists for each endpoint.
The items in the lists are ID, Status, Name, Peer Addrs, Client Addrs, Is Learner.
"""  # noqa: E501 - etcdctl's own lines

COMMAND = Group(
    "member",
    "Membership related commands",
    (Command("member list", "", "Lists all members in the cluster", run, long=LONG),),
)
