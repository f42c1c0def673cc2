"""Replies that a real etcd is not easily made to give: errors that pass by themselves, blanks and
field order of other builds, fields and alarms younger than the lab.

Errors are as in etcd's api/v3rpc/rpctypes/error.go and in runtime/errors.go of grpc-gateway v2,
which etcd has since 3.6; other tests run on real servers of these releases.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import grpc
import pytest
from etcd3.etcdrpc import rpc_pb2
from servers import GrpcStandIn, HttpStandIn

from etcdlab.client.admin import Alarms
from etcdlab.client.api import Client
from etcdlab.client.gateway import Gateway
from etcdlab.client.native import Native
from etcdlab.client.types import (
    Alarm,
    Delete,
    Downgrade,
    Event,
    Header,
    KeyValue,
    Member,
    Put,
    PutReply,
    Range,
    Status,
    Txn,
    Watch,
)
from etcdlab.errors import ConnectionLost, ServerError
from etcdlab.etcdctl.printers import printer

HEADER = {
    "cluster_id": "14841639068965178418",
    "member_id": "10276657743932975437",
    "revision": "7",
    "raft_term": "2",
}
READ_HEADER = Header(14841639068965178418, 10276657743932975437, 7, 2)
KV = {
    "key": "Zm9v", "create_revision": "2", "mod_revision": "7", "version": "3", "value": "YmFy",
    "lease": "7587894220398085899",
}  # fmt: skip
READ_KV = KeyValue(b"foo", b"bar", 2, 7, 3, 7587894220398085899)

# protojson varies its spaces on purpose; some day it may vary the order too.
Spelling = Callable[[Any], bytes]


def spaced(reply: Any) -> bytes:  # noqa: ANN401
    """Write JSON with a space after each comma and colon."""
    return json.dumps(reply).encode()


def compact(reply: Any) -> bytes:  # noqa: ANN401
    """Write JSON without spaces or escapes."""
    return json.dumps(reply, separators=(",", ":"), ensure_ascii=False).encode()


def turned(reply: Any) -> bytes:  # noqa: ANN401
    """Write JSON with the fields in another order, and unknown fields in every object."""

    def turn(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            fields = {} if is_a_union(value) else {"younger_field": {"a": ["1"]}, "z": "9"}
            return fields | {name: turn(field) for name, field in reversed(value.items())}
        return list(map(turn, value)) if isinstance(value, list) else value

    def is_a_union(value: dict[str, Any]) -> bool:
        """Return whether it holds one of several messages, as a transaction's response does."""
        return any(name.startswith("response_") for name in value)

    return json.dumps(turn(reply), separators=(", ", ":")).encode()


@pytest.fixture(params=[spaced, compact, turned], ids=lambda spelling: spelling.__name__)
def spelling(request: pytest.FixtureRequest) -> Spelling:
    found: Spelling = request.param
    return found


@pytest.fixture
def http() -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def gateway(http: HttpStandIn) -> Iterator[Gateway]:
    client = Gateway([http.url])
    yield client
    client.close()


@pytest.fixture
def rpc() -> Iterator[GrpcStandIn]:
    stand_in = GrpcStandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def native(rpc: GrpcStandIn) -> Iterator[Native]:
    client = Native([rpc.url])
    yield client
    client.close()


