"""--write-out=fields: one line per field, bytes quoted as in Go, zeros included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etcdlab.client import types
from etcdlab.errors import UnsupportedFormat
from etcdlab.etcdctl.errors import PANIC, CommandError
from etcdlab.etcdctl.printers.base import Health, Outcome, Printer
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import duration, quote

if TYPE_CHECKING:
    from etcdlab.client import admin

Field = tuple[str, object]


class FieldsPrinter(Printer):
    """Lines of "Name" : value; an empty line ends each of several records."""

    def reply(self, reply: types.Reply) -> bytes:
        """Format the reply of get, put, del or txn."""
        if isinstance(reply, types.RangeReply):
            kvs = [field for kv in reply.kvs for field in self._kv("", kv)]
            totals = [("More", reply.more), ("Count", reply.count)]
            return _lines(*self._header(reply.header), *kvs, *totals)
        if isinstance(reply, types.PutReply):
            before = self._kv("Prev", reply.prev_kv) if reply.prev_kv else []
            return _lines(*self._header(reply.header), *before)
        if isinstance(reply, types.DeleteReply):
            kvs = [field for kv in reply.prev_kvs for field in self._kv("Prev", kv)]
            return _lines(*self._header(reply.header), ("Deleted", reply.deleted), *kvs)
        outcome = _lines(*self._header(reply.header), ("Succeeded", reply.succeeded))
        return outcome + b"".join(map(self.reply, reply.responses))

    def watch(self, reply: types.WatchReply) -> bytes:
        """Format a watch reply."""
        fields = self._header(reply.header)
        for event in reply.events:
            fields.append(("Type", event.type))
            if event.prev_kv:
                fields += self._kv("Prev", event.prev_kv)
            fields += self._kv("", event.kv)
        return _lines(*fields)

    def grant(self, reply: types.LeaseGrant) -> bytes:
        """Format a new lease."""
        return _lines(
            *self._header(reply.header), ("ID", self._lease(reply.id)), ("TTL", reply.ttl)
        )

    def revoke(self, lease: int, header: types.Header) -> bytes:
        """Format a revoked lease."""
        return _lines(*self._header(header))

    def keep_alive(self, reply: types.LeaseKeepAlive) -> bytes:
        """Format a renewed lease."""
        return _lines(
            *self._header(reply.header), ("ID", self._lease(reply.id)), ("TTL", reply.ttl)
        )

    def time_to_live(self, reply: types.LeaseTimeToLive, keys: bool) -> bytes:
        """Format a lease's time to live; `keys` says whether its keys were requested."""
        times = [
            ("ID", self._lease(reply.id)),
            ("TTL", reply.ttl),
            ("GrantedTTL", reply.granted_ttl),
        ]
        return _lines(*self._header(reply.header), *times, *(("Key", key) for key in reply.keys))

    def leases(self, reply: types.LeaseList) -> bytes:
        """Format the list of leases."""
        return _lines(
            *self._header(reply.header), *(("ID", self._lease(lease)) for lease in reply.ids)
        )

    def members(self, reply: types.MemberList) -> bytes:
        """Format the members."""
        lines = [_lines(*self._header(reply.header))]
        for member in reply.members:
            fields: list[Field] = [("ID", self._id(member.id)), ("Name", member.name.encode())]
            fields += [("PeerURL", url.encode()) for url in member.peer_urls]
            fields += [("ClientURL", url.encode()) for url in member.client_urls]
            lines.append(_lines(*fields, ("IsLearner", member.is_learner)) + b"\n")
        return b"".join(lines)

    def outcome(self, outcome: Outcome) -> bytes:
        """Format the reply to a request of administration."""
        if outcome.fields is None:
            raise UnsupportedFormat("fields not supported as output format")
        return _lines(*self._header(outcome.header), *outcome.fields)

    def membership(self, text: str, reply: admin.Membership) -> bytes:
        """Refuse, as etcdctl does."""
        raise UnsupportedFormat("fields not supported as output format")

    def hashes(self, hashes: list[tuple[str, admin.HashKV]]) -> bytes:
        """Format the hash of each endpoint."""
        lines = []
        for endpoint, each in hashes:
            fields: list[Field] = [("Endpoint", endpoint.encode()), ("Hash", each.hash)]
            if self._release >= Release.V3_6:
                fields.append(("HashRevision", each.hash_revision))
            lines.append(_lines(*self._header(each.header), *fields) + b"\n")
        return b"".join(lines)

    def alarms(self, reply: admin.Alarms) -> bytes:
        """Format alarms."""
        if reply.header == types.Header() and self._release < Release.V3_7:
            raise CommandError(PANIC, "etcdctl panics, since the reply has no header")
        lines = [_lines(*self._header(reply.header))]
        for alarm in reply.alarms:
            fields = [("MemberID", self._id(alarm.member_id)), ("AlarmType", alarm.name)]
            lines.append(_lines(*fields) + b"\n")
        return b"".join(lines)

    def statuses(self, statuses: list[tuple[str, types.Status]]) -> bytes:
        """Format the status of each endpoint."""
        return b"".join(self._status(*each) + b"\n" for each in statuses)

    def health(self, checks: list[Health]) -> bytes:
        """Format the health of each endpoint."""
        return b"".join(
            _lines(
                ("Endpoint", check.endpoint.encode()),
                ("Health", not check.error),
                ("Took", duration(check.seconds)),
                ("Error", check.error),
            )
            + b"\n"
            for check in checks
        )

    def _header(self, header: types.Header) -> list[Field]:
        # Up to 3.5 with the revision of replies that have none, such as member list's.
        is_shown = header.revision > 0 or self._release < Release.V3_6
        return [
            ("ClusterID", self._id(header.cluster_id)),
            ("MemberID", self._id(header.member_id)),
            *([("Revision", header.revision)] if is_shown else []),
            ("RaftTerm", header.raft_term),
        ]

    def _kv(self, prefix: str, kv: types.KeyValue) -> list[Field]:
        return [
            (f"{prefix}Key", kv.key),
            (f"{prefix}CreateRevision", kv.create_revision),
            (f"{prefix}ModRevision", kv.mod_revision),
            (f"{prefix}Version", kv.version),
            (f"{prefix}Value", kv.value),
            (f"{prefix}Lease", self._lease(kv.lease)),
        ]

    def _id(self, number: int) -> object:
        """The ID of a cluster or a member, which --hex changes since 3.6."""
        return f"{number:x}" if self._has_hex_ids else number

    def _lease(self, number: int) -> object:
        """The ID of a lease, which --hex changes since 3.6."""
        return f"{number:016x}" if self._has_hex_ids else number

    @property
    def _has_hex_ids(self) -> bool:
        return self._hex and self._release >= Release.V3_6

    def _status(self, endpoint: str, status: types.Status) -> bytes:
        fields: list[Field] = [*self._header(status.header), ("Version", status.version.encode())]
        sizes: list[Field] = [("DBSize", status.db_size)]
        term: list[Field] = [("RaftTerm", status.raft_term)]
        downgrade: list[Field] = []
        if self._release >= Release.V3_6:
            fields.append(("StorageVersion", status.storage_version.encode()))
            sizes += [("DBSizeInUse", status.db_size_in_use), ("DBSizeQuota", status.db_size_quota)]
            term = []
            target = status.downgrade or types.Downgrade()
            downgrade = [
                ("DowngradeTargetVersion", target.target_version.encode()),
                ("DowngradeEnabled", target.enabled),
            ]
        return _lines(
            *fields,
            *sizes,
            ("Leader", status.leader),
            ("IsLearner", status.is_learner),
            ("RaftIndex", status.raft_index),
            *term,
            ("RaftAppliedIndex", status.raft_applied_index),
            ("Errors", f"[{' '.join(status.errors)}]"),
            ("Endpoint", endpoint.encode()),
            *downgrade,
        )


def _lines(*fields: Field) -> bytes:
    return b"".join(b'"%b" :%b\n' % (name.encode(), _value(value)) for name, value in fields)


def _value(value: object) -> bytes:
    """A field's value after a blank: bytes are quoted (%q in Go), as are names; strings are not."""
    if isinstance(value, list):
        return b"".join(b" " + quote(name.encode()) for name in value)
    if isinstance(value, bytes):
        return b" " + quote(value)
    return f" {str(value).lower() if isinstance(value, bool) else value}".encode()
