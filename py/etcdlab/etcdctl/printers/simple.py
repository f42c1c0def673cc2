"""--write-out=simple, the default: raw keys and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from etcdlab.client import types
from etcdlab.etcdctl.printers.base import Health, Outcome, Printer
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import duration

if TYPE_CHECKING:
    from etcdlab.client import admin


class SimplePrinter(Printer):
    """Lines of keys and values; with --hex every byte is \\xNN."""

    value_only = False
    """Leave the keys out, as --print-value-only asks."""

    def reply(self, reply: types.Reply) -> bytes:
        """Format the reply of get, put, del or txn."""
        if isinstance(reply, types.RangeReply):
            return b"".join(map(self._kv, reply.kvs))
        if isinstance(reply, types.PutReply):
            return b"OK\n" + (self._kv(reply.prev_kv) if reply.prev_kv else b"")
        if isinstance(reply, types.DeleteReply):
            return b"%d\n" % reply.deleted + b"".join(map(self._kv, reply.prev_kvs))
        outcome = b"SUCCESS\n" if reply.succeeded else b"FAILURE\n"
        return outcome + b"".join(b"\n" + self.reply(response) for response in reply.responses)

    def _kv(self, kv: types.KeyValue) -> bytes:
        value = self._data(kv.value) + b"\n"
        return value if self.value_only else self._data(kv.key) + b"\n" + value

    def _data(self, data: bytes) -> bytes:
        return b"".join(b"\\x%02x" % byte for byte in data) if self._hex else data

    def watch(self, reply: types.WatchReply) -> bytes:
        """Format a watch reply: type, previous pair if requested, key and value."""
        return b"".join(
            event.type.encode()
            + b"\n"
            + (self._kv(event.prev_kv) if event.prev_kv else b"")
            + self._kv(event.kv)
            for event in reply.events
        )

    def grant(self, reply: types.LeaseGrant) -> bytes:
        """Format a new lease."""
        return b"lease %016x granted with TTL(%ds)\n" % (reply.id, reply.ttl)

    def revoke(self, lease: int, header: types.Header) -> bytes:
        """Format a revoked lease."""
        return b"lease %016x revoked\n" % lease

    def keep_alive(self, reply: types.LeaseKeepAlive) -> bytes:
        """Format a renewed lease."""
        return b"lease %016x keepalived with TTL(%d)\n" % (reply.id, reply.ttl)

    def expired(self, lease: int) -> bytes:
        """Format the end of keep-alive."""
        return b"lease %016x expired or revoked.\n" % lease

    def time_to_live(self, reply: types.LeaseTimeToLive, keys: bool) -> bytes:
        """Format a lease's time to live; `keys` says whether its keys were requested."""
        if reply.granted_ttl == 0 and reply.ttl == -1:
            return b"lease %016x already expired\n" % reply.id
        times = (reply.id, reply.granted_ttl, reply.ttl)
        text = b"lease %016x granted with TTL(%ds), remaining(%ds)" % times
        attached = b", attached keys([%b])" % b" ".join(reply.keys) if keys else b""
        return text + attached + b"\n"

    def leases(self, reply: types.LeaseList) -> bytes:
        """Format the list of leases."""
        lines = [b"found %d leases\n" % len(reply.ids)]
        return b"".join(lines + [b"%016x\n" % lease for lease in reply.ids])

    def members(self, reply: types.MemberList) -> bytes:
        """Format the members."""
        from etcdlab.etcdctl.printers.rows import member_row

        return _lines([member_row(member) for member in reply.members])

    def outcome(self, outcome: Outcome) -> bytes:
        """Format the reply to a request of administration."""
        return "".join(f"{line}\n" for line in outcome.simple).encode("utf-8", "surrogateescape")

    def membership(self, text: str, reply: admin.Membership) -> bytes:
        """Tell the change."""
        return f"{text}\n".encode()

    def hashes(self, hashes: list[tuple[str, admin.HashKV]]) -> bytes:
        """Format the hash of each endpoint."""
        from etcdlab.etcdctl.printers.rows import hash_row

        return _lines([hash_row(self._release, *each) for each in hashes])

    def alarms(self, reply: admin.Alarms) -> bytes:
        """Format alarms, a line each, with the blanks of Go's protobuf."""
        between, after = ("  ", "") if self._release >= Release.V3_7 else (" ", " ")
        lines = [
            f"memberID:{alarm.member_id}{between}alarm:{alarm.name}{after}\n"
            for alarm in reply.alarms
        ]
        return "".join(lines).encode()

    def statuses(self, statuses: list[tuple[str, types.Status]]) -> bytes:
        """Format the status of each endpoint."""
        from etcdlab.etcdctl.printers.rows import status_row

        return _lines([status_row(self._release, *each) for each in statuses])

    def health(self, checks: list[Health]) -> bytes:
        """Format the healthy endpoints; the command reports the others on stderr."""
        return "".join(
            f"{check.endpoint} is healthy: successfully committed proposal:"
            f" took = {duration(check.seconds)}\n"
            for check in checks
            if not check.error
        ).encode()


def _lines(rows: Sequence[tuple[str, ...]]) -> bytes:
    return "".join(", ".join(row) + "\n" for row in rows).encode()