# error.go's codes and words; errors.go's HTTP statuses; and what the lab asks of each:
# is_passing, is_compacted, is_too_large, whether it has advice.
ERRORS = [
    (11, "400 Bad Request", "etcdserver: mvcc: required revision has been compacted", "compacted"),
    (11, "400 Bad Request", "etcdserver: mvcc: required revision is a future revision", ""),
    (5, "404 Not Found", "etcdserver: requested lease not found", "advice"),
    (9, "400 Bad Request", "etcdserver: lease already exists", ""),
    (8, "429 Too Many Requests", "etcdserver: mvcc: database space exceeded", "advice"),
    (8, "429 Too Many Requests", "etcdserver: too many requests", "passing"),
    (3, "400 Bad Request", "etcdserver: request is too large", "too large"),
    (3, "400 Bad Request", "etcdserver: too many operations in txn request", "too large"),
    (3, "400 Bad Request", "etcdserver: duplicate key given in txn request", ""),
    (3, "400 Bad Request", "etcdserver: user name is empty", "advice"),
    (3, "400 Bad Request", "etcdserver: authentication failed, invalid user ID or password", ""),
    (3, "400 Bad Request", "etcdserver: revision of auth store is old", ""),
    (7, "403 Forbidden", "etcdserver: permission denied", "advice"),
    (16, "401 Unauthorized", "etcdserver: invalid auth token", "advice"),
    (9, "400 Bad Request", "etcdserver: authentication is not enabled", ""),
    (14, "503 Service Unavailable", "etcdserver: no leader", "passing"),
    (14, "503 Service Unavailable", "etcdserver: leader changed", "passing"),
    (14, "503 Service Unavailable", "etcdserver: request timed out", "passing"),
    (4, "504 Gateway Timeout", "etcdserver: context deadline exceeded", "passing"),
    (15, "500 Internal Server Error", "etcdserver: corrupt cluster", ""),
    (9, "400 Bad Request", "etcdserver: rpc not supported for learner", ""),
    (1, "499 ", "etcdserver: request canceled", ""),
    (1, "499 ", "grpc: the client connection is closing", "passing"),
]
LARGER = "grpc: received message larger than max (2200042 vs. 2097152)"


def check_refusal(error: ServerError, code: int, message: str, kind: str) -> None:
    """Fail unless the lab classifies the error rightly."""
    assert (error.code, error.message) == (code, message)
    assert error.is_passing == (kind == "passing")
    assert error.is_compacted == (kind == "compacted")
    assert error.is_too_large == (kind == "too large")
    assert bool(error.advice) == (kind == "advice")


@pytest.mark.parametrize(
    ("code", "status", "message", "kind"),
    [*ERRORS, (8, "429 Too Many Requests", LARGER, "too large")],
)
def test_a_refusal_over_the_gateway(
    http: HttpStandIn,
    gateway: Gateway,
    spelling: Spelling,
    code: int,
    status: str,
    message: str,
    kind: str,
) -> None:
    """errors.go: {"code","message"}, without `error`; `details` is left out where it is empty,
    as serve.go asks (EmitUnpopulated: false)."""
    headers = ["Content-Type: application/json"]
    if code == 16:
        headers.append(f"WWW-Authenticate: {message}")
    http.answer(spelling({"code": code, "message": message}), status, headers)
    with pytest.raises(ServerError) as error:
        gateway.put_all([(b"foo", b"bar")])
    check_refusal(error.value, code, message, kind)


@pytest.mark.parametrize(("code", "status", "message", "kind"), ERRORS)
@pytest.mark.parametrize("call", ["watch", "keep_alive"])
def test_a_stream_that_is_refused_before_its_first_frame(
    http: HttpStandIn,
    gateway: Gateway,
    call: str,
    code: int,
    status: str,
    message: str,
    kind: str,
) -> None:
    """handler.go, handleForwardResponseStreamError: the status is the error's, and the error
    stands in an object of its own."""
    body = compact({"error": {"code": code, "message": message}}) + b"\n"
    http.answer(body, status)
    with pytest.raises(ServerError) as error:
        gateway.keep_alive(1) if call == "keep_alive" else next(iter(gateway.watch(Watch(b"k"))))
    check_refusal(error.value, code, message, kind)


def test_ranges(http: HttpStandIn, gateway: Gateway, spelling: Spelling) -> None:
    """rpc.proto, RangeResponse: names as in the file (serve.go: UseProtoNames), zeros left out."""
    http.answer(spelling({"header": HEADER, "kvs": [KV], "more": True, "count": "3"}))
    reply = gateway.range(b"foo", b"fop", limit=1)
    assert (reply.header, reply.kvs, reply.count, reply.more) == (READ_HEADER, [READ_KV], 3, True)
    page = gateway.ask_page(Range(b"foo", b"fop", limit=1), 1 << 20).decode()
    columns = (page.keys, page.values, page.mod_revisions, page.versions, page.leases)
    assert columns == ([b"foo"], [b"bar"], [7], [3], [7587894220398085899])
    assert (page.header, page.count, page.more) == (READ_HEADER, 3, True)

    http.answer(spelling({"header": HEADER}))
    assert gateway.range(b"foo").kvs == []
    assert gateway.ask_page(Range(b"foo"), 1 << 20).decode().count == 0


