"""etcdctl lease grant, revoke, timetolive, list and keep-alive."""

from __future__ import annotations

import time

from etcdlab.client.api import Client
from etcdlab.client.types import LeaseKeepAlive
from etcdlab.errors import ConnectionLost, Unreachable
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.context import Context, exactly, lease_id
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, BAD_CONNECTION, CommandError
from etcdlab.etcdctl.pflag import switch
from etcdlab.etcdctl.printers.simple import SimplePrinter
from etcdlab.gotext import parse_int
from etcdlab.polling import until

_RETRY = 0.5  # seconds between two attempts


def grant(context: Context, arguments: list[str]) -> None:
    """Grant a lease."""
    (text,) = exactly(1, arguments, "lease grant command needs TTL argument")
    try:
        ttl = parse_int(text, 10)
    except ValueError as error:
        raise CommandError(BAD_ARGUMENTS, f"bad TTL ({error})") from error
    reply = context.connect().grant(ttl)
    context.write(context.printer.grant(reply))


def revoke(context: Context, arguments: list[str]) -> None:
    """Revoke a lease."""
    (text,) = exactly(1, arguments, "lease revoke command needs 1 argument")
    lease = lease_id(text)
    reply = context.connect().revoke(lease)
    context.write(context.printer.revoke(lease, reply))


def time_to_live(context: Context, arguments: list[str]) -> None:
    """Print a lease's time to live."""
    (text,) = exactly(1, arguments, "lease timetolive command needs lease ID as argument")
    client = context.connect()
    keys = context.values["keys"]
    reply = client.time_to_live(lease_id(text), keys)
    context.write(context.printer.time_to_live(reply, keys))


def list_leases(context: Context, arguments: list[str]) -> None:
    """Print all leases."""
    client = context.connect()
    context.write(context.printer.leases(client.leases()))


def keep_alive(context: Context, arguments: list[str]) -> None:
    """Renew a lease: once, or each time a third of its TTL has passed."""
    (text,) = exactly(1, arguments, "lease keep-alive command needs lease ID as argument")
    lease = lease_id(text)
    client = context.connect()
    if context.values["once"]:
        reply = client.keep_alive(lease)
        if reply.ttl <= 0:
            raise CommandError(BAD_CONNECTION, "etcdserver: requested lease not found")
        context.write(context.printer.keep_alive(reply))
        return
    reply = client.keep_alive(lease)
    while reply.ttl > 0:
        context.write(context.printer.keep_alive(reply))
        time.sleep(reply.ttl / 3)
        reply = _keep_alive_again(client, reply)
    if isinstance(context.printer, SimplePrinter):
        context.write(context.printer.expired(lease))


def _keep_alive_again(client: Client, last: LeaseKeepAlive) -> LeaseKeepAlive:
    """Renew the lease; retry while etcd is away and the lease may live. TTL 0 if it fails."""

    def ask() -> LeaseKeepAlive | None:
        try:
            return client.keep_alive(last.id)
        except (Unreachable, ConnectionLost):
            return None

    return until(ask, last.ttl * 2 / 3, _RETRY) or LeaseKeepAlive(last.header, last.id, 0)


_KEYS = (switch("keys", "Get keys attached to this lease"),)
_ONCE = (
    switch(
        "once",
        "Resets the keep-alive time to its original value and cobrautl.Exits immediately",
    ),
)

COMMAND = Group(
    "lease",
    "Lease related commands",
    (
        Command("lease grant", "<ttl>", "Creates leases", grant),
        Command(
            "lease keep-alive",
            "[options] <leaseID>",
            "Keeps leases alive (renew)",
            keep_alive,
            _ONCE,
            failure=BAD_CONNECTION,
        ),
        Command("lease list", "", "List all active leases", list_leases, failure=BAD_CONNECTION),
        Command("lease revoke", "<leaseID>", "Revokes leases", revoke),
        Command(
            "lease timetolive",
            "<leaseID> [options]",
            "Get lease information",
            time_to_live,
            _KEYS,
            failure=BAD_CONNECTION,
        ),
    ),
)
