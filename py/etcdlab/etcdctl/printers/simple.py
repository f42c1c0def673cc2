"""--write-out=simple, the default: raw keys and values."""

from __future__ import annotations

from collections.abc import Sequence

from etcdlab.client import types
from etcdlab.etcdctl.printers.base import Health, Printer
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import duration, human_bytes


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
        rows = [
            (
                f"{member.id:x}",
                "started" if member.name else "unstarted",
                member.name,
                ",".join(member.peer_urls),
                ",".join(member.client_urls),
                str(member.is_learner).lower(),
            )
            for member in reply.members
        ]
        return _lines(rows)

    def statuses(self, statuses: list[tuple[str, types.Status]]) -> bytes:
        """Format the status of each endpoint."""
        return _lines([_status_row(self._release, *each) for each in statuses])

    def health(self, checks: list[Health]) -> bytes:
        """Format the healthy endpoints; the command reports the others on stderr."""
        return "".join(
            f"{check.endpoint} is healthy: successfully committed proposal:"
            f" took = {duration(check.seconds)}\n"
            for check in checks
            if not check.error
        ).encode()


def _status_row(release: Release, endpoint: str, status: types.Status) -> tuple[str, ...]:
    """The cells of an endpoint's status."""
    sizes: tuple[str, ...] = (human_bytes(status.db_size),)
    downgrade: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    if release >= Release.V3_6:
        free = 100 - status.db_size_in_use * 100 // (status.db_size or 1)
        sizes += (human_bytes(status.db_size_in_use), f"{free}%", human_bytes(status.db_size_quota))
        storage = (status.storage_version,)
        target = status.downgrade or types.Downgrade()
        downgrade = (target.target_version, str(target.enabled).lower())
    return (
        endpoint,
        f"{status.header.member_id:x}",
        status.version,
        *storage,
        *sizes,
        str(status.leader == status.header.member_id).lower(),
        str(status.is_learner).lower(),
        str(status.raft_term),
        str(status.raft_index),
        str(status.raft_applied_index),
        ", ".join(status.errors),
        *downgrade,
    )


def _lines(rows: Sequence[tuple[str, ...]]) -> bytes:
    return "".join(", ".join(row) + "\n" for row in rows).encode()
