"""An etcdctl command, and a group of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import FAILED
from etcdlab.etcdctl.global_flags import ALL_FLAGS
from etcdlab.etcdctl.pflag import Flag, of_release
from etcdlab.etcdctl.release import Release

Run = Callable[[Context, list[str]], int | None]


@dataclass(frozen=True)
class Command:
    """One command: `path` such as "lease grant", `arguments` as its usage shows them.

    `run` takes the positional arguments and returns the exit status, None for 0. If it raises
    a LabError, the status is `failure`. `inherited` are the flags of the command's group, `long`
    its description by the release that brought it.
    """

    path: str
    arguments: str
    short: str
    run: Run
    flags: tuple[Flag, ...] = ()
    long: Mapping[Release, str] = field(default_factory=dict)
    failure: int = FAILED
    inherited: tuple[Flag, ...] = ()

    @property
    def name(self) -> str:
        """The last word of its path."""
        return self.path.split()[-1]

    def all_flags(self, release: Release) -> tuple[Flag, ...]:
        """The flags of the command, its group and all commands."""
        return of_release((*self.flags, *self.inherited, *ALL_FLAGS), release)

    def long_of(self, release: Release) -> str:
        """Its description in that release; empty if there is none."""
        return release.choose(self.long, "")


@dataclass(frozen=True)
class Group:
    """Commands with the same first word, which alone prints their usage."""

    path: str
    short: str
    commands: tuple[Command, ...]
    flags: tuple[Flag, ...] = ()
    arguments: str = "<subcommand>"
    inherited: tuple[Flag, ...] = ()

    @property
    def name(self) -> str:
        """Its path, which is one word."""
        return self.path

    def long_of(self, release: Release) -> str:
        """Its description, which no release has."""
        return ""
