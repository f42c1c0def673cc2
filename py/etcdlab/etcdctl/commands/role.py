"""etcdctl role add, delete, get, list, grant-permission and revoke-permission."""

from __future__ import annotations

import os
from typing import get_args

from etcdlab.client import admin
from etcdlab.client.json_codec import base64
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.context import Context, exactly
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.pflag import Flag, Values, switch
from etcdlab.etcdctl.printers import Outcome
from etcdlab.etcdctl.release import Release
from etcdlab.keys import ZERO, prefix_range

_KINDS = get_args(admin.PermissionType)


def add(context: Context, arguments: list[str]) -> None:
    """Add a role."""
    (name,) = exactly(1, arguments, "role add command requires role name as its argument")
    header = context.connect().ask(admin.role_add(name))
    context.show(Outcome(header, [f"Role {name} created"]))


def delete(context: Context, arguments: list[str]) -> None:
    """Delete a role."""
    (name,) = exactly(1, arguments, "role delete command requires role name as its argument")
    header = context.connect().ask(admin.role_delete(name))
    context.show(Outcome(header, [f"Role {name} deleted"]))


def get(context: Context, arguments: list[str]) -> None:
    """Print a role's permissions."""
    (name,) = exactly(1, arguments, "role get command requires role name as its argument")
    reply = context.connect().ask(admin.role_get(name))
    context.show(outcome_of(name, reply, context.release))


def outcome_of(name: str, role: admin.Role, release: Release) -> Outcome:
    """A role in each format."""
    fields: list[tuple[str, object]] = []
    json = []
    for kind, key, range_end in role.permissions:
        # etcdctl has a blank too many there.
        fields += [("PermType", f" {kind}"), ("Key", key), ("RangeEnd", range_end)]
        named = {"permType": _KINDS.index(kind), "key": base64(key)}
        named["range_end"] = base64(range_end)
        json.append({field: value for field, value in named.items() if value})
    return Outcome(role.header, _lines(name, role, release), {"perm": json}, tuple(fields))


def _lines(name: str, role: admin.Role, release: Release) -> list[str]:
    is_all = name == "root" and not role.permissions and release >= Release.V3_6
    lines = [f"Role {name}"]
    for title, kind in (("KV Read:", "READ"), ("KV Write:", "WRITE")):
        lines.append(title)
        lines += ["\t[, <open ended>"] * is_all
        lines += [
            f"\t{_shown_range(each, release)}" for each in role.permissions if kind in each.type
        ]
    return lines


def _shown_range(permission: admin.Permission, release: Release) -> str:
    key, range_end = os.fsdecode(permission.key), os.fsdecode(permission.range_end)
    if not range_end:
        return key
    is_prefix = prefix_range(permission.key)[1] == permission.range_end
    prefix = f" (prefix {key})" if is_prefix and (key or release < Release.V3_6) else ""
    return f"{_half_open(key, range_end)}{prefix}"


def _half_open(key: str, range_end: str) -> str:
    return f"[{key}, <open ended>" if range_end == "\0" else f"[{key}, {range_end})"


def list_roles(context: Context, arguments: list[str]) -> None:
    """Print the names of all roles."""
    exactly(0, arguments, "role list command requires no arguments")
    reply = context.connect().ask(admin.role_list())
    fields = (("Roles", reply.names),)
    context.show(Outcome(reply.header, reply.names, {"roles": reply.names}, fields))


def grant_permission(context: Context, arguments: list[str]) -> None:
    """Grant a role the right to read or write a key or a range."""
    if len(arguments) < 3:
        message = "role grant command requires role name, permission type, and key [endkey]"
        raise CommandError(BAD_ARGUMENTS, f"{message} as its argument")
    name, kind, *keys = arguments
    if kind.upper() not in _KINDS:
        raise CommandError(BAD_ARGUMENTS, f"invalid permission type: {kind}")
    permission = admin.Permission(_KINDS[_KINDS.index(kind.upper())], *_range(context.values, keys))
    header = context.connect().ask(admin.role_grant_permission(name, permission))
    context.show(Outcome(header, [f"Role {name} updated"]))


def revoke_permission(context: Context, arguments: list[str]) -> None:
    """Revoke a role's right to a key or a range."""
    if len(arguments) < 2:
        message = "role revoke-permission command requires role name and key [endkey]"
        raise CommandError(BAD_ARGUMENTS, f"{message} as its argument")
    name, *keys = arguments
    key, range_end = _range(context.values, keys)
    header = context.connect().ask(admin.role_revoke_permission(name, key, range_end))
    end = os.fsdecode(range_end)
    what = f"range {_half_open(keys[0], end)}" if end else f"key {keys[0]}"
    text = f"Permission of {what} is revoked from role {name}"
    context.show(Outcome(header, [text]))


def _range(values: Values, keys: list[str]) -> tuple[bytes, bytes]:
    """(key, range_end) of a permission; CommandError if flags and arguments contradict."""
    both = values["prefix"] and values["from-key"]
    if both and (len(keys) == 1 or not keys[0]):
        raise CommandError(BAD_ARGUMENTS, "--from-key and --prefix flags are mutually exclusive")
    key = os.fsencode(keys[0])
    if not key:
        return ZERO, ZERO if values["prefix"] or values["from-key"] else b""
    if len(keys) > 1:
        for flag in ("prefix", "from-key"):
            if values[flag]:
                message = f"unexpected endkey argument with --{flag} flag"
                raise CommandError(BAD_ARGUMENTS, message)
        return key, os.fsencode(keys[1])
    if values["prefix"]:
        return prefix_range(key)
    return key, ZERO if values["from-key"] else b""


def _flags(verb: str) -> tuple[Flag, ...]:
    more = "greater than or equal to the given key using byte compare"
    return (
        switch("prefix", f"{verb} a prefix permission"),
        switch("from-key", f"{verb} a permission of keys that are {more}"),
    )


COMMAND = Group(
    "role",
    "Role related commands",
    (
        Command("role add", "<role name>", "Adds a new role", add),
        Command("role delete", "<role name>", "Deletes a role", delete),
        Command("role get", "<role name>", "Gets detailed information of a role", get),
        Command(
            "role grant-permission",
            "[options] <role name> <permission type> <key> [endkey]",
            "Grants a key to a role",
            grant_permission,
            _flags("grant"),
        ),
        Command("role list", "", "Lists all roles", list_roles),
        Command(
            "role revoke-permission",
            "<role name> <key> [endkey]",
            "Revokes a key from a role",
            revoke_permission,
            _flags("revoke"),
        ),
    ),
)