def test_puts_deletes_and_transactions(
    http: HttpStandIn, gateway: Gateway, spelling: Spelling
) -> None:
    """rpc.proto, TxnResponse and ResponseOp; a sub-response's header has but a revision."""
    small = {"revision": "7"}
    http.answer(spelling({"header": HEADER, "prev_kv": KV}))
    assert gateway.execute(Put(b"foo", prev_kv=True)) == PutReply(READ_HEADER, READ_KV)
    http.answer(spelling({"header": HEADER, "deleted": "1", "prev_kvs": [KV]}))
    assert gateway.delete(b"foo", prev_kv=True).prev_kvs == [READ_KV]
    http.answer(spelling({"header": HEADER}))
    assert gateway.delete(b"foo").deleted == 0

    responses = [
        {"response_range": {"header": small, "kvs": [KV], "count": "1"}},
        {"response_put": {"header": small}},
        {"response_delete_range": {"header": small}},
        {"response_txn": {"header": small, "responses": [{"response_put": {"header": small}}]}},
    ]
    http.answer(spelling({"header": HEADER, "succeeded": True, "responses": responses}))
    reply: Any = gateway.execute(Txn((), (Range(b"foo"), Put(b"a"), Delete(b"b")), ()))
    assert reply.succeeded and reply.responses[0].kvs == [READ_KV]
    assert [each.header.revision for each in reply.responses] == [7, 7, 7, 7]
    gateway.put_all([(b"foo", b"bar")])

    http.answer(spelling({"header": HEADER, "responses": responses[:1]}))
    reply = gateway.execute(Txn((), (), (Range(b"foo"),)))
    assert not reply.succeeded and reply.responses[0].count == 1


STATUS = {
    "header": HEADER, "version": "3.7.1", "dbSize": "20480", "leader": "10276657743932975437",
    "raftIndex": "9", "raftTerm": "2", "raftAppliedIndex": "9",
    "errors": ["memberID:10276657743932975437 alarm:NOSPACE "], "dbSizeInUse": "16384",
    "isLearner": True, "storageVersion": "3.7.0", "dbSizeQuota": "2147483648",
    "downgradeInfo": {"enabled": True, "targetVersion": "3.6.0"},
}  # fmt: skip
READ_STATUS = Status(
    READ_HEADER, "3.7.1", 20480, 16384, 10276657743932975437, 9, 2, 9, STATUS["errors"], True,
    "3.7.0", 2147483648, Downgrade(True, "3.6.0"),
)  # fmt: skip


def test_a_status(http: HttpStandIn, gateway: Gateway, spelling: Spelling) -> None:
    """rpc.proto, StatusResponse: storageVersion, dbSizeQuota and downgradeInfo are of 3.6
    (CHANGELOG-3.6.md, pulls 13773, 17877 and 19471). Without a downgrade the last one is an
    empty object, without a leader that is left out."""
    http.answer(spelling(STATUS))
    assert gateway.status() == READ_STATUS
    bare = {"header": HEADER, "version": "3.6.0", "downgradeInfo": {}}
    http.answer(spelling(bare))
    assert (gateway.status().leader, gateway.status().errors) == (0, [])


def test_members_and_alarms(http: HttpStandIn, gateway: Gateway, spelling: Spelling) -> None:
    """rpc.proto, Member: one that has not started has neither name nor client URLs. An alarm
    whose kind has no name yet is a number, as protojson writes it."""
    members = [
        {"ID": "1", "name": "é", "peerURLs": ["http://a:1"], "clientURLs": ["unix:///run/e"]},
        {"ID": "18446744073709551615", "peerURLs": ["http://b:1"], "isLearner": True},
    ]
    http.answer(spelling({"header": HEADER, "members": members}))
    assert gateway.members().members == [
        Member(1, "é", ["http://a:1"], ["unix:///run/e"], False),
        Member(2**64 - 1, "", ["http://b:1"], [], True),
    ]
    alarms = [{"memberID": "1", "alarm": "NOSPACE"}, {"memberID": "2", "alarm": 3}]
    http.answer(spelling({"header": HEADER, "alarms": alarms}))
    assert gateway.alarms() == [Alarm(1, "NOSPACE"), Alarm(2, "UNKNOWN")]
    gateway.disarm(Alarm(1, "NOSPACE"))


