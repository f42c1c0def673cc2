"""The interface of an etcd client, whatever the transport; keys and values are bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from etcdlab.client import types
from etcdlab.client.auth import Login
from etcdlab.client.tls import Tls
from etcdlab.errors import ServerError, Unreachable
from etcdlab.keys import ZERO

if TYPE_CHECKING:
    from etcdlab.client import admin

CONNECT_TIMEOUT = 2.0  # seconds, etcdctl's --dial-timeout
REQUEST_TIMEOUT = 10.0  # seconds; etcd itself gives a write up after seven
_LONGEST_TIMEOUT = 2_000_000.0  # seconds; sockets count milliseconds, in 31 bits

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class RawPage:
    """A Range's reply that is not decoded yet: another thread than the client's may do so."""

    decode: Callable[[], types.Page]
    """Return its columns; ServerError if it is not etcd's."""


class Client(ABC):
    """A connection to a cluster, for one thread at a time.

    Every request raises Unreachable (nothing was sent), Untrusted (TLS failed), ConnectionLost
    (it may have been carried out) or ServerError (etcd refused it).
    """

    def __init__(
        self,
        endpoints: Sequence[str],
        *,
        first: int = 0,
        timeout: float = REQUEST_TIMEOUT,
        connect_timeout: float = CONNECT_TIMEOUT,
        tls: Tls | None = None,
        login: Login | None = None,
    ) -> None:
        """`endpoints` are base URLs; `first` is the index of the one to begin with; timeouts are
        in seconds.

        `login` provides a token at the first request, and again when the token expires.
        `sent_bytes` and `received_bytes` count the bodies of put_all and delete_all.
        """
        self._endpoints = list(endpoints)
        self._current = first % len(self._endpoints)
        self._timeout = min(timeout, _LONGEST_TIMEOUT)
        self._connect_timeout = min(connect_timeout, _LONGEST_TIMEOUT)
        self._tls = tls or Tls()
        self._login = login
        self._token: str | None = None
        self.sent_bytes = 0
        self.received_bytes = 0
        self._open()

    @abstractmethod
    def _open(self) -> None:
        """Prepare what requests need, without sending anything."""

    @property
    def endpoint(self) -> str:
        """The base URL of the current endpoint."""
        return self._endpoints[self._current]

    def next_endpoint(self) -> None:
        """Make the next endpoint the current one."""
        self._current = (self._current + 1) % len(self._endpoints)

    def use(self, endpoint: str) -> None:
        """Make that endpoint the current one."""
        self._current = self._endpoints.index(endpoint)

    def log_in(self) -> None:
        """Get a token if there is a user and no token yet; raises what requests raise."""
        if self._login and self._token is None:
            self._use(self._login.token(self.authenticate))

    def _with_auth(self, request: Callable[[], _Result]) -> _Result:
        """Run `request` at the first endpoint that takes a connection; renew an expired token
        and run it once more.
        """
        self.log_in()
        try:
            return self._at_any_endpoint(request)
        except ServerError as error:
            if self._login is None or not error.is_stale_token:
                raise
            self._send_token("")  # etcd 3.4 refuses a login with a stale token
            self._use(self._login.token(self.authenticate, stale=self._token))
            return self._at_any_endpoint(request)

    def _renew_before_watch(self) -> None:
        """Renew an expired token by a read, since etcd up to 3.5.1 answers a watch that has
        one only with "permission denied".
        """
        if self._login is None:
            return
        try:
            self.range(ZERO, count_only=True)
        except ServerError as error:
            if not error.is_denied:
                raise

    def _use(self, token: str) -> None:
        self._token = token
        self._send_token(token)

    def _at_any_endpoint(self, request: Callable[[], _Result]) -> _Result:
        """Run `request` at the current endpoint; go on with the next if nothing could be sent.

        Raises the last Unreachable when each endpoint was tried.
        """
        for _ in self._endpoints:
            try:
                return request()
            except Unreachable as error:
                unreachable = error
                self.next_endpoint()
        raise unreachable

    @abstractmethod
    def execute(self, op: types.Op) -> types.Reply:
        """Carry out one operation and return its reply, of the matching type."""

    def range(
        self,
        key: bytes,
        range_end: bytes = b"",
        *,
        limit: int = 0,
        revision: int = 0,
        serializable: bool = False,
        keys_only: bool = False,
        count_only: bool = False,
    ) -> types.RangeReply:
        """Read the keys in [key, range_end) in ascending order, or `key` alone without an end.

        `limit` 0 is no limit; `revision` 0 is the latest. `serializable` reads the member's
        own state, which may be old, without a quorum.
        """
        op = types.Range(
            key,
            range_end,
            limit=limit,
            revision=revision,
            serializable=serializable,
            keys_only=keys_only,
            count_only=count_only,
        )
        return cast(types.RangeReply, self.execute(op))

    @abstractmethod
    def ask_page(self, op: types.Range, most_bytes: int) -> RawPage:
        """Carry out a Range.

        For many keys this is much faster than execute. Raises ReplyTooLarge when the reply, as
        it travels, has more than `most_bytes`; one with a single key may have any size.
        """

    def delete(
        self, key: bytes, range_end: bytes = b"", *, prev_kv: bool = False
    ) -> types.DeleteReply:
        """Delete the keys in [key, range_end), or `key` alone without an end."""
        return cast(types.DeleteReply, self.execute(types.Delete(key, range_end, prev_kv)))

    @abstractmethod
    def put_all(self, items: Sequence[tuple[bytes, bytes]], lease: int = 0) -> None:
        """Put all pairs of key and value in one transaction; `lease` 0 is no lease."""

    @abstractmethod
    def delete_all(self, keys: Sequence[bytes]) -> None:
        """Delete the keys, whether they exist or not, in one transaction."""

    @abstractmethod
    def compact(self, revision: int, physical: bool = False) -> types.Header:
        """Discard what was overwritten before `revision`; `physical` waits until that is done."""

    @abstractmethod
    def grant(self, ttl: int) -> types.LeaseGrant:
        """Grant a lease of `ttl` seconds, or of etcd's minimum if that is longer."""

    @abstractmethod
    def revoke(self, lease: int) -> types.Header:
        """Revoke a lease, which deletes its keys."""

    @abstractmethod
    def keep_alive(self, lease: int) -> types.LeaseKeepAlive:
        """Renew a lease once; the reply's `ttl` is 0 if there is no such lease."""

    @abstractmethod
    def time_to_live(self, lease: int, keys: bool = False) -> types.LeaseTimeToLive:
        """Return a lease's remaining time, and its keys if asked; `ttl` is -1 if there is none."""

    @abstractmethod
    def leases(self) -> types.LeaseList:
        """List all leases."""

    @abstractmethod
    def watch(self, request: types.Watch) -> Iterator[types.WatchReply]:
        """Yield a watch's replies as they come; close() on the iterator ends it."""

    @abstractmethod
    def status(self) -> types.Status:
        """Return the status of the member at `endpoint`."""

    @abstractmethod
    def members(self, linearizable: bool = False) -> types.MemberList:
        """List the cluster's members; `linearizable` needs a quorum (etcd 3.5 and newer)."""

    @abstractmethod
    def ask(self, request: admin.Request[_Result]) -> _Result:
        """Carry out a request of administration."""

    def alarms(self) -> list[types.Alarm]:
        """List the alarms that are raised."""
        from etcdlab.client.admin import alarm_list

        return self.ask(alarm_list()).alarms

    def disarm(self, alarm: types.Alarm) -> None:
        """Disarm an alarm."""
        from etcdlab.client.admin import alarm_disarm

        self.ask(alarm_disarm(alarm))

    @abstractmethod
    def defragment(self) -> None:
        """Defragment the database file of the member at `endpoint`, which blocks meanwhile."""

    @abstractmethod
    def authenticate(self, name: str, password: str) -> str:
        """Return a token for that user."""

    @abstractmethod
    def _send_token(self, token: str) -> None:
        """Send further requests with that token, or without one if it is empty."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""
