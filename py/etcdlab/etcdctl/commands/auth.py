"""etcdctl auth enable, disable and status."""

from __future__ import annotations

from etcdlab.client import admin
from etcdlab.client.api import Client
from etcdlab.errors import ServerError
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.context import Context, exactly
from etcdlab.etcdctl.printers import Outcome

ROOT = "root"

_NONE = "auth {} command does not accept any arguments"


def enable(context: Context, arguments: list[str]) -> None:
    """Turn authentication on; make the role root, and grant it to root, if it is not there."""
    exactly(0, arguments, _NONE.format("enable"))
    client = context.connect()
    while not _is_enabled(client):
        client.ask(admin.role_add(ROOT))
        client.ask(admin.user_grant_role(ROOT, ROOT))
    context.write(b"Authentication Enabled\n")


def _is_enabled(client: Client) -> bool:
    """Turn it on; False if the role is missing."""
    try:
        client.ask(admin.auth_enable())
    except ServerError as error:
        if "root user does not have root role" not in error.message:
            raise
        return False
    return True


def disable(context: Context, arguments: list[str]) -> None:
    """Turn authentication off."""
    exactly(0, arguments, _NONE.format("disable"))
    context.connect().ask(admin.auth_disable())
    context.write(b"Authentication Disabled\n")


def status(context: Context, arguments: list[str]) -> None:
    """Print whether authentication is on."""
    exactly(0, arguments, _NONE.format("status"))
    reply = context.connect().ask(admin.auth_status())
    enabled = str(reply.enabled).lower()
    text = [f"Authentication Status: {enabled}", f"AuthRevision: {reply.revision}"]
    json = {"enabled": reply.enabled, "authRevision": reply.revision}
    context.show(Outcome(reply.header, text, json, None))


COMMAND = Group(
    "auth",
    "Enable or disable authentication",
    (
        Command("auth disable", "", "Disables authentication", disable),
        Command("auth enable", "", "Enables authentication", enable),
        Command("auth status", "", "Returns authentication status", status),
    ),
    arguments="<enable or disable>",
)
