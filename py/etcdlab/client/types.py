"""etcd's requests and replies, with its own field names; keys and values are bytes.

https://etcd.io/docs/v3.5/dev-guide/api_reference_v3/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple


class Header(NamedTuple):
    """Which member answered, and the store's revision when it did."""

    cluster_id: int = 0
    member_id: int = 0
    revision: int = 0
    raft_term: int = 0


class KeyValue(NamedTuple):
    """One key with its value and versions, as etcd stores them."""

    key: bytes
    value: bytes
    create_revision: int
    mod_revision: int
    version: int
    lease: int


class Page(NamedTuple):
    """Some of a range's keys, field by field: entry i of each list belongs to key i.

    `count` is the number of keys in the range, `more` whether some of them are not here.
    """

    header: Header
    keys: list[bytes]
    values: list[bytes]
    mod_revisions: list[int]
    versions: list[int]
    leases: list[int]
    count: int
    more: bool


SortOrder = Literal["NONE", "ASCEND", "DESCEND"]
SortTarget = Literal["KEY", "VERSION", "CREATE", "MOD", "VALUE"]


@dataclass(frozen=True)
class Range:
    """Read the keys in [key, range_end); see Client.range."""

    key: bytes
    range_end: bytes = b""
    limit: int = 0
    revision: int = 0
    sort_order: SortOrder = "NONE"
    sort_target: SortTarget = "KEY"
    serializable: bool = False
    keys_only: bool = False
    count_only: bool = False


@dataclass(frozen=True)
class Put:
    """Write one key; see Client.put."""

    key: bytes
    value: bytes = b""
    lease: int = 0
    prev_kv: bool = False
    ignore_value: bool = False
    ignore_lease: bool = False


@dataclass(frozen=True)
class Delete:
    """Delete the keys in [key, range_end); see Client.delete."""

    key: bytes
    range_end: bytes = b""
    prev_kv: bool = False


CompareTarget = Literal["VERSION", "CREATE", "MOD", "VALUE"]
CompareResult = Literal["EQUAL", "GREATER", "LESS", "NOT_EQUAL"]


# How etcdctl txn writes a result.
OPERATOR: dict[CompareResult, str] = {
    "EQUAL": "=",
    "NOT_EQUAL": "!=",
    "GREATER": ">",
    "LESS": "<",
}


@dataclass(frozen=True)
class Compare:
    """A condition on one key: its value (bytes), or its version or a revision (int)."""

    target: CompareTarget
    key: bytes
    result: CompareResult
    operand: bytes | int


@dataclass(frozen=True)
class Txn:
    """Conditions, and what to do if they hold and if not."""

    compares: tuple[Compare, ...]
    success: tuple[Op, ...]
    failure: tuple[Op, ...]


Op = Range | Put | Delete | Txn

# What etcd calls an operation in the names of its fields: request_put, response_put.
KIND: dict[type, str] = {Range: "range", Put: "put", Delete: "delete_range", Txn: "txn"}
# The field that holds what a compare compares with, by its target.
OPERAND: dict[CompareTarget, str] = {
    "VERSION": "version",
    "CREATE": "create_revision",
    "MOD": "mod_revision",
    "VALUE": "value",
}


@dataclass(frozen=True)
class RangeReply:
    """`count` is how many keys the range holds, beyond any limit.

    `more` is whether the limit left some out.
    """

    header: Header
    kvs: list[KeyValue]
    count: int
    more: bool

    @property
    def revision(self) -> int:
        """The store's revision at the time."""
        return self.header.revision


@dataclass(frozen=True)
class PutReply:
    """`prev_kv` is what was there, where that was asked for."""

    header: Header
    prev_kv: KeyValue | None = None


@dataclass(frozen=True)
class DeleteReply:
    """How many keys are gone, and which, where that was asked for."""

    header: Header
    deleted: int
    prev_kvs: list[KeyValue] = field(default_factory=list)


@dataclass(frozen=True)
class TxnReply:
    """Whether the compares held, and the replies of the operations then carried out."""

    header: Header
    succeeded: bool
    responses: list[Reply]


Reply = RangeReply | PutReply | DeleteReply | TxnReply
KIND |= {RangeReply: "range", PutReply: "put", DeleteReply: "delete_range", TxnReply: "txn"}


@dataclass(frozen=True)
class LeaseGrant:
    """A new lease and its time to live in seconds."""

    header: Header
    id: int
    ttl: int


@dataclass(frozen=True)
class LeaseKeepAlive:
    """A lease and the seconds it has again; 0 where there is no such lease."""

    header: Header
    id: int
    ttl: int


@dataclass(frozen=True)
class LeaseTimeToLive:
    """A lease's seconds left (-1: no such lease), seconds granted, and keys."""

    header: Header
    id: int
    ttl: int
    granted_ttl: int
    keys: list[bytes]


@dataclass(frozen=True)
class LeaseList:
    """The leases there are."""

    header: Header
    ids: list[int]


@dataclass(frozen=True)
class Watch:
    """Which keys to watch, from which revision on; 0 is from now on."""

    key: bytes
    range_end: bytes = b""
    revision: int = 0
    prev_kv: bool = False
    progress_notify: bool = False


class Event(NamedTuple):
    """A key that was written or deleted, and what was there before if asked for."""

    type: Literal["PUT", "DELETE"]
    kv: KeyValue
    prev_kv: KeyValue | None


@dataclass(frozen=True)
class WatchReply:
    """Events, or news of the watch itself."""

    header: Header
    events: list[Event] = field(default_factory=list)
    compact_revision: int = 0
    created: bool = False
    canceled: bool = False
    cancel_reason: str = ""

    @property
    def is_progress(self) -> bool:
        """Whether it says no more than that all events up to its revision were sent."""
        return not (self.events or self.created or self.canceled or self.compact_revision)


@dataclass(frozen=True)
class Status:
    """A member's own view: sizes in bytes, its leader's ID (0: none), its log."""

    header: Header
    version: str
    db_size: int
    db_size_in_use: int
    leader: int
    raft_index: int
    raft_term: int
    raft_applied_index: int
    errors: list[str]
    is_learner: bool


@dataclass(frozen=True)
class Member:
    """A member; one without a name has been added, but not yet started."""

    id: int
    name: str
    peer_urls: list[str]
    client_urls: list[str]
    is_learner: bool


@dataclass(frozen=True)
class MemberList:
    """The members of a cluster."""

    header: Header
    members: list[Member]


class Alarm(NamedTuple):
    """What is wrong with a member: NOSPACE or CORRUPT."""

    member_id: int
    name: str
