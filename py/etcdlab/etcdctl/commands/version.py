"""etcdctl version."""

from __future__ import annotations

from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context


def run(context: Context, arguments: list[str]) -> None:
    """Print the version of the release that these commands behave like."""
    release = context.release
    context.write(f"etcdctl version: {release.version}\nAPI version: {release.minor}\n".encode())


COMMAND = Command("version", "", "Prints the version of etcdctl", run)
