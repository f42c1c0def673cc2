"""etcdctl user add, delete, get, list, passwd, grant-role and revoke-role."""

from __future__ import annotations

from etcdlab.client import admin
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.commands.role import outcome_of
from etcdlab.etcdctl.context import Context, exactly
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError
from etcdlab.etcdctl.new_password import ask_twice, first_word
from etcdlab.etcdctl.pflag import Flag, switch
from etcdlab.etcdctl.printers import Outcome


def add(context: Context, arguments: list[str]) -> None:
    """Add a user, whose password may follow the name after a colon."""
    (given,) = exactly(1, arguments, "user add command requires user name as its argument")
    values = context.values
    name, colon, password = given, "", values["new-user-password"]
    if not values["no-password"] and not password:
        name, colon, password = given.partition(":")
        if colon and not name:
            raise CommandError(BAD_ARGUMENTS, "empty user name is not allowed")
        if not colon:
            password = _new_password(context, name)
    request = admin.user_add(name, password, values["no-password"])
    header = context.connect().ask(request)
    context.show(Outcome(header, [f"User {name} created"]))


def _new_password(context: Context, name: str) -> str:
    if context.values["interactive"]:
        return ask_twice(name, context.write)
    return first_word()


def delete(context: Context, arguments: list[str]) -> None:
    """Delete a user."""
    (name,) = exactly(1, arguments, "user delete command requires user name as its argument")
    header = context.connect().ask(admin.user_delete(name))
    context.show(Outcome(header, [f"User {name} deleted"]))


def get(context: Context, arguments: list[str]) -> None:
    """Print a user's roles; with --detail their permissions."""
    (name,) = exactly(1, arguments, "user get command requires user name as its argument")
    client = context.connect()
    reply = client.ask(admin.user_get(name))
    if not context.values["detail"]:
        roles = "".join(f" {role}" for role in reply.names)
        text = [f"User: {name}", f"Roles:{roles}"]
        context.show(Outcome(reply.header, text, {"roles": reply.names}, None))
        return
    context.write(f"User: {name}\n".encode())
    for role in reply.names:
        context.write(b"\n")
        found = client.ask(admin.role_get(role))
        context.show(outcome_of(role, found, context.release))


def list_users(context: Context, arguments: list[str]) -> None:
    """Print the names of all users."""
    exactly(0, arguments, "user list command requires no arguments")
    reply = context.connect().ask(admin.user_list())
    context.show(Outcome(reply.header, reply.names, {"users": reply.names}, None))


def passwd(context: Context, arguments: list[str]) -> None:
    """Change a user's password."""
    (name,) = exactly(1, arguments, "user passwd command requires user name as its argument")
    password = _new_password(context, name)
    header = context.connect().ask(admin.user_passwd(name, password))
    context.show(Outcome(header, ["Password updated"]))


def grant_role(context: Context, arguments: list[str]) -> None:
    """Grant a role to a user."""
    message = "user grant command requires user name and role name as its argument"
    name, role = exactly(2, arguments, message)
    header = context.connect().ask(admin.user_grant_role(name, role))
    text = f"Role {role} is granted to user {name}"
    context.show(Outcome(header, [text]))


def revoke_role(context: Context, arguments: list[str]) -> None:
    """Revoke a role from a user."""
    message = "user revoke-role requires user name and role name as its argument"
    name, role = exactly(2, arguments, message)
    header = context.connect().ask(admin.user_revoke_role(name, role))
    text = f"Role {role} is revoked from user {name}"
    context.show(Outcome(header, [text]))


_TERMINAL = "read password from stdin instead of interactive terminal"
COMMAND = Group(
    "user",
    "User related commands",
    (
        Command(
            "user add",
            "<user name or user:password> [options]",
            "Adds a new user",
            add,
            (
                Flag("interactive", "bool", "true", f"R{_TERMINAL[1:]}"),
                Flag(
                    "new-user-password",
                    "string",
                    "",
                    "Supply password from the command line flag",
                ),
                switch("no-password", "Create a user without password (CN based auth only)"),
            ),
        ),
        Command("user delete", "<user name>", "Deletes a user", delete),
        Command(
            "user get",
            "<user name> [options]",
            "Gets detailed information of a user",
            get,
            (switch("detail", "Show permissions of roles granted to the user"),),
        ),
        Command(
            "user grant-role", "<user name> <role name>", "Grants a role to a user", grant_role
        ),
        Command("user list", "", "Lists all users", list_users),
        Command(
            "user passwd",
            "<user name> [options]",
            "Changes password of user",
            passwd,
            (Flag("interactive", "bool", "true", f"If true, {_TERMINAL}"),),
        ),
        Command(
            "user revoke-role", "<user name> <role name>", "Revokes a role from a user", revoke_role
        ),
    ),
)
