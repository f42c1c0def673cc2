"""etcdctl member list."""

from __future__ import annotations

from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.commands.get import is_serializable
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.pflag import Flag
from etcdlab.etcdctl.release import Release


def run(context: Context, arguments: list[str]) -> None:
    """Print the cluster's members."""
    linearizable = not is_serializable(context.values.get("consistency", "l"))
    client = context.connect()
    context.write(context.printer.members(client.members(linearizable)))


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
            "member list",
            "",
            "Lists all members in the cluster",
            run,
            FLAGS,
            long={Release.V3_5: LONG},
        ),
    ),
)
