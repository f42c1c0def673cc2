"""etcd's request and reply types, with its own field names; keys and values are bytes.

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
    """Keys of a range as columns: entry i of each list belongs to key i.

    `count` is the number of keys in the range, `more` says whether some are missing here.
    """

    header: Header
    keys: list[bytes]
    values: list[bytes]
    mod_revisions: list[int]
    versions: list[int]
    leases: list[int]
    count: int  # type: ignore[assignment]  # a tuple has a method of that name
    more: bool


SortOrder = Literal["NONE", "ASCEND", "DESCEND"]
SortTarget = Literal["KEY", "VERSION", "CREATE", "MOD", "VALUE"]


@dataclass(frozen=True)
class Range:
    """Read the keys in [key, range_end); Client.range explains the fields."""

    key: bytes
    range_end: bytes = b""
    limit: int = 0
    revision: int = 0
    sort_order: SortOrder = "NONE"
    sort_target: SortTarget = "KEY"
    serializable: bool = False
    keys_only: bool = False
    count_only: bool = False
    min_mod_revision: int = 0
    max_mod_revision: int = 0
    min_create_revision: int = 0
    max_create_revision: int = 0


@dataclass(frozen=True)
class Put:
    """Write one key."""

    key: bytes
    value: bytes = b""
    lease: int = 0
    prev_kv: bool = False
    ignore_value: bool = False
    ignore_lease: bool = False


@dataclass(frozen=True)
class Delete:
    """Delete the keys in [key, range_end), or `key` alone without an end."""

    key: bytes
    range_end: bytes = b""
    prev_kv: bool = False


CompareTarget = Literal["VERSION", "CREATE", "MOD", "VALUE", "LEASE"]
CompareResult = Literal["EQUAL", "GREATER", "LESS", "NOT_EQUAL"]


# As etcdctl txn writes a result.
OPERATOR: dict[CompareResult, str] = {
    "EQUAL": "=",
    "NOT_EQUAL": "!=",
    "GREATER": ">",
    "LESS": "<",
}


@dataclass(frozen=True)
class Compare:
    """A condition on one key: its value (bytes), or its version, a revision or its lease (int)."""

    target: CompareTarget
    key: bytes
    result: CompareResult
    operand: bytes | int


@dataclass(frozen=True)
class Txn:
    """Conditions, the operations to carry out if they hold, and those if not."""

    compares: tuple[Compare, ...]
    success: tuple[Op, ...]
    failure: tuple[Op, ...]


Op = Range | Put | Delete | Txn

# The operation in the names of etcd's fields: request_put, response_put.
KIND: dict[type, str] = {Range: "range", Put: "put", Delete: "delete_range", Txn: "txn"}
# The field of a compare's operand, by its target.
OPERAND: dict[CompareTarget, str] = {
    "VERSION": "version",
    "CREATE": "create_revision",
    "MOD": "mod_revision",
    "VALUE": "value",
    "LEASE": "lease",
}


@dataclass(frozen=True)
class RangeReply:
    """`count` is the number of keys in the range, `more` whether the limit left some out."""

    header: Header
    kvs: list[KeyValue]
    count: int
    more: bool

    @property
    def revision(self) -> int:
        """The store's revision when it answered."""
        return self.header.revision


@dataclass(frozen=True)
class PutReply:
    """`prev_kv` is what the put replaced, if that was asked for."""

    header: Header
    prev_kv: KeyValue | None = None


@dataclass(frozen=True)
class DeleteReply:
    """The number of keys deleted, and what they were, if that was asked for."""

    header: Header
    deleted: int
    prev_kvs: list[KeyValue] = field(default_factory=list)


@dataclass(frozen=True)
class TxnReply:
    """Whether the compares held, and the replies of the operations carried out."""

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
    """A lease and its renewed time to live in seconds; 0 if there is no such lease."""

    header: Header
    id: int
    ttl: int


@dataclass(frozen=True)
class LeaseTimeToLive:
    """A lease's remaining seconds (-1 if there is none), granted seconds, and keys."""

    header: Header
    id: int
    ttl: int
    granted_ttl: int
    keys: list[bytes]


@dataclass(frozen=True)
class LeaseList:
    """The IDs of all leases."""

    header: Header
    ids: list[int]


@dataclass(frozen=True)
class Watch:
    """The keys to watch, and the first revision of interest; 0 is from now on."""

    key: bytes
    range_end: bytes = b""
    revision: int = 0
    prev_kv: bool = False
    progress_notify: bool = False


class Event(NamedTuple):
    """A key that was written or deleted, and what was there before, if asked for."""

    type: Literal["PUT", "DELETE"]
    kv: KeyValue
    prev_kv: KeyValue | None


@dataclass(frozen=True)
class WatchReply:
    """Events, or news of the watch itself: created, canceled, progress."""

    header: Header
    events: list[Event] = field(default_factory=list)
    compact_revision: int = 0
    created: bool = False
    canceled: bool = False
    cancel_reason: str = ""

    @property
    def is_progress(self) -> bool:
        """Whether it says only that all events up to its revision were sent."""
        return not (self.events or self.created or self.canceled or self.compact_revision)


class Downgrade(NamedTuple):
    """Whether the cluster is on its way to an older minor version, and to which."""

    enabled: bool = False
    target_version: str = ""


@dataclass(frozen=True)
class Status:
    """A member's status: sizes in bytes, its leader's ID (0 if there is none), its log.

    The last three fields are etcd's since 3.6.
    """

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
    storage_version: str = ""
    db_size_quota: int = 0
    downgrade: Downgrade | None = None


@dataclass(frozen=True)
class Member:
    """A member; without a name if it was added but has not started yet."""

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


# By number; CORRUPT is not in python-etcd3's stubs.
ALARMS = ("NONE", "NOSPACE", "CORRUPT")


class Alarm(NamedTuple):
    """An alarm of a member: NOSPACE, CORRUPT or, younger than the lab, UNKNOWN."""

    member_id: int
    name: str
