"""The interface of the output formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from etcdlab.client import types
from etcdlab.errors import UnsupportedFormat
from etcdlab.etcdctl.release import NEWEST, Release

if TYPE_CHECKING:
    from etcdlab.client import admin


@dataclass(frozen=True)
class Health:
    """An endpoint (as typed), the duration of its check in seconds, and why it is unhealthy."""

    endpoint: str
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class Outcome:
    """The reply to a request of administration, in each format.

    `simple` are the lines of that format, `json` the fields after the header, `fields` those
    after it, None where etcdctl has no such format for the reply.
    """

    header: types.Header
    simple: Sequence[str]
    json: dict[str, object] = field(default_factory=dict)
    fields: tuple[tuple[str, object], ...] | None = ()


class Printer:
    """A format: each method returns the bytes for stdout.

    This base class stands for the formats that etcdctl refuses only after the request:
    its methods raise UnsupportedFormat.
    """

    def __init__(self, is_hex: bool, release: Release = NEWEST, name: str = "") -> None:
        self._hex = is_hex
        self._release = release
        self._name = name

    def _refuse(self) -> NoReturn:
        raise UnsupportedFormat(f"{self._name} not supported as output format")

    def reply(self, reply: types.Reply) -> bytes:
        """Format the reply of get, put, del or txn."""
        self._refuse()

    def watch(self, reply: types.WatchReply) -> bytes:
        """Format a watch reply."""
        self._refuse()

    def grant(self, reply: types.LeaseGrant) -> bytes:
        """Format a new lease."""
        self._refuse()

    def revoke(self, lease: int, header: types.Header) -> bytes:
        """Format a revoked lease."""
        self._refuse()

    def keep_alive(self, reply: types.LeaseKeepAlive) -> bytes:
        """Format a renewed lease."""
        self._refuse()

    def time_to_live(self, reply: types.LeaseTimeToLive, keys: bool) -> bytes:
        """Format a lease's time to live; `keys` says whether its keys were requested."""
        self._refuse()

    def leases(self, reply: types.LeaseList) -> bytes:
        """Format the list of leases."""
        self._refuse()

    def members(self, reply: types.MemberList) -> bytes:
        """Format the members."""
        self._refuse()

    def outcome(self, outcome: Outcome) -> bytes:
        """Format the reply to a request of administration."""
        self._refuse()

    def membership(self, text: str, reply: admin.Membership) -> bytes:
        """Format the members after a change, which `text` tells."""
        self._refuse()

    def hashes(self, hashes: list[tuple[str, admin.HashKV]]) -> bytes:
        """Format the hash of each endpoint, named as typed."""
        self._refuse()

    def alarms(self, reply: admin.Alarms) -> bytes:
        """Format alarms."""
        self._refuse()

    def statuses(self, statuses: list[tuple[str, types.Status]]) -> bytes:
        """Format the status of each endpoint, named as typed."""
        self._refuse()

    def health(self, checks: list[Health]) -> bytes:
        """Format the health of each endpoint."""
        self._refuse()
