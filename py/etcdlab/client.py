"""What an etcd client can do, in bytes, however it travels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class KeyValue(NamedTuple):
    """One key with its value and versions, as etcd stores them."""

    key: bytes
    value: bytes
    create_revision: int
    mod_revision: int
    version: int
    lease: int


@dataclass(frozen=True)
class RangeReply:
    """What a range request returned.

    `revision` is the store's at the time; `count` is how many keys the range
    holds, beyond any limit; `more` is whether the limit left some out.
    """

    kvs: list[KeyValue]
    revision: int
    count: int
    more: bool


@dataclass(frozen=True)
class Status:
    """A member's own view: its version, its database's size, its leader's ID (0: none)."""

    version: str
    db_size: int
    leader: int


class Client(Protocol):
    """One connection to a cluster: not for several threads at a time.

    Every method raises Unreachable (nothing was sent), ConnectionLost (it may
    have been carried out) or ServerError (etcd refused).
    """

    endpoint: str
    """The one that was used last, or will be used next."""

    def put_all(self, items: Sequence[tuple[bytes, bytes]]) -> int:
        """Put all pairs in one transaction, or none; returns bytes sent, as a body."""
        ...

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
        ...

    def status(self) -> Status:
        """The status of the member at `endpoint`."""
        ...

    def next_endpoint(self) -> None:
        """Go on with another endpoint, where there are several."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
