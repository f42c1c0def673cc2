"""Requests and replies survive both codecs, against protobuf's own bytes and JSON."""

from __future__ import annotations

from typing import Any

from etcd3.etcdrpc import rpc_pb2
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import examples

from etcdlab.client import admin_proto, json_codec, proto_codec
from etcdlab.client.types import (
    KIND,
    OPERAND,
    Alarm,
    Compare,
    Delete,
    DeleteReply,
    Event,
    Header,
    KeyValue,
    LeaseGrant,
    LeaseKeepAlive,
    LeaseTimeToLive,
    Member,
    MemberList,
    Op,
    Page,
    Put,
    PutReply,
    Range,
    RangeReply,
    Reply,
    Txn,
    TxnReply,
    Watch,
    WatchReply,
)

UNSIGNED = st.sampled_from([0, 1, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1)
SIGNED = st.sampled_from([0, -1, 2**53 + 1, 2**63 - 1, -(2**63)]) | st.integers(-(2**63), 2**63 - 1)
ABOVE_ZERO = st.integers(1, 2**63 - 1)
TEXT = st.text(max_size=9)
TEXTS = st.lists(TEXT, max_size=3)
BYTES = st.binary(max_size=9)
HEADERS = st.builds(Header, UNSIGNED, UNSIGNED, SIGNED, UNSIGNED)
KEYS = st.binary(min_size=1, max_size=9)
KEYS_VALUES = st.builds(KeyValue, KEYS, BYTES, ABOVE_ZERO, ABOVE_ZERO, ABOVE_ZERO, SIGNED)
MAYBE = st.none() | KEYS_VALUES


def lists(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, max_size=3)


FLAT: list[st.SearchStrategy[Reply]] = [
    st.builds(RangeReply, HEADERS, lists(KEYS_VALUES), SIGNED, st.booleans()),
    st.builds(PutReply, HEADERS, MAYBE),
    st.builds(DeleteReply, HEADERS, SIGNED, lists(KEYS_VALUES)),
]
REPLIES: st.SearchStrategy[Reply] = st.recursive(
    st.one_of(FLAT),
    lambda inner: st.builds(TxnReply, HEADERS, st.booleans(), lists(inner)),
    max_leaves=6,
)
PLAIN_OPS: st.SearchStrategy[Op] = st.one_of(
    st.builds(
        Range,
        BYTES,
        BYTES,
        SIGNED,
        SIGNED,
        st.sampled_from(["NONE", "ASCEND", "DESCEND"]),
        st.sampled_from(["KEY", "VERSION", "CREATE", "MOD", "VALUE"]),
    ),
    st.builds(Put, BYTES, BYTES, SIGNED, st.booleans(), st.booleans(), st.booleans()),
    st.builds(Delete, BYTES, BYTES, st.booleans()),
)
RESULTS = st.sampled_from(["EQUAL", "GREATER", "LESS", "NOT_EQUAL"])
COMPARES = st.builds(Compare, st.just("VALUE"), BYTES, RESULTS, BYTES) | st.builds(
    Compare, st.sampled_from(["VERSION", "CREATE", "MOD"]), BYTES, RESULTS, SIGNED
)
OPS = st.recursive(
    PLAIN_OPS,
    lambda inner: st.builds(Txn, *(lists(each).map(tuple) for each in (COMPARES, inner, inner))),
    max_leaves=6,
)


def header(of: Header) -> dict[str, int]:
    return of._asdict()


def key_value(of: KeyValue) -> dict[str, Any]:
    return of._asdict()


def message(reply: Reply) -> Any:  # noqa: ANN401
    """Return the reply as etcd's message."""
    if isinstance(reply, RangeReply):
        kvs = list(map(key_value, reply.kvs))
        return rpc_pb2.RangeResponse(
            header=header(reply.header), kvs=kvs, count=reply.count, more=reply.more
        )
    if isinstance(reply, PutReply):
        prev_kv = reply.prev_kv and key_value(reply.prev_kv)
        return rpc_pb2.PutResponse(header=header(reply.header), prev_kv=prev_kv)
    if isinstance(reply, DeleteReply):
        return rpc_pb2.DeleteRangeResponse(
            header=header(reply.header),
            deleted=reply.deleted,
            prev_kvs=list(map(key_value, reply.prev_kvs)),
        )
    responses = [
        rpc_pb2.ResponseOp(**{f"response_{KIND[type(each)]}": message(each)})
        for each in reply.responses
    ]
    return rpc_pb2.TxnResponse(
        header=header(reply.header), succeeded=reply.succeeded, responses=responses
    )


def as_json(message: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the message as etcd's gateway writes it."""
    return MessageToDict(message, preserving_proto_field_name=True)


def same_op(reply: Reply) -> Op:
    """Return an operation that has such a reply."""
    return {RangeReply: Range(b""), PutReply: Put(b""), DeleteReply: Delete(b"")}.get(
        type(reply), Txn((), (), ())
    )


@settings(max_examples=examples(200))
@given(REPLIES)
def test_replies(reply: Reply) -> None:
    assert proto_codec.decode(same_op(reply), message(reply)) == reply
    assert json_codec.decode(same_op(reply), as_json(message(reply))) == reply


@settings(max_examples=examples(200))
@given(FLAT[0])
def test_pages(reply: RangeReply) -> None:
    kvs = reply.kvs
    page = Page(
        reply.header,
        [kv.key for kv in kvs],
        [kv.value for kv in kvs],
        [kv.mod_revision for kv in kvs],
        [kv.version for kv in kvs],
        [kv.lease for kv in kvs],
        reply.count,
        reply.more,
    )
    assert proto_codec.decode_page(message(reply).SerializeToString()) == page
    assert json_codec.decode_page(as_json(message(reply))) == page


@settings(max_examples=examples(200))
@given(OPS)
def test_operations(op: Op) -> None:
    request = proto_codec.encode(op)
    assert ParseDict(json_codec.encode(op), type(request)()) == request
    if isinstance(op, Put):
        assert (request.key, request.value, request.lease) == (op.key, op.value, op.lease)
    if isinstance(op, Txn):
        operands = [
            getattr(each, OPERAND[op.compares[n].target]) for n, each in enumerate(request.compare)
        ]
        assert operands == [compare.operand for compare in op.compares]


@settings(max_examples=examples(100))
@given(st.builds(Watch, BYTES, BYTES, SIGNED, st.booleans(), st.booleans()))
def test_watches(watch: Watch) -> None:
    request = proto_codec.encode_watch(watch)
    assert ParseDict(json_codec.encode_watch(watch), rpc_pb2.WatchRequest()) == request
    assert request.create_request.start_revision == watch.revision


EVENTS = st.builds(Event, st.sampled_from(["PUT", "DELETE"]), KEYS_VALUES, MAYBE)


@settings(max_examples=examples(200))
@given(st.builds(WatchReply, HEADERS, lists(EVENTS), SIGNED, st.booleans(), st.booleans(), TEXT))
def test_frames_of_a_watch(reply: WatchReply) -> None:
    events = [
        {
            "type": event.type,
            "kv": key_value(event.kv),
            "prev_kv": event.prev_kv and key_value(event.prev_kv),
        }
        for event in reply.events
    ]
    sent = rpc_pb2.WatchResponse(
        header=header(reply.header),
        events=events,
        compact_revision=reply.compact_revision,
        created=reply.created,
        canceled=reply.canceled,
        cancel_reason=reply.cancel_reason,
    )
    assert proto_codec.decode_watch(sent) == reply
    assert json_codec.decode_watch(as_json(sent)) == reply


@settings(max_examples=examples(100))
@given(HEADERS, ABOVE_ZERO, SIGNED, SIGNED, lists(BYTES))
def test_leases(of: Header, lease: int, ttl: int, granted: int, keys: list[bytes]) -> None:
    fields = {"header": header(of), "ID": lease, "TTL": ttl}
    for name, expected in (("Grant", LeaseGrant), ("KeepAlive", LeaseKeepAlive)):
        sent = getattr(rpc_pb2, f"Lease{name}Response")(**fields)
        decode = {"Grant": "decode_grant", "KeepAlive": "decode_keep_alive"}[name]
        for wire, form in ((proto_codec, sent), (json_codec, as_json(sent))):
            assert getattr(wire, decode)(form) == expected(of, lease, ttl)
    sent = rpc_pb2.LeaseTimeToLiveResponse(**fields, grantedTTL=granted, keys=keys)
    reply = LeaseTimeToLive(of, lease, ttl, granted, keys)
    assert proto_codec.decode_time_to_live(sent) == reply
    assert json_codec.decode_time_to_live(as_json(sent)) == reply


MEMBERS = st.builds(Member, UNSIGNED, TEXT, TEXTS, TEXTS, st.just(False))


@settings(max_examples=examples(100))
@given(
    HEADERS, lists(MEMBERS), lists(st.builds(Alarm, UNSIGNED, st.sampled_from(["NONE", "NOSPACE"])))
)
def test_members_and_alarms(of: Header, members: list[Member], alarms: list[Alarm]) -> None:
    sent = rpc_pb2.MemberListResponse(
        header=header(of),
        members=[
            {
                "ID": each.id,
                "name": each.name,
                "peerURLs": each.peer_urls,
                "clientURLs": each.client_urls,
            }
            for each in members
        ],
    )
    assert proto_codec.decode_members(sent) == MemberList(of, members)
    assert json_codec.decode_members(as_json(sent)) == MemberList(of, members)
    sent = rpc_pb2.AlarmResponse(
        alarms=[{"memberID": each.member_id, "alarm": each.name} for each in alarms]
    )
    assert json_codec.decode_alarms(admin_proto.to_json(sent)) == alarms
    assert json_codec.decode_alarms(as_json(sent)) == alarms
