"""What an etcdctl command is, and its usage text."""

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
    """One command: `path` is "lease grant", `arguments` what its usage says comes after.

    `run` gets the arguments that are no flags and returns the exit status, None
    for 0; a LabError ends it with `failure`.
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
        """The command's own, those of its group, the global ones."""
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
    """Commands that share a first word; alone it prints its usage."""

    path: str
    short: str
    commands: tuple[Command, ...]
    flags: tuple[Flag, ...] = ()

    def usage(self) -> str:
        """etcdctl's usage text of the group, with those of its commands that are here."""
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
