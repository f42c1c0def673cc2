"""An etcdctl command or group of commands, and its usage text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import FAILED
from etcdlab.etcdctl.global_flags import ALL_FLAGS, GLOBAL_FLAGS
from etcdlab.etcdctl.pflag import Flag, columns, switch, usage_of

API_VERSION = "3.5"

Run = Callable[[Context, list[str]], int | None]


@dataclass(frozen=True)
class Command:
    """One command: `path` such as "lease grant", `arguments` as its usage shows them.

    `run` takes the positional arguments and returns the exit status, None for 0. If it raises
    a LabError, the status is `failure`. `inherited` are the flags of the command's group.
    """

    path: str
    arguments: str
    short: str
    run: Run
    flags: tuple[Flag, ...] = ()
    long: str = ""
    failure: int = FAILED
    inherited: tuple[Flag, ...] = ()

    @property
    def all_flags(self) -> tuple[Flag, ...]:
        """The flags of the command, its group and all commands."""
        return (*self.flags, *self.inherited, *ALL_FLAGS)

    def usage(self) -> str:
        """etcdctl's usage text of the command."""
        last = self.path.split()[-1]
        local = (*self.flags, switch("help", f"help for {last}", "h"))
        words = f"{self.path} {self.arguments}".strip()
        long = "".join(f"\t{line}\n" for line in self.long.splitlines())
        return (
            f"NAME:\n\t{self.path} - {self.short}\n\nUSAGE:\n\tetcdctl {words} [flags]\n\n"
            + (f"DESCRIPTION:\n{long}\n" if long else "")
            + f"OPTIONS:\n{usage_of(local)}\n"
            + f"GLOBAL OPTIONS:\n{usage_of((*self.inherited, *GLOBAL_FLAGS))}\n"
        )


@dataclass(frozen=True)
class Group:
    """Commands with the same first word, which alone prints their usage."""

    path: str
    short: str
    commands: tuple[Command, ...]
    flags: tuple[Flag, ...] = ()

    def usage(self) -> str:
        """etcdctl's usage text of the group, with the commands that exist here."""
        rows = [(each.path.split()[-1], each.short) for each in self.commands]
        commands = "".join(f"\t{line}\n" for line in columns(rows).splitlines())
        return (
            f"NAME:\n\t{self.path} - {self.short}\n\n"
            f"USAGE:\n\tetcdctl {self.path} <subcommand> [flags]\n\n"
            f"API VERSION:\n\t{API_VERSION}\n\n\n"
            f"COMMANDS:\n{commands}\n"
            f"OPTIONS:\n{usage_of((*self.flags, switch('help', f'help for {self.path}', 'h')))}\n"
            f"GLOBAL OPTIONS:\n{usage_of(GLOBAL_FLAGS)}\n"
        )
