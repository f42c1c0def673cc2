"""The commands of etcdctl.py, one file each; only the one that runs is imported."""

from __future__ import annotations

from importlib import import_module

from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.release import Release

# First word of a command: its module.
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
# etcdctl's other commands, by the release that brought them: a command may be abbreviated if
# only one begins so.
OTHERS = dict.fromkeys(
    ("alarm", "auth", "check", "defrag", "elect", "lock", "make-mirror", "move-leader", "role",
     "snapshot", "user"),
    Release.V3_5,
) | {"completion": Release.V3_6, "downgrade": Release.V3_6, "options": Release.V3_7}  # fmt: skip


def load(word: str) -> Command | Group:
    """Import the command or the group with that first word, a key of MODULES."""
    command: Command | Group = import_module(f"etcdlab.etcdctl.commands.{MODULES[word]}").COMMAND
    return command
