"""Encode requests and decode replies as python-etcd3's generated messages.

Those are older than some of today's fields: a message keeps unknown fields, which are read
by their number.
https://github.com/etcd-io/etcd/blob/release-3.5/api/etcdserverpb/rpc.proto
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from etcd3.etcdrpc import kv_pb2, rpc_pb2
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from etcdlab.client import types

_Value = TypeVar("_Value")

Message = Any
"""A generated message: its module has no types."""


def encode(op: types.Op) -> Message:
    """Return the message of an operation's request."""
    if isinstance(op, types.Range):
        return rpc_pb2.RangeRequest(
            key=op.key,
            range_end=op.range_end,
            limit=op.limit,
            revision=op.revision,
            sort_order=op.sort_order,
            sort_target=op.sort_target,
            serializable=op.serializable,
            keys_only=op.keys_only,
            count_only=op.count_only,
            min_mod_revision=op.min_mod_revision,
            max_mod_revision=op.max_mod_revision,
            min_create_revision=op.min_create_revision,
            max_create_revision=op.max_create_revision,
        )
    if isinstance(op, types.Put):
        return rpc_pb2.PutRequest(
            key=op.key,
            value=op.value,
            lease=op.lease,
            prev_kv=op.prev_kv,
            ignore_value=op.ignore_value,
            ignore_lease=op.ignore_lease,
        )
    if isinstance(op, types.Delete):
        return rpc_pb2.DeleteRangeRequest(key=op.key, range_end=op.range_end, prev_kv=op.prev_kv)
    return rpc_pb2.TxnRequest(
        compare=[_compare(compare) for compare in op.compares],
        success=[_request(each) for each in op.success],
        failure=[_request(each) for each in op.failure],
    )


# LEASE is not in the stubs, nor is the compare's field 8, its operand.
_LEASE = 4


def _compare(compare: types.Compare) -> Message:
    if compare.target == "LEASE":
        message = rpc_pb2.Compare(target=_LEASE, key=compare.key, result=compare.result)
        message.MergeFromString(b"\x40" + _varint(cast(int, compare.operand) % 2**64))
        return message
    return rpc_pb2.Compare(
        target=compare.target,
        key=compare.key,
        result=compare.result,
        **{types.OPERAND[compare.target]: compare.operand},
    )


def _request(op: types.Op) -> Message:
    return rpc_pb2.RequestOp(**{f"request_{types.KIND[type(op)]}": encode(op)})


def encode_puts(items: Sequence[tuple[bytes, bytes]], lease: int) -> bytes:
    """Return the bytes of a transaction that puts all pairs of key and value.

    Built by hand, since a Python object to each put takes eight times as long:
    TxnRequest{success: RequestOp{request_put: PutRequest{key, value, lease}}}.
    https://protobuf.dev/programming-guides/encoding/
    """
    bound = b"\x18" + _varint(lease) if lease else b""
    parts: list[bytes] = []
    for key, value in items:
        head, middle = _put_frame(len(key), len(value), len(bound))
        parts += (head, key, middle, value, bound)
    return b"".join(parts)


@lru_cache(4096)
def _put_frame(key: int, value: int, bound: int) -> tuple[bytes, bytes]:
    """Return the bytes before the key and before the value of a put, by their lengths."""
    before_key, before_value = b"\x0a" + _varint(key), b"\x12" + _varint(value)
    put = len(before_key) + key + len(before_value) + value + bound
    request_put = b"\x12" + _varint(put)
    success = b"\x12" + _varint(len(request_put) + put)
    return success + request_put + before_key, before_value


def _varint(number: int) -> bytes:
    """Encode seven bits to a byte, lowest first, with the top bit set in all but the last."""
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def decode_succeeded(reply: bytes) -> bool:
    """Return whether a transaction's conditions held; DecodeError for a malformed reply."""
    return rpc_pb2.TxnResponse.FromString(reply).succeeded


def encode_watch(watch: types.Watch) -> Message:
    """Return the message of the request that creates a watch."""
    return rpc_pb2.WatchRequest(
        create_request=rpc_pb2.WatchCreateRequest(
            key=watch.key,
            range_end=watch.range_end,
            start_revision=watch.revision,
            prev_kv=watch.prev_kv,
            progress_notify=watch.progress_notify,
        )
    )


def decode(op: types.Op, reply: Message) -> types.Reply:
    """Decode the reply to an operation; DecodeError if a transaction's holds an empty one."""
    return _DECODE[types.KIND[type(op)]](reply)


def _range_reply(reply: Message) -> types.RangeReply:
    kvs = [_key_value(kv) for kv in reply.kvs]
    return types.RangeReply(decode_header(reply), kvs, reply.count, reply.more)


def _put_reply(reply: Message) -> types.PutReply:
    return types.PutReply(decode_header(reply), _optional_key_value(reply))


def _delete_reply(reply: Message) -> types.DeleteReply:
    kvs = [_key_value(kv) for kv in reply.prev_kvs]
    return types.DeleteReply(decode_header(reply), reply.deleted, kvs)


def _txn_reply(reply: Message) -> types.TxnReply:
    responses = []
    for response in reply.responses:
        name = response.WhichOneof("response")
        if name is None:
            raise DecodeError("no response")
        responses.append(_DECODE[name.removeprefix("response_")](getattr(response, name)))
    return types.TxnReply(decode_header(reply), reply.succeeded, responses)


_DECODE: dict[str, Callable[[Message], types.Reply]] = {
    "range": _range_reply,
    "put": _put_reply,
    "delete_range": _delete_reply,
    "txn": _txn_reply,
}


