"""etcdctl move-leader."""

from __future__ import annotations

from etcdlab.client import admin
from etcdlab.client.api import Client
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context, exactly
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.printers import Outcome
from etcdlab.gotext import parse_uint


def run(context: Context, arguments: list[str]) -> None:
    """Have the leader among the endpoints hand over to another member."""
    (text,) = exactly(1, arguments, "move-leader command needs 1 argument")
    try:
        target = parse_uint(text, 16)
    except ValueError as error:
        raise CommandError(BAD_ARGUMENTS, str(error)) from error
    client, leader = _leader(context)
    header = client.ask(admin.move_leader(target))
    told = f"Leadership transferred from {leader:x} to {target:x}"
    context.show(Outcome(header, [told], fields=None))


def _leader(context: Context) -> tuple[Client, int]:
    """A client of the leader, and its ID; CommandError if no endpoint is the leader's."""
    for endpoint in context.endpoints:
        client = context.client_of([endpoint])
        status = client.status()
        if status.leader == status.header.member_id:
            return client, status.leader
    endpoints = " ".join(context.endpoints)
    raise CommandError(BAD_ARGUMENTS, f"no leader endpoint given at [{endpoints}]")


COMMAND = Command(
    "move-leader",
    "<transferee-member-id>",
    "Transfers leadership to another etcd cluster member.",
    run,
)
