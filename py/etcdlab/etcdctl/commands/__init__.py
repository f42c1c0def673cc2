"""The commands of etcdctl.py, a file to each; only the one that is run is imported."""

from __future__ import annotations

from importlib import import_module

from etcdlab.etcdctl.command import Command, Group

# The first word of a command, and the module that has it.
MODULES = {
    "compaction": "compaction",
    "del": "delete",
    "endpoint": "endpoint",
    "get": "get",
    "lease": "lease",
    "member": "member",
    "put": "put",
    "txn": "txn",
    "version": "version",
    "watch": "watch",
}
# What etcdctl has besides: a word may be cut short where no other begins like it.
OTHERS = ("alarm", "auth", "check", "completion", "defrag", "elect", "lock", "make-mirror")
OTHERS += ("move-leader", "role", "snapshot", "user")


def load(word: str) -> Command | Group:
    """The command, or the group of commands, of that word."""
    command: Command | Group = import_module(f"etcdlab.etcdctl.commands.{MODULES[word]}").COMMAND
    return command
