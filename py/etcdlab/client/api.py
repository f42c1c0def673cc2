"""What an etcd client can do, in bytes, however it travels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from etcdlab.client.auth import Login
from etcdlab.client.tls import Tls
from etcdlab.client.types import (
    Alarm,
    Delete,
    DeleteReply,
    Header,
    LeaseGrant,
    LeaseKeepAlive,
    LeaseList,
    LeaseTimeToLive,
    MemberList,
    Op,
    Page,
    Range,
    RangeReply,
    Reply,
    Status,
    Watch,
    WatchReply,
)
from etcdlab.errors import ServerError, Unreachable
from etcdlab.keys import ZERO

CONNECT_TIMEOUT = 2.0  # seconds, etcdctl's --dial-timeout
REQUEST_TIMEOUT = 10.0  # seconds; etcd itself gives a write up after seven
_LONGEST_TIMEOUT = 2_000_000.0  # seconds; sockets count milliseconds, in 31 bits

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class RawPage:
    """A Range's reply that is not decoded yet: another thread than the client's may do so."""

    decode: Callable[[], Page]
    """Return its columns; ServerError if it is not etcd's."""


class Client(ABC):
    """One connection to a cluster: not for several threads at a time.

    Every request raises Unreachable (nothing was sent), ConnectionLost (it may
    have been carried out) or ServerError (etcd refused).
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
        """`endpoints` are base URLs; `first` chooses among them; timeouts are in seconds.

        `login` is asked for a token at the first request, and when etcd takes that no more.
        `sent_bytes` and `received_bytes` are those of put_all's and delete_all's bodies.
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
        """Prepare what requests need; nothing is sent yet."""

    @property
    def endpoint(self) -> str:
        """The base URL that was used last, or will be used next."""
        return self._endpoints[self._current]

    def next_endpoint(self) -> None:
        """Go on with another endpoint, where there are several."""
        self._current = (self._current + 1) % len(self._endpoints)

    def use(self, endpoint: str) -> None:
        """Go on with that one of the endpoints."""
        self._current = self._endpoints.index(endpoint)

    def log_in(self) -> None:
        """Get a token where a user was given and there is none yet; raises what requests do."""
        if self._login and self._token is None:
            self._use(self._login.token(self.authenticate))

    def _with_auth(self, request: Callable[[], _Result]) -> _Result:
        """What `request`, which reads what etcd answers, returns at whichever endpoint; where
        the token has expired, once more with a new one.
        """
        self.log_in()
        try:
            return self._at_any_endpoint(request)
        except ServerError as error:
            if self._login is None or not error.is_stale_token:
                raise
            self._send_token("")  # etcd 3.4 wants none that is stale with a login either
            self._use(self._login.token(self.authenticate, stale=self._token))
            return self._at_any_endpoint(request)

    def _renew_before_watch(self) -> None:
        """Have a token that is still good, where there is a user. Of an expired one a watch
        may only say that it is not permitted: etcd up to 3.5.1 does.
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
        """What `request` returns; where the connection is refused, at the next endpoint.

        Nothing was sent then. Unreachable is raised when no endpoint is left.
        """
        for _ in self._endpoints:
            try:
                return request()
            except Unreachable as error:
                unreachable = error
                self.next_endpoint()
        raise unreachable

    @abstractmethod
    def execute(self, op: Op) -> Reply:
        """Carry out one operation: a Range, a Put, a Delete or a Txn of them."""

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
    ) -> RangeReply:
        """The keys in [key, range_end), ascending; that key alone without an end.

        `limit` 0 is no limit; `revision` 0 is now. `serializable` reads what the
        member at hand has, which may be old, without asking the others.
        """
        op = Range(
            key,
            range_end,
            limit=limit,
            revision=revision,
            serializable=serializable,
            keys_only=keys_only,
            count_only=count_only,
        )
        return cast(RangeReply, self.execute(op))

    @abstractmethod
    def ask_page(self, op: Range, most_bytes: int) -> RawPage:
        """Carry out a Range.

        For many keys this is much faster than execute. Raises ReplyTooLarge when the reply, as
        it travels, has more than `most_bytes`; one with a single key may have any size.
        """

    def delete(self, key: bytes, range_end: bytes = b"", *, prev_kv: bool = False) -> DeleteReply:
        """Delete the keys in [key, range_end); that key alone without an end."""
        return cast(DeleteReply, self.execute(Delete(key, range_end, prev_kv)))

    @abstractmethod
    def put_all(self, items: Sequence[tuple[bytes, bytes]], lease: int = 0) -> None:
        """Put all pairs in one transaction, or none; `lease` 0 is no lease."""

    @abstractmethod
    def delete_all(self, keys: Sequence[bytes]) -> None:
        """Delete all of the keys in one transaction, or none, whether they are there or not."""

    @abstractmethod
    def compact(self, revision: int, physical: bool = False) -> Header:
        """Forget what was overwritten before `revision`; `physical` waits until it is gone."""

    @abstractmethod
    def grant(self, ttl: int) -> LeaseGrant:
        """A new lease of `ttl` seconds, or more where etcd wants more."""

    @abstractmethod
    def revoke(self, lease: int) -> Header:
        """End a lease now, and delete its keys."""

    @abstractmethod
    def keep_alive(self, lease: int) -> LeaseKeepAlive:
        """Start a lease's time anew, once; its `ttl` is 0 where there is no such lease."""

    @abstractmethod
    def time_to_live(self, lease: int, keys: bool = False) -> LeaseTimeToLive:
        """What is left of a lease, with its keys if asked; `ttl` -1 where there is none."""

    @abstractmethod
    def leases(self) -> LeaseList:
        """All leases."""

    @abstractmethod
    def watch(self, request: Watch) -> Iterator[WatchReply]:
        """What happens to the keys of `request`, as it happens; close() ends it."""

    @abstractmethod
    def status(self) -> Status:
        """The status of the member at `endpoint`."""

    @abstractmethod
    def members(self) -> MemberList:
        """The cluster's members."""

    @abstractmethod
    def alarms(self) -> list[Alarm]:
        """The alarms that are raised."""

    @abstractmethod
    def disarm(self, alarm: Alarm) -> None:
        """Take an alarm back."""

    @abstractmethod
    def defragment(self) -> None:
        """Have the member at `endpoint` give its file's free pages back; it waits meanwhile."""

    @abstractmethod
    def authenticate(self, name: str, password: str) -> str:
        """A token for that user."""

    @abstractmethod
    def _send_token(self, token: str) -> None:
        """Send everything from now on with that token; with none if it is empty."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""
