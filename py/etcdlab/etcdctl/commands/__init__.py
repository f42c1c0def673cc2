"""The commands of etcdctl.py, one file each; only the one that runs is imported."""

from __future__ import annotations

from importlib import import_module

from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.release import Release

# First word of a command: its module.
MODULES = {
    "alarm": "alarm",
    "auth": "auth",
    "compaction": "compaction",
    "defrag": "defrag",
    "del": "delete",
    "endpoint": "endpoint",
    "get": "get",
    "lease": "lease",
    "member": "member",
    "move-leader": "move_leader",
    "options": "options",
    "put": "put",
    "role": "role",
    "txn": "txn",
    "user": "user",
    "version": "version",
    "watch": "watch",
}
_SINCE = {"options": Release.V3_7}
# etcdctl's other commands, by the release that brought them: a command may be abbreviated if
# only one begins so.
OTHERS = dict.fromkeys(
    ("check", "elect", "lock", "make-mirror", "snapshot"),
    Release.V3_5,
) | {"completion": Release.V3_6, "downgrade": Release.V3_6}  # fmt: skip


def names_of(release: Release) -> list[str]:
    """The first words of the commands that are here and in that release of etcdctl."""
    return [name for name in MODULES if _SINCE.get(name, release) <= release]


def load(word: str) -> Command | Group:
    """Import the command or the group with that first word, a key of MODULES."""
    command: Command | Group = import_module(f"etcdlab.etcdctl.commands.{MODULES[word]}").COMMAND
    return command
