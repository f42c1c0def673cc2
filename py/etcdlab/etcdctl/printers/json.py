"""--write-out=json: replies as Go's encoding/json writes them.

Bytes are base64 and integers are numbers; fields that are zero are left out
where etcd's Go types say omitempty, which the replies of leases do not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from etcdlab.client import types
from etcdlab.client.json_codec import base64
from etcdlab.etcdctl.printers.base import Health, Outcome, Printer
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import duration

if TYPE_CHECKING:
    from etcdlab.client import admin

Json = dict[str, Any]

# encoding/json keeps its output safe inside HTML.
_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_TO_HTML = str.maketrans(_HTML)


class JsonPrinter(Printer):
    """One line of JSON per reply."""

    def reply(self, reply: types.Reply) -> bytes:
        """Format the reply of get, put, del or txn."""
        return _line(_reply(reply))

    def watch(self, reply: types.WatchReply) -> bytes:
        """Format a watch reply."""
        # etcdctl prints zeros for a watch that is refused at once.
        is_refused = reply.header == types.Header()
        has_reason = self._release >= Release.V3_7
        events = list(map(_event, reply.events))
        return _line(
            {
                "Header": _header(reply.header),
                "Events": None if is_refused or (has_reason and not events) else events,
                "CompactRevision": reply.compact_revision,
                "Canceled": reply.canceled,
                "Created": reply.created,
            }
            | ({"CancelReason": "" if is_refused else reply.cancel_reason} if has_reason else {})
        )

    def grant(self, reply: types.LeaseGrant) -> bytes:
        """Format a new lease."""
        return _line(_header(reply.header) | {"ID": reply.id, "TTL": reply.ttl, "Error": ""})

    def revoke(self, lease: int, header: types.Header) -> bytes:
        """Format a revoked lease."""
        return _line({"header": _header(header)})

    def keep_alive(self, reply: types.LeaseKeepAlive) -> bytes:
        """Format a renewed lease."""
        return _line(_header(reply.header) | {"ID": reply.id, "TTL": reply.ttl})

    def time_to_live(self, reply: types.LeaseTimeToLive, keys: bool) -> bytes:
        """Format a lease's time to live; `keys` says whether its keys were requested."""
        return _line(
            _header(reply.header)
            | {"id": reply.id, "ttl": reply.ttl, "granted-ttl": reply.granted_ttl}
            | {"keys": [base64(key) for key in reply.keys] or None}
        )

    def leases(self, reply: types.LeaseList) -> bytes:
        """Format the list of leases."""
        return _line(_header(reply.header) | {"leases": [{"id": lease} for lease in reply.ids]})

    def members(self, reply: types.MemberList) -> bytes:
        """Format the members; with --hex, IDs are hexadecimal strings."""
        if self._hex:
            return _line(_hex_members(reply, self._release))
        members = [_member(member) for member in reply.members]
        return _line({"header": _header(reply.header)} | _without_zeros(members=members))

    def outcome(self, outcome: Outcome) -> bytes:
        """Format the reply to a request of administration."""
        return _line({"header": _header(outcome.header)} | _without_zeros(**outcome.json))

    def membership(self, text: str, reply: admin.Membership) -> bytes:
        """Format the members after a change; since 3.7 --hex changes IDs here too."""
        is_hex = self._hex and self._release >= Release.V3_7
        shown = _hex_member if is_hex else _member
        header = _hex_header(reply.header) if is_hex else _header(reply.header)
        added = {"member": shown(reply.added)} if reply.added else {}
        members = {"members": [shown(member) for member in reply.members]}
        return _line({"header": header} | added | (members if reply.members or is_hex else {}))

    def hashes(self, hashes: list[tuple[str, admin.HashKV]]) -> bytes:
        """Format the hash of each endpoint."""
        if not hashes:
            return _line(None)
        return _line(
            [
                {"Endpoint": endpoint, "HashKV": _hash(each, self._release)}
                for endpoint, each in hashes
            ]
        )

    def alarms(self, reply: admin.Alarms) -> bytes:
        """Format alarms; etcdctl writes their kinds as numbers."""
        numbers = {name: number for number, name in enumerate(types.ALARMS)}
        alarms = [
            _without_zeros(memberID=alarm.member_id, alarm=numbers.get(alarm.name))
            for alarm in reply.alarms
        ]
        return _line(_without_zeros(header=_header(reply.header), alarms=alarms))

    def statuses(self, statuses: list[tuple[str, types.Status]]) -> bytes:
        """Format the status of each endpoint."""
        if not statuses and self._release >= Release.V3_6:
            return _line(None)
        return _line(
            [
                {"Endpoint": endpoint, "Status": _status(status, self._release)}
                for endpoint, status in statuses
            ]
        )

    def health(self, checks: list[Health]) -> bytes:
        """Format the health of each endpoint."""
        return _line(
            [
                {
                    "endpoint": check.endpoint,
                    "health": not check.error,
                    "took": duration(check.seconds),
                }
                | _without_zeros(error=check.error)
                for check in checks
            ]
        )


