"""etcdctl options."""

from __future__ import annotations

from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.global_flags import GLOBAL_FLAGS
from etcdlab.etcdctl.pflag import of_release


def run(context: Context, arguments: list[str]) -> None:
    """Print the flags that every command has."""
    from etcdlab.etcdctl.usage import flag_lines

    lines = flag_lines(of_release(GLOBAL_FLAGS, context.release))
    context.write(f"The following options can be passed to any command:\n\n{lines}".encode())


COMMAND = Command("options", "", "Show the global command-line flags", run)