def frames(spelling: Spelling, *results: Any) -> bytes:  # noqa: ANN401
    return b"".join(spelling({"result": result}) + b"\n" for result in results)


def test_the_frames_of_a_watch(http: HttpStandIn, gateway: Gateway, spelling: Spelling) -> None:
    """rpc.proto, WatchResponse, and handler.go, ForwardResponseStream: an object to a line.
    A put's event has no `type`; `fragment` may be there."""
    deleted = {"key": "Zm9v", "mod_revision": "8"}
    events = [{"kv": KV}, {"type": "DELETE", "kv": deleted, "prev_kv": KV}]
    body = frames(
        spelling,
        {"header": HEADER, "watch_id": "1", "created": True},
        {"header": HEADER, "watch_id": "1", "fragment": True, "events": events},
        {"header": HEADER, "watch_id": "-1"},
    )
    http.answer(body)
    created, changes, progress = islice(gateway.watch(Watch(b"foo")), 3)
    assert created.created and not created.is_progress
    assert changes.events == [
        Event("PUT", READ_KV, None),
        Event("DELETE", KeyValue(b"foo", b"", 0, 8, 0, 0), READ_KV),
    ]
    assert progress.is_progress and progress.header == READ_HEADER


@pytest.mark.parametrize(
    ("frame", "compacted", "reason"),
    [
        ({"compact_revision": "5"}, 5, ""),
        ({"created": True, "watch_id": "-1", "cancel_reason": "etcdserver: permission denied"}, 0,
         "etcdserver: permission denied"),
        ({"created": True, "watch_id": "-1", "cancel_reason":
          "etcdserver: mvcc: required revision has been compacted"}, 0,
         "etcdserver: mvcc: required revision has been compacted"),
    ],
)  # fmt: skip
def test_a_watch_that_is_canceled(
    http: HttpStandIn,
    gateway: Gateway,
    spelling: Spelling,
    frame: dict[str, Any],
    compacted: int,
    reason: str,
) -> None:
    """watch.go: a compacted start has `compact_revision` and no reason; what is refused at once
    is `created` and `canceled` in one, with a reason."""
    http.answer(frames(spelling, {"header": HEADER, "canceled": True, **frame}))
    reply = next(iter(gateway.watch(Watch(b"foo", revision=3))))
    assert (reply.canceled, reply.compact_revision, reply.cancel_reason) == (
        True,
        compacted,
        reason,
    )


@pytest.mark.parametrize("name", ["simple", "json", "fields"])
def test_an_alarm_without_a_name_yet_is_printed(name: str) -> None:
    found = printer(name, is_hex=False).alarms(Alarms(READ_HEADER, [Alarm(1, "UNKNOWN")]))
    assert b"1" in found and (b"UNKNOWN" in found or name == "json")


def test_a_watch_that_breaks_off(http: HttpStandIn, gateway: Gateway, spelling: Spelling) -> None:
    """handler.go: after the first frame an error is a frame of its own, with `code` where v1 had
    `grpc_code`; a server that stops sends code 14."""
    created = frames(spelling, {"header": HEADER, "created": True})
    stopped = {"code": 14, "message": "etcdserver: server stopped"}
    http.answer(created + spelling({"error": stopped}) + b"\n")
    watch = iter(gateway.watch(Watch(b"foo")))
    assert next(watch).created
    with pytest.raises(ServerError, match="server stopped") as error:
        next(watch)
    assert error.value.is_passing
    http.answer(created)
    watch = iter(gateway.watch(Watch(b"foo")))
    assert next(watch).created
    with pytest.raises(ConnectionLost):
        next(watch)


@pytest.mark.parametrize(("code", "status", "message", "kind"), ERRORS)
def test_a_refusal_over_grpc(
    rpc: GrpcStandIn, native: Native, code: int, status: str, message: str, kind: str
) -> None:
    """error.go: the words and codes are those of 3.5."""
    (rpc_code,) = [each for each in grpc.StatusCode if each.value[0] == code]
    rpc.error = (rpc_code, message)
    with pytest.raises(ServerError) as error:
        native.put_all([(b"foo", b"bar")])
    check_refusal(error.value, code, message, kind)