def _line(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_TO_HTML).encode() + b"\n"


def _without_zeros(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value}


def _header(header: types.Header) -> Json:
    return _without_zeros(**header._asdict())


def _kv(kv: types.KeyValue) -> Json:
    return _without_zeros(
        key=base64(kv.key),
        create_revision=kv.create_revision,
        mod_revision=kv.mod_revision,
        version=kv.version,
        value=base64(kv.value),
        lease=kv.lease,
    )


def _reply(reply: types.Reply) -> Json:
    result: Json = {"header": _header(reply.header)}
    if isinstance(reply, types.RangeReply):
        kvs = [_kv(kv) for kv in reply.kvs]
        return result | _without_zeros(kvs=kvs, more=reply.more, count=reply.count)
    if isinstance(reply, types.PutReply):
        return result | ({"prev_kv": _kv(reply.prev_kv)} if reply.prev_kv else {})
    if isinstance(reply, types.DeleteReply):
        kvs = [_kv(kv) for kv in reply.prev_kvs]
        return result | _without_zeros(deleted=reply.deleted, prev_kvs=kvs)
    responses = [
        {"Response": {f"response_{types.KIND[type(each)]}": _reply(each)}}
        for each in reply.responses
    ]
    return result | _without_zeros(succeeded=reply.succeeded, responses=responses)


def _event(event: types.Event) -> Json:
    kind = {"type": 1} if event.type == "DELETE" else {}
    before = {"prev_kv": _kv(event.prev_kv)} if event.prev_kv else {}
    return kind | {"kv": _kv(event.kv)} | before


def _status(status: types.Status, release: Release) -> Json:
    fields = {"header": _header(status.header)} | _without_zeros(
        version=status.version,
        dbSize=status.db_size,
        leader=status.leader,
        raftIndex=status.raft_index,
        raftTerm=status.raft_term,
        raftAppliedIndex=status.raft_applied_index,
        errors=status.errors,
        dbSizeInUse=status.db_size_in_use,
        isLearner=status.is_learner,
    )
    if release < Release.V3_6:
        return fields
    fields |= _without_zeros(
        storageVersion=status.storage_version, dbSizeQuota=status.db_size_quota
    )
    if status.downgrade is None:
        return fields
    enabled, target = status.downgrade
    return fields | {"downgradeInfo": _without_zeros(enabled=enabled, targetVersion=target)}


def _hash(reply: admin.HashKV, release: Release) -> Json:
    revision = {"hash_revision": reply.hash_revision} if release >= Release.V3_6 else {}
    fields = {"hash": reply.hash, "compact_revision": reply.compact_revision} | revision
    return {"header": _header(reply.header)} | _without_zeros(**fields)


def _member(member: types.Member) -> Json:
    return _without_zeros(
        ID=member.id,
        name=member.name,
        peerURLs=member.peer_urls,
        clientURLs=member.client_urls,
        isLearner=member.is_learner,
    )


def _hex_header(header: types.Header) -> Json:
    ids = {"cluster_id": f"{header.cluster_id:x}", "member_id": f"{header.member_id:x}"}
    return ids | _without_zeros(revision=header.revision, raft_term=header.raft_term)


def _hex_members(reply: types.MemberList, release: Release) -> Json:
    header = _hex_header(reply.header)
    if release >= Release.V3_7:
        return {"header": header, "members": [_hex_member(member) for member in reply.members]}
    # Written by hand up to 3.6, with a slip in 3.5.
    client_urls = "clientURLs" if release >= Release.V3_6 else "clientURLS"
    old_members = [
        {
            "ID": f"{member.id:x}",
            "name": member.name,
            "peerURLs": member.peer_urls or None,
            client_urls: member.client_urls or None,
        }
        for member in reply.members
    ]
    return {"header": header} | _without_zeros(members=old_members)


def _hex_member(member: types.Member) -> Json:
    return {"ID": f"{member.id:x}"} | _without_zeros(
        name=member.name,
        peerURLs=member.peer_urls,
        clientURLs=member.client_urls,
        isLearner=member.is_learner,
    )
