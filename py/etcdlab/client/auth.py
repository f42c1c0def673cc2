"""Who a process is to etcd: a user's name and password, and the token they were given for."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from etcdlab.errors import ServerError, UsageError

if TYPE_CHECKING:
    from etcdlab.client.api import Client


class Login:
    """One user, and one token for all clients: etcd spends a tenth of a second on each."""

    def __init__(self, name: str, password: str) -> None:
        self.name = name
        self.password = password
        self._lock = Lock()
        self._token: str | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """For another process: it asks for a token of its own, and keeps it from task to task."""
        return _kept, (self.name, self.password)

    def token(self, client: Client, stale: str | None = None) -> str:
        """The token; a new one, asked for over `client`, where it is still the `stale` one.

        So of many threads whose token has expired one renews it. Empty where etcd has
        authentication switched off. Raises what Client.authenticate raises.
        """
        with self._lock:
            if self._token is None or self._token == stale:
                self._token = self._ask(client)
            return self._token

    def _ask(self, client: Client) -> str:
        try:
            return client.authenticate(self.name, self.password)
        except ServerError as error:
            if error.message == "etcdserver: authentication is not enabled":
                return ""
            raise


@lru_cache(4)
def _kept(name: str, password: str) -> Login:
    return Login(name, password)


def login_of(user: str, password: str = "") -> Login:
    """The login of `user`, which is name:password where there is no `password` of its own.

    As etcdctl has it; without either the password is asked for on the terminal. UsageError
    where there is none.
    """
    name, colon, rest = (user, "", "") if password else user.partition(":")
    if not name:
        raise UsageError("--user: needs a name")
    password = password or (rest if colon else _ask_password())
    try:
        (name + password).encode()
    except UnicodeEncodeError as error:  # bytes that are not UTF-8 come as surrogates
        raise UsageError("--user: neither name nor password may be anything but UTF-8") from error
    return Login(name, password)


def _ask_password() -> str:
    """Typed on the terminal, unseen; without a terminal, as etcdctl has it, a line of stdin."""
    from getpass import getpass

    password = ""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        password = sys.stdin.readline().rstrip("\n") if sys.stdin else ""
    else:
        with suppress(EOFError):
            password = getpass("Password: ")
    if not password:
        raise UsageError("--user: no password given, nor in ETCDCTL_PASSWORD")
    return password