# Fields that no etcd has yet: number 200, once as a number, once as bytes.
YOUNGER = b"\xc0\x0c\x07" + b"\xc2\x0c\x03new"


def varint_field(number: int, value: int) -> bytes:
    """Encode a field, numbered below 16, that holds a number."""
    octets = bytearray([number << 3])
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*octets, value])


def bytes_field(number: int, value: bytes) -> bytes:
    """Encode a field, numbered below 16, that holds a short text or message."""
    return bytes([number << 3 | 2, len(value)]) + value


RPC_HEADER = rpc_pb2.ResponseHeader(**{name: int(value) for name, value in HEADER.items()})


def test_a_status_over_grpc(rpc: GrpcStandIn, native: Native) -> None:
    """rpc.proto, StatusResponse: fields 7 to 10 are younger than the stubs, 11 to 13 are of 3.6
    (storageVersion, dbSizeQuota, downgradeInfo)."""
    old = rpc_pb2.StatusResponse(
        header=RPC_HEADER, version="3.7.1", dbSize=20480, leader=READ_STATUS.leader, raftIndex=9,
        raftTerm=2,
    ).SerializeToString()  # fmt: skip
    learner = varint_field(9, 16384) + varint_field(10, 1)
    errors = bytes_field(8, READ_STATUS.errors[0].encode())
    of_3_6 = bytes_field(11, b"3.7.0") + varint_field(12, 2147483648)
    of_3_6 += bytes_field(13, varint_field(1, 1) + bytes_field(2, b"3.6.0"))
    rpc.replies = [old + varint_field(7, 9) + errors + learner + of_3_6 + YOUNGER]
    assert native.status() == READ_STATUS


def test_unknown_fields_over_grpc(rpc: GrpcStandIn, native: Native) -> None:
    """rpc.proto: messages grow by fields, which a client that is older leaves alone."""
    kv = bytes_field(1, b"foo") + varint_field(3, 7) + varint_field(4, 3) + YOUNGER
    head = bytes_field(1, RPC_HEADER.SerializeToString() + YOUNGER)

    def reply(call: Callable[[Client], Any], *fields: bytes) -> Any:  # noqa: ANN401
        rpc.replies = [head + b"".join(fields) + YOUNGER]
        return call(native)

    found = reply(lambda client: client.range(b"foo"), bytes_field(2, kv), varint_field(4, 1))
    assert (found.header, found.kvs) == (READ_HEADER, [KeyValue(b"foo", b"", 0, 7, 3, 0)])
    page = reply(
        lambda client: client.ask_page(Range(b"foo"), 1 << 20), bytes_field(2, kv)
    ).decode()
    assert (page.keys, page.mod_revisions) == ([b"foo"], [7])
    assert reply(lambda client: client.grant(60), varint_field(2, 7), varint_field(3, 60)).id == 7
    assert reply(lambda client: client.keep_alive(7), varint_field(2, 7)).ttl == 0
    lease = varint_field(1, 7) + YOUNGER
    assert reply(lambda client: client.leases(), bytes_field(2, lease)).ids == [7]
    alarm = varint_field(1, 1) + varint_field(2, 3) + YOUNGER
    assert reply(lambda client: client.alarms(), bytes_field(2, alarm)) == [Alarm(1, "UNKNOWN")]
    member = varint_field(1, 1) + bytes_field(2, b"n") + varint_field(5, 1) + YOUNGER
    members = reply(lambda client: client.members(), bytes_field(2, member)).members
    assert members == [Member(1, "n", [], [], True)]
    reply(lambda client: client.put_all([(b"foo", b"bar")]), varint_field(2, 1))
    event = varint_field(1, 1) + bytes_field(2, kv) + YOUNGER
    watched = reply(
        lambda client: next(iter(client.watch(Watch(b"foo")))),
        varint_field(7, 1),
        bytes_field(11, event),
    )
    assert [each.type for each in watched.events] == ["DELETE"]
