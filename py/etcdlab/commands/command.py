"""What an etcdctl command is, what it is run with, and how it fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from etcdlab.commands.pflag import Flag, Values, columns, switch, usage_of
from etcdlab.errors import ConnectionLost, LabError, ServerError, Unreachable

if TYPE_CHECKING:
    from etcdlab.client import Client
    from etcdlab.tls import Tls

# etcdctl's exit statuses: https://github.com/etcd-io/etcd/blob/main/pkg/cobrautl/error.go
FAILED = 1
BAD_CONNECTION = 2
PANIC = 2  # a Go program's own
INVALID_INPUT = 3
BAD_FEATURE = 4
INTERRUPTED = 5
BAD_ARGUMENTS = 128

API_VERSION = "3.5"

# The texts are etcdctl's, for a usage error prints them on stdout.
GLOBAL_FLAGS = (
    Flag("endpoints", "stringSlice", "127.0.0.1:2379", "gRPC endpoints"),
    switch("debug", "enable client-side debug logging"),
    Flag(
        "write-out",
        "string",
        "simple",
        "set the output format (fields, json, protobuf, simple, table)",
        "w",
    ),
    switch("hex", "print byte strings as hex encoded strings"),
    Flag("dial-timeout", "duration", "2s", "dial timeout for client connections"),
    Flag(
        "command-timeout",
        "duration",
        "5s",
        "timeout for short running command (excluding dial timeout)",
    ),
    Flag("keepalive-time", "duration", "2s", "keepalive time for client connections"),
    Flag("keepalive-timeout", "duration", "6s", "keepalive timeout for client connections"),
    Flag("insecure-transport", "bool", "true", "disable transport security for client connections"),
    Flag(
        "insecure-discovery",
        "bool",
        "true",
        "accept insecure SRV records describing cluster endpoints",
    ),
    switch(
        "insecure-skip-tls-verify",
        "skip server certificate verification"
        " (CAUTION: this option should be enabled only for testing purposes)",
    ),
    Flag("cert", "string", "", "identify secure client using this TLS certificate file"),
    Flag("key", "string", "", "identify secure client using this TLS key file"),
    Flag(
        "cacert",
        "string",
        "",
        "verify certificates of TLS-enabled secure servers using this CA bundle",
    ),
    Flag(
        "user",
        "string",
        "",
        "username[:password] for authentication (prompt if password is not supplied)",
    ),
    Flag(
        "password",
        "string",
        "",
        "password for authentication"
        " (if this option is used, --user option shouldn't include password)",
    ),
    Flag(
        "discovery-srv",
        "string",
        "",
        "domain name to query for SRV records describing cluster endpoints",
        "d",
    ),
    Flag("discovery-srv-name", "string", "", "service name to query when using DNS discovery"),
)
# Not etcdctl's, and so not in its usage: the script's own help has it.
TRANSPORT = Flag("transport", "string", "gateway", "gateway or native")


class CommandError(LabError):
    """A command that failed with one of etcdctl's statuses."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Context:
    """What a command is run with: its flags' values, stdin and stdout, and a way to etcd."""

    def __init__(
        self, flags: Sequence[Flag], given: Values, command_line: Sequence[str] = ()
    ) -> None:
        """`flags` are all that there are, `given` the values of those on the command line.

        `command_line` is what came after the command's name.
        """
        self._given = given
        self.command_line = list(command_line)
        self.values: Values = {flag.name: flag.default_value for flag in flags} | given

    def connect(self) -> Client:
        """A client as flags and variables ask for it, once the arguments are good.

        Variables are read this late because etcdctl reads them so.
        """
        self.read_settings()
        return self.client_of(())

    def client_of(self, endpoints: Sequence[str]) -> Client:
        """A client of those endpoints instead of --endpoints, after read_settings()."""
        from etcdlab.connect import connect

        try:
            return connect(self.settings, endpoints)
        except (Unreachable, ConnectionLost, ServerError) as error:
            raise CommandError(BAD_CONNECTION, said(error)) from error

    def read_settings(self) -> None:
        """Set `settings` and `printer`: a flag, then an ETCDCTL_* variable, then the default.

        CommandError where both are given, as etcdctl has it, or one is bad.
        """
        from etcdlab.connect import Settings
        from etcdlab.printers import printer

        for flag in (*GLOBAL_FLAGS, TRANSPORT):
            variable = "ETCDCTL_" + flag.name.upper().replace("-", "_")
            if variable in os.environ and flag.name in self._given:
                raise CommandError(FAILED, f"both --{flag.name} and {variable} are set")
            if text := os.environ.get(variable):
                try:
                    self.values[flag.name] = flag.parse(text)
                except ValueError as error:
                    raise CommandError(FAILED, f"{variable}: {error}") from error
        if self.values["discovery-srv"]:
            raise CommandError(FAILED, "--discovery-srv: etcdctl has it, this one does not")
        self.settings = Settings(
            endpoints=[text.strip() for text in self.values["endpoints"]],
            transport=self.values["transport"],
            timeout=self._seconds("command-timeout"),
            connect_timeout=self._seconds("dial-timeout"),
            tls=self._tls(),
            user=self._user(),
        )
        try:
            self.printer = printer(self.values["write-out"], self.values["hex"])
        except LabError as error:
            raise CommandError(BAD_FEATURE, str(error)) from error

    def _seconds(self, name: str) -> float:
        if self.values[name] <= 0:
            raise CommandError(FAILED, "context deadline exceeded")
        return float(self.values[name])

    def _tls(self) -> Tls | None:
        """None where nothing asks for TLS but, perhaps, an endpoint's https://."""
        from etcdlab.tls import Tls

        for name in ("cert", "key", "cacert"):
            if self._given.get(name) == "":
                raise CommandError(BAD_ARGUMENTS, f"empty string is passed to --{name} option")
        values = self.values
        tls = Tls(values["cacert"], values["cert"], values["key"])
        try:
            tls.check()
        except LabError as error:
            raise CommandError(BAD_ARGUMENTS, str(error)) from error
        wanted = tls != Tls() or not values["insecure-transport"]
        if values["insecure-skip-tls-verify"]:
            https = any(text.startswith("https://") for text in values["endpoints"])
            tls = Tls(tls.cacert, tls.cert, tls.key, skip_verify=True)
            return tls if wanted or https else None
        return tls if wanted else None

    def _user(self) -> tuple[str, str] | None:
        user, password = self.values["user"], self.values["password"]
        if not user:
            return None
        if password:
            return user, password
        name, colon, password = user.partition(":")
        if colon:
            return name, password
        from getpass import getpass

        return name, getpass("Password: ")

    def write(self, data: bytes) -> None:
        """Write to stdout, at once: what a watch sees is not to wait."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


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
    inherited: tuple[Flag, ...] = field(default=())

    @property
    def all_flags(self) -> tuple[Flag, ...]:
        """The command's own, those of its group, the global ones."""
        return (*self.flags, *self.inherited, *GLOBAL_FLAGS, TRANSPORT)

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
        rows = [(f"\t{each.path.split()[-1]}", each.short) for each in self.commands]
        return (
            f"NAME:\n\t{self.path} - {self.short}\n\n"
            f"USAGE:\n\tetcdctl {self.path} <subcommand> [flags]\n\n"
            f"API VERSION:\n\t{API_VERSION}\n\n\n"
            f"COMMANDS:\n{_indented_columns(rows)}\n"
            f"OPTIONS:\n{usage_of((*self.flags, switch('help', f'help for {self.path}', 'h')))}\n"
            f"GLOBAL OPTIONS:\n{usage_of(GLOBAL_FLAGS)}\n"
        )


def _indented_columns(rows: list[tuple[str, str]]) -> str:
    bare = [(name.lstrip("\t"), text) for name, text in rows]
    return "".join(f"\t{line}\n" for line in columns(bare).splitlines())


def said(error: LabError) -> str:
    """What etcdctl would say: etcd's own words where etcd spoke."""
    return getattr(error, "message", str(error))


def lease_id(text: str, name: str = "lease ID arg") -> int:
    """A lease's ID of the hexadecimal that etcdctl prints."""
    from etcdlab.gotext import parse_int

    try:
        return parse_int(text, 16)
    except ValueError as error:
        message = f"bad {name} (strconv.ParseInt: {error}), expecting ID in Hex"
        raise CommandError(BAD_ARGUMENTS, message) from error
