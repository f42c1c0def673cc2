"""etcdctl version."""

from __future__ import annotations

from etcdlab.etcdctl.command import API_VERSION, Command
from etcdlab.etcdctl.context import Context

# The release that these commands behave like.
VERSION = "3.5.30"


def run(context: Context, arguments: list[str]) -> None:
    """Print the version of that release."""
    context.write(f"etcdctl version: {VERSION}\nAPI version: {API_VERSION}\n".encode())


COMMAND = Command("version", "", "Prints the version of etcdctl", run)