_COLUMNS = attrgetter("key", "value", "mod_revision", "version", "lease")


def decode_page(data: bytes) -> types.Page:
    """Decode the bytes of a RangeResponse into columns; DecodeError if malformed."""
    reply = rpc_pb2.RangeResponse.FromString(data)
    columns = map(list, zip(*map(_COLUMNS, reply.kvs), strict=True)) if reply.kvs else [[]] * 5
    return types.Page(decode_header(reply), *columns, reply.count, reply.more)


def decode_header(reply: Message) -> types.Header:
    """Decode a reply's header; all zeros if it has none."""
    header = reply.header
    return types.Header(header.cluster_id, header.member_id, header.revision, header.raft_term)


def _key_value(kv: Message) -> types.KeyValue:
    return types.KeyValue(
        kv.key, kv.value, kv.create_revision, kv.mod_revision, kv.version, kv.lease
    )


def _optional_key_value(holder: Message) -> types.KeyValue | None:
    return _key_value(holder.prev_kv) if holder.HasField("prev_kv") else None


def decode_watch(reply: Message) -> types.WatchReply:
    """Decode one message of a watch."""
    return types.WatchReply(
        decode_header(reply),
        events=[
            types.Event(
                "DELETE" if event.type == kv_pb2.Event.DELETE else "PUT",
                _key_value(event.kv),
                _optional_key_value(event),
            )
            for event in reply.events
        ],
        compact_revision=reply.compact_revision,
        created=reply.created,
        canceled=reply.canceled,
        cancel_reason=reply.cancel_reason,
    )


def decode_grant(reply: Message) -> types.LeaseGrant:
    """Decode the reply of LeaseGrant."""
    return types.LeaseGrant(decode_header(reply), reply.ID, reply.TTL)


def decode_keep_alive(reply: Message) -> types.LeaseKeepAlive:
    """Decode one message of LeaseKeepAlive."""
    return types.LeaseKeepAlive(decode_header(reply), reply.ID, reply.TTL)


def decode_time_to_live(reply: Message) -> types.LeaseTimeToLive:
    """Decode the reply of LeaseTimeToLive."""
    return types.LeaseTimeToLive(
        decode_header(reply), reply.ID, reply.TTL, reply.grantedTTL, list(reply.keys)
    )


# LeaseLeases is not in the stubs: its request is empty, its reply a header
# (field 1, as in every reply) and, in field 2, messages with an ID (field 1).
LeaseLeasesRequest = rpc_pb2.MemberListRequest
LeaseLeasesResponse = rpc_pb2.LeaseRevokeResponse


def decode_leases(reply: Message) -> types.LeaseList:
    """Decode a LeaseLeasesResponse; DecodeError if malformed."""
    leases = _unknown(reply, 2, bytes)
    ids = [rpc_pb2.LeaseRevokeRequest.FromString(each).ID for each in leases]
    return types.LeaseList(decode_header(reply), ids)


def decode_status(reply: Message) -> types.Status:
    """Decode the reply of Status."""
    return types.Status(
        decode_header(reply),
        version=reply.version,
        db_size=reply.dbSize,
        db_size_in_use=_unknown_number(reply, 9),
        leader=reply.leader,
        raft_index=reply.raftIndex,
        raft_term=reply.raftTerm,
        raft_applied_index=_unknown_number(reply, 7),
        errors=[error.decode("utf-8", "replace") for error in _unknown(reply, 8, bytes)],
        is_learner=bool(_unknown_number(reply, 10)),
        storage_version=_last_text(reply, 11),
        db_size_quota=_unknown_number(reply, 12),
        downgrade=_downgrade(reply),
    )


def _last_text(reply: Message, number: int) -> str:
    return [b"", *_unknown(reply, number, bytes)][-1].decode("utf-8", "replace")


def _downgrade(reply: Message) -> types.Downgrade | None:
    """Return field 13, a message of a switch (1) and a version (2), as a Member's first two."""
    found = _unknown(reply, 13, bytes)
    if not found:
        return None
    info = rpc_pb2.Member.FromString(found[-1])
    return types.Downgrade(bool(info.ID), info.name)


def encode_members(linearizable: bool) -> Message:
    """Return the message of the request for the members; its field 1 is not in the stubs."""
    message = rpc_pb2.MemberListRequest()
    message.MergeFromString(b"\x08\x01" if linearizable else b"")
    return message


def decode_members(reply: Message) -> types.MemberList:
    """Decode the reply of MemberList."""
    members = [
        types.Member(
            member.ID,
            member.name,
            list(member.peerURLs),
            list(member.clientURLs),
            bool(_unknown_number(member, 5)),
        )
        for member in reply.members
    ]
    return types.MemberList(decode_header(reply), members)


def decode_token(reply: Message) -> str:
    """Decode the reply of Authenticate; DecodeError for a token that no header can hold."""
    if not re.fullmatch("[!-~]+", reply.token):
        raise DecodeError("no token")
    return str(reply.token)


def _unknown(message: Message, number: int, kind: type[_Value]) -> list[_Value]:
    """Return the values of an unknown field that are of that type."""
    return [
        unknown.data
        for unknown in UnknownFieldSet(message)
        if unknown.field_number == number and isinstance(unknown.data, kind)
    ]


def _unknown_number(message: Message, number: int) -> int:
    """Return the last value of an unknown field, as protobuf does; 0 if it is absent."""
    return [0, *_unknown(message, number, int)][-1]
