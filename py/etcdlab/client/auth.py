"""A user's name, password and token."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from threading import Lock

from etcdlab.errors import ServerError

Authenticate = Callable[[str, str], str]
"""Client.authenticate: from a user's name and password to a token."""


class Login:
    """A user with one token for all clients, since etcd spends a tenth of a second on each."""

    def __init__(self, name: str, password: str) -> None:
        self.name = name
        self.password = password
        self._lock = Lock()
        self._token: str | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the token: a worker gets its own, and keeps it from task to task."""
        return _kept, (self.name, self.password)

    def token(self, authenticate: Authenticate, stale: str | None = None) -> str:
        """Return the token; ask `authenticate` for a new one if it is still the `stale` one.

        So one of many threads whose token has expired renews it. Empty if authentication is
        off in etcd. Raises what `authenticate` raises.
        """
        with self._lock:
            if self._token is None or self._token == stale:
                self._token = self._ask(authenticate)
            return self._token

    def _ask(self, authenticate: Authenticate) -> str:
        try:
            return authenticate(self.name, self.password)
        except ServerError as error:
            if error.message == "etcdserver: authentication is not enabled":
                return ""
            raise


@lru_cache(4)
def _kept(name: str, password: str) -> Login:
    return Login(name, password)
