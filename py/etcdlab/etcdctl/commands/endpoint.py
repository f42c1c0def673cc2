"""etcdctl endpoint health, endpoint status and endpoint hashkv."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from etcdlab.client.api import Client
from etcdlab.client.types import Alarm
from etcdlab.errors import ConnectionLost, LabError, ServerError, Unreachable
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import FAILED, CommandError, said
from etcdlab.etcdctl.pflag import Flag, switch
from etcdlab.etcdctl.printers import Health
from etcdlab.etcdctl.printers.simple import SimplePrinter
from etcdlab.etcdctl.release import Release

_Reply = TypeVar("_Reply")


def health(context: Context, arguments: list[str]) -> int:
    """Check each endpoint: a linearizable read, which needs a quorum, and no alarms."""
    checks = [_check(context, endpoint) for endpoint in endpoints_of(context)]
    context.write(context.printer.health(checks))
    ill = [check for check in checks if check.error]
    if not ill:
        return 0
    if isinstance(context.printer, SimplePrinter):
        for check in ill:
            text = f"{check.endpoint} is unhealthy: failed to commit proposal: {check.error}"
            print(text, file=sys.stderr)
    raise CommandError(FAILED, "unhealthy cluster")


def _check(context: Context, endpoint: str) -> Health:
    begin = time.monotonic()
    try:
        client = context.client_of([endpoint])
        error = ""
        try:
            client.range(b"health")
        except ServerError as refused:
            # A refusal for lack of permission needs a quorum as well.
            error = "" if refused.is_denied else refused.message
        seconds = time.monotonic() - begin
        return Health(endpoint, seconds, error or _alarms(client.alarms()))
    except (Unreachable, ConnectionLost):
        return Health(endpoint, time.monotonic() - begin, "context deadline exceeded")
    except LabError as error:
        return Health(endpoint, time.monotonic() - begin, said(error))


def _alarms(alarms: list[Alarm]) -> str:
    names = "".join(f"{alarm.name} " for alarm in alarms)
    return names and f"Active Alarm(s): {names}"


def status(context: Context, arguments: list[str]) -> int:
    """Print the status of each endpoint."""
    statuses, failed = _of_each(context, "status", lambda client: client.status())
    context.write(context.printer.statuses(statuses))
    return failed


def hash_kv(context: Context, arguments: list[str]) -> int:
    """Print the hash of each endpoint's keys."""
    from etcdlab.client import admin

    request = admin.hash_kv(context.values["rev"])
    hashes, failed = _of_each(context, "hash", lambda client: client.ask(request))
    context.write(context.printer.hashes(hashes))
    return failed


def _of_each(
    context: Context, what: str, ask: Callable[[Client], _Reply]
) -> tuple[list[tuple[str, _Reply]], int]:
    """([(endpoint, reply)], exit status); an endpoint that fails is a line on stderr."""
    replies = []
    failed = 0
    for endpoint in endpoints_of(context):
        try:
            replies.append((endpoint, ask(context.client_of([endpoint]))))
        except LabError as error:
            failed = FAILED
            text = f"Failed to get the {what} of endpoint {endpoint} ({said(error)})"
            print(text, file=sys.stderr)
    return replies, failed


def endpoints_of(context: Context) -> list[str]:
    """--endpoints or, with --cluster, the members' client URLs."""
    if not context.values["cluster"]:
        return list(context.endpoints)
    members = context.client_of(()).members(linearizable=True).members
    return [url for member in members for url in member.client_urls]


_REV = "maximum revision to hash (default: {} revision{})"
REV = (
    Flag("rev", "int64", "0", _REV.format("all", "s"), until=Release.V3_5),
    Flag("rev", "int64", "0", _REV.format("latest", ""), since=Release.V3_6),
)
FLAGS = (switch("cluster", "use all endpoints from the cluster member list"),)
LONG = """\
When --write-out is set to simple, this command prints out comma-separated status lists for each endpoint.
The items in the lists are endpoint, ID, version, db size, is leader, is learner, raft term, raft index, raft applied index, errors.
"""  # noqa: E501 - etcdctl's own lines

COMMAND = Group(
    "endpoint",
    "Endpoint related commands",
    (
        Command(
            "endpoint hashkv",
            "",
            "Prints the KV history hash for each endpoint in --endpoints",
            hash_kv,
            REV,
            inherited=FLAGS,
        ),
        Command(
            "endpoint health",
            "",
            "Checks the healthiness of endpoints specified in `--endpoints` flag",
            health,
            inherited=FLAGS,
        ),
        Command(
            "endpoint status",
            "",
            "Prints out the status of endpoints specified in `--endpoints` flag",
            status,
            long={Release.V3_5: LONG},
            inherited=FLAGS,
        ),
    ),
    FLAGS,
)
