"""The context of a command: flags, variables, stdout, a client."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from etcdlab.errors import (
    ConnectionLost,
    LabError,
    ServerError,
    Unreachable,
    Untrusted,
    UsageError,
)
from etcdlab.etcdctl.errors import (
    BAD_ARGUMENTS,
    BAD_CONNECTION,
    BAD_FEATURE,
    FAILED,
    CommandError,
    not_here,
    said,
)
from etcdlab.etcdctl.global_flags import GLOBAL_FLAGS, TRANSPORT
from etcdlab.etcdctl.pflag import Flag, Values, of_release, with_defaults
from etcdlab.etcdctl.release import Release

if TYPE_CHECKING:
    from etcdlab.client.api import Client
    from etcdlab.client.auth import Login
    from etcdlab.client.connect import Settings
    from etcdlab.client.tls import Tls
    from etcdlab.etcdctl.printers import Outcome, Printer


_NOT_HERE = ("discovery-srv", "max-request-bytes", "max-recv-bytes", "auth-jwt-token")


class Context:
    """A command's flag values, its output and its client."""

    def __init__(
        self,
        release: Release,
        flags: Sequence[Flag],
        given: Values,
        command_line: Sequence[str] = (),
    ) -> None:
        """`flags` are all flags, `given` the values of those on the command line.

        `command_line` is everything after the command's name.
        """
        self.release = release
        self._given = given
        self.command_line = list(command_line)
        self.values: Values = with_defaults(flags, given)

    def connect(self) -> Client:
        """A client for the settings; call it once the arguments are valid."""
        return self.client_of(())

    def client_of(self, endpoints: Sequence[str]) -> Client:
        """A client of those endpoints instead of --endpoints; under --as-curl a CurlClient."""
        from etcdlab.client.connect import connect

        if self.values["as-curl"]:
            return self._curl_client(endpoints)
        settings = self._settings
        urls = _urls(endpoints or self.endpoints, bool(settings.tls))
        try:
            return connect(replace(settings, endpoints=urls))
        except UsageError as error:
            raise CommandError(BAD_ARGUMENTS, str(error)) from error
        except (Unreachable, Untrusted, ConnectionLost, ServerError) as error:
            raise CommandError(BAD_CONNECTION, said(error)) from error

    def _curl_client(self, endpoints: Sequence[str]) -> Client:
        """A CurlClient in place of a client. Reads no certificates, asks for no password."""
        from etcdlab.client.tls import Tls
        from etcdlab.etcdctl.curl import CurlClient, access_of

        values = self._global_values
        skip_verify = values["insecure-skip-tls-verify"]
        tls = Tls(values["cacert"], values["cert"], values["key"], skip_verify)
        url = _urls(endpoints or self._endpoints(), bool(tls.cacert or tls.cert))[0]
        return cast("Client", CurlClient(url, access_of(tls, bool(values["user"]))))

    @property
    def endpoints(self) -> list[str]:
        """--endpoints as typed; CommandError for a bad flag or variable."""
        return self._global_settings[0]

    @property
    def _settings(self) -> Settings:
        """The settings but for the endpoints; CommandError for a bad flag or variable."""
        return self._global_settings[1]

    @property
    def printer(self) -> Printer:
        """The printer for --write-out; CommandError for a bad flag or variable."""
        return self._global_settings[2]

    @cached_property
    def _global_values(self) -> Values:
        """The global flags' values: from the flag, else the ETCDCTL_* variable, else the default.

        Read at first use, since etcdctl checks the arguments before the variables. Raises
        CommandError if both flag and variable are set, as etcdctl does, or one is invalid.
        """
        values = dict(self.values)
        for flag in of_release((*GLOBAL_FLAGS, TRANSPORT), self.release):
            variable = _variable(flag.name)
            if variable in os.environ and flag.name in self._given:
                raise CommandError(FAILED, f"both --{flag.name} and {variable} are set")
            if text := os.environ.get(variable):
                try:
                    values[flag.name] = flag.parse(text)
                except ValueError as error:
                    raise CommandError(FAILED, f"{variable}: {error}") from error
        return values

    @cached_property
    def _global_settings(self) -> tuple[list[str], Settings, Printer]:
        """All at once, so that of several invalid flags etcdctl's choice is reported."""
        from etcdlab.client.connect import Settings
        from etcdlab.etcdctl.printers import printer

        values = self._global_values
        for name in _NOT_HERE:
            if values.get(name):
                raise not_here(f"--{name}")
        timeout, dial = values["command-timeout"], values["dial-timeout"]
        if timeout <= 0:
            raise CommandError(FAILED, "context deadline exceeded")
        endpoints = self._endpoints()
        settings = Settings(
            endpoints=(),
            transport=values["transport"],
            timeout=timeout,
            connect_timeout=dial if dial > 0 else timeout,  # as etcdctl has it
            tls=self._tls(),
            login=self._login(),
            plain_password=self._is_set("insecure-transport"),
        )
        try:
            return endpoints, settings, printer(values["write-out"], values["hex"], self.release)
        except LabError as error:
            raise CommandError(BAD_FEATURE, str(error)) from error

    def _endpoints(self) -> list[str]:
        given = self._global_values["endpoints"]
        endpoints = [text.strip() for text in given if text.strip()]
        if not endpoints:
            raise CommandError(BAD_CONNECTION, "no available endpoints")
        return endpoints

    def _tls(self) -> Tls | None:
        """The certificates, or None if nothing but an endpoint's https:// asks for TLS."""
        from etcdlab.client.tls import Tls

        for name in ("cert", "key", "cacert"):
            if self._given.get(name) == "":
                raise CommandError(BAD_ARGUMENTS, f"empty string is passed to --{name} option")
        values = self._global_values
        tls = Tls(values["cacert"], values["cert"], values["key"])
        try:
            tls.check()
        except LabError as error:
            raise CommandError(BAD_ARGUMENTS, str(error)) from error
        wanted = tls != Tls() or not values["insecure-transport"]
        if values["insecure-skip-tls-verify"]:
            # It asks for TLS where the endpoint says https or, since 3.6, nothing.
            schemes = ("https",) if self.release < Release.V3_6 else ("https", "")
            https = any(_scheme(text) in schemes for text in values["endpoints"])
            tls = Tls(tls.cacert, tls.cert, tls.key, skip_verify=True)
            return tls if wanted or https else None
        return tls if wanted else None

    def _login(self) -> Login | None:
        values = self._global_values
        if not values["user"]:
            return None
        from etcdlab.cli.password import login_of

        try:
            return login_of(values["user"], values["password"])
        except LabError as error:
            raise CommandError(BAD_ARGUMENTS, str(error)) from error

    def _is_set(self, name: str) -> bool:
        """Whether a switch was turned on by flag or variable, not by default."""
        return bool(self._global_values[name]) and (
            name in self._given or _variable(name) in os.environ
        )

    def show(self, outcome: Outcome) -> None:
        """Write the reply to a request of administration."""
        self.write(self.printer.outcome(outcome))

    def write(self, data: bytes) -> None:
        """Write to stdout and flush: a watch's events must not wait."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _urls(endpoints: Sequence[str], is_secure: bool) -> list[str]:
    """The base URLs of endpoints as typed: https if `is_secure` and the text does not say."""
    from etcdlab.client.endpoints import parse_endpoint

    try:
        return [
            parse_endpoint(text.strip(), "https" if is_secure else "http") for text in endpoints
        ]
    except ValueError as error:
        raise LabError(f"--endpoints: {error}") from error


def _scheme(endpoint: str) -> str:
    """The endpoint's scheme; empty if it has none."""
    return endpoint.strip().rpartition("://")[0]


def _variable(name: str) -> str:
    """The variable for a flag."""
    return "ETCDCTL_" + name.upper().replace("-", "_")


def exactly(count: int, arguments: list[str], message: str) -> list[str]:
    """Return the arguments; CommandError(`message`) unless there are `count`."""
    if len(arguments) != count:
        raise CommandError(BAD_ARGUMENTS, message)
    return arguments


def lease_id(text: str, name: str = "lease ID arg") -> int:
    """Parse a hexadecimal lease ID; CommandError, which calls it `name`, if it is none."""
    from etcdlab.gotext import parse_int

    try:
        return parse_int(text, 16)
    except ValueError as error:
        message = f"bad {name} ({error}), expecting ID in Hex"
        raise CommandError(BAD_ARGUMENTS, message) from error
