"""What every output format prints; this one prints none of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from etcdlab.client.types import (
    Header,
    LeaseGrant,
    LeaseKeepAlive,
    LeaseList,
    LeaseTimeToLive,
    MemberList,
    Reply,
    Status,
    WatchReply,
)
from etcdlab.errors import UnsupportedFormat


@dataclass(frozen=True)
class Health:
    """Whether an endpoint (as it was typed) takes proposals; why not; after how many seconds."""

    endpoint: str
    seconds: float
    error: str = ""


class Printer:
    """A format: each method returns what goes to stdout for a reply, as bytes.

    etcdctl has formats that it refuses only after the request was carried out;
    this one stands for those.
    """

    def __init__(self, is_hex: bool, name: str = "") -> None:
        self._hex = is_hex
        self._name = name

    def _refuse(self) -> NoReturn:
        raise UnsupportedFormat(f"{self._name} not supported as output format")

    def reply(self, reply: Reply) -> bytes:
        """The reply of a get, a put, a del or a txn."""
        self._refuse()

    def watch(self, reply: WatchReply) -> bytes:
        """What a watch got."""
        self._refuse()

    def grant(self, reply: LeaseGrant) -> bytes:
        """A new lease."""
        self._refuse()

    def revoke(self, lease: int, header: Header) -> bytes:
        """A lease that was ended."""
        self._refuse()

    def keep_alive(self, reply: LeaseKeepAlive) -> bytes:
        """A lease whose time starts anew."""
        self._refuse()

    def time_to_live(self, reply: LeaseTimeToLive, keys: bool) -> bytes:
        """What is left of a lease; `keys` is whether its keys were asked for."""
        self._refuse()

    def leases(self, reply: LeaseList) -> bytes:
        """All leases."""
        self._refuse()

    def members(self, reply: MemberList) -> bytes:
        """The members of the cluster."""
        self._refuse()

    def statuses(self, statuses: list[tuple[str, Status]]) -> bytes:
        """The status of each endpoint, which is named as it was typed."""
        self._refuse()

    def health(self, checks: list[Health]) -> bytes:
        """The health of each endpoint."""
        self._refuse()
