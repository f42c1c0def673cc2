"""Replies that no etcd gives lead to a well-typed result or to one of the lab's errors."""

from __future__ import annotations

import copy
import json
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import grpc
import httptools
import pytest
import requests
from etcd3.etcdrpc import rpc_pb2
from hypothesis import example, given, settings
from hypothesis import strategies as st
from profiles import examples
from servers import GrpcStandIn, HttpStandIn, ResettingStandIn

from etcdlab.client import types as client_types
from etcdlab.client.api import Client
from etcdlab.client.gateway import Gateway
from etcdlab.client.http1 import _Reply
from etcdlab.client.native import Native
from etcdlab.client.types import Alarm, Put, Range, Txn, Watch
from etcdlab.errors import ConnectionLost, LabError, ServerError
from etcdlab.etcdctl.printers import printer

Json = Any
Call = Callable[[Client], object]

TXN = Txn((), (Put(b"k"),), ())
CALLS: dict[str, Call] = {
    "range": lambda client: client.range(b"k"),
    "page": lambda client: client.ask_page(Range(b"k", limit=9), 1 << 20).decode(),
    "put": lambda client: client.execute(Put(b"k", b"v", prev_kv=True)),
    "delete": lambda client: client.delete(b"k", prev_kv=True),
    "txn": lambda client: client.execute(TXN),
    "put_all": lambda client: client.put_all([(b"k", b"v")]),
    "compact": lambda client: client.compact(1),
    "grant": lambda client: client.grant(1),
    "keep_alive": lambda client: client.keep_alive(1),
    "time_to_live": lambda client: client.time_to_live(1, keys=True),
    "leases": lambda client: client.leases(),
    "status": lambda client: client.status(),
    "members": lambda client: client.members(),
    "alarms": lambda client: client.alarms(),
    "disarm": lambda client: client.disarm(Alarm(1, "NOSPACE")),
    "defragment": lambda client: client.defragment(),
    "authenticate": lambda client: client.authenticate("name", "password"),
    "watch": lambda client: list(islice(client.watch(Watch(b"k")), 3)),
}
HEADER = {"cluster_id": "14841639068965178418", "member_id": "1", "revision": "7", "raft_term": "2"}
KV = {
    "key": "aw==", "value": "dg==", "create_revision": "2", "mod_revision": "7", "version": "3",
    "lease": "7587869134242361354",
}  # fmt: skip
RANGE = {"header": HEADER, "kvs": [KV, KV], "more": True, "count": "3"}
PUT = {"header": HEADER, "prev_kv": KV}
DELETE = {"header": HEADER, "deleted": "1", "prev_kvs": [KV]}
LEASE = {"header": HEADER, "ID": "7", "TTL": "9", "grantedTTL": "10", "keys": ["aw=="]}
SHAPES: dict[str, Json] = {
    "range": RANGE,
    "page": RANGE,
    "put": PUT,
    "delete": DELETE,
    "txn": {
        "header": HEADER,
        "succeeded": True,
        "responses": [
            {"response_range": RANGE},
            {"response_put": PUT},
            {"response_delete_range": DELETE},
            {"response_txn": {"header": HEADER, "responses": [{"response_put": PUT}]}},
        ],
    },
    "put_all": {"header": HEADER, "succeeded": True, "responses": [{"response_put": PUT}]},
    "compact": {"header": HEADER},
    "grant": LEASE,
    "keep_alive": {"result": LEASE},
    "time_to_live": LEASE,
    "leases": {"header": HEADER, "leases": [{"ID": "7"}]},
    "status": {
        "header": HEADER, "version": "3.5.1", "dbSize": "20480", "leader": "1", "raftIndex": "9",
        "raftTerm": "2", "raftAppliedIndex": "9", "errors": ["NOSPACE"], "dbSizeInUse": "8192",
        "isLearner": True,
    },
    "members": {
        "header": HEADER,
        "members": [
            {"ID": "1", "name": "n", "peerURLs": ["http://a:1"], "clientURLs": ["http://a:2"],
             "isLearner": True}
        ],
    },
    "alarms": {"header": HEADER, "alarms": [{"memberID": "1", "alarm": "NOSPACE"}]},
    "disarm": {"header": HEADER},
    "defragment": {},
    "authenticate": {"header": HEADER, "token": "abc.7"},
    "watch": {
        "result": {
            "header": HEADER, "watch_id": "1", "created": True, "canceled": True,
            "compact_revision": "3", "cancel_reason": "why",
            "events": [{"type": "DELETE", "kv": KV, "prev_kv": KV}, {"kv": KV}],
        }
    },
}  # fmt: skip
REFUSALS: list[Json] = [
    {"error": "no", "message": "no", "code": 3},
    {"code": 3, "message": "no", "details": []},
    {"error": {"grpc_code": 3, "http_code": 400, "message": "no", "http_status": "Bad Request"}},
]

# Values that are put in the place of others.
ODD = st.sampled_from(
    ["", "x", "-1", "1.5", "1,2", "null", "[]", "9" * 25, "9" * 5000, "Y", "Y!Q==", "é", "\ud800",
     "a\nb", 0, 1, -1, 1.5, 2**64, 10**400, -(2**70), True, False, None, [], {}, [None], [1], ["x"],
     [{}], {"": 1}, [[[[]]]]]
)  # fmt: skip
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(shape: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each value in a shape, the shape's own included."""
    yield path
    steps: Iterable[tuple[Any, Json]] = ()
    if isinstance(shape, dict | list):
        steps = shape.items() if isinstance(shape, dict) else enumerate(shape)
    for step, value in steps:
        yield from places(value, (*path, step))


def replaced(shape: Json, path: tuple[Any, ...], value: Json) -> Json:
    """Return the shape with another value at that path."""
    if not path:
        return value
    result = holder = copy.deepcopy(shape)
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return result


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A call's name, and a reply to it with other values in up to two places."""
    name = draw(st.sampled_from(sorted(SHAPES)))
    shape = draw(st.sampled_from([SHAPES[name], *REFUSALS]))
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from(list(places(shape))))
        shape = replaced(shape, path, draw(ODD | ANY_JSON))
    body = json.dumps(shape).encode()
    if draw(st.booleans()):
        body = mutated(body, *draw(MUTATION))
    return name, body


MUTATION = st.tuples(st.integers(0, 1 << 30), st.integers(0, 3), st.binary(max_size=4))


def mutated(data: bytes, place: int, cut: int, put: bytes) -> bytes:
    """Return the data with `cut` bytes at `place` replaced by others."""
    place %= len(data) + 1
    return data[:place] + put + data[place + cut :]


def check(value: object, hint: Any) -> None:  # noqa: ANN401
    """Fail unless the value, and each value inside, has its annotated type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (hint,) = [each for each in arguments if isinstance(value, get_origin(each) or each)]
        return check(value, hint)
    if origin is Literal:
        assert value in arguments
    elif origin is list:
        assert type(value) is list
        for each in value:
            check(each, arguments[0])
    else:
        assert type(value) is hint, f"{value!r} is no {hint}"
        if is_dataclass(value) or hasattr(value, "_fields"):
            names = getattr(value, "_fields", None) or [field.name for field in fields(value)]
            hints = get_type_hints(type(value), vars(client_types))
            for name in names:
                check(getattr(value, name), hints[name])
    return None


PRINTED: dict[str, Callable[[Any, Any], bytes]] = {
    **dict.fromkeys(("range", "put", "delete", "txn"), lambda p, reply: p.reply(reply)),
    "grant": lambda p, reply: p.grant(reply),
    "keep_alive": lambda p, reply: p.keep_alive(reply),
    "time_to_live": lambda p, reply: p.time_to_live(reply, True),
    "leases": lambda p, reply: p.leases(reply),
    "members": lambda p, reply: p.members(reply),
    "status": lambda p, reply: p.statuses([("here", reply)]),
    "watch": lambda p, replies: b"".join(map(p.watch, replies)),
}


def make(name: str, client: Client) -> None:
    """Make the call, which returns what its type says, and it can be printed; or a LabError."""
    try:
        reply = CALLS[name](client)
    except ServerError as error:
        # What the lab reads of an error.
        assert isinstance(error.message, str) and type(error.code) is int
        assert {error.is_passing, error.is_compacted, error.is_too_large} <= {True, False}
        assert isinstance(error.advice, str)
        return
    except LabError:
        return
    if isinstance(reply, list):
        for each in reply:
            check(each, type(each))
    elif reply is not None:
        check(reply, type(reply))
    for output in ("simple", "json", "fields"):
        if name in PRINTED:
            assert isinstance(PRINTED[name](printer(output, False), reply), bytes)


@pytest.fixture(scope="module")
def http() -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn()
    yield stand_in
    stand_in.close()


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_the_shapes_themselves_are_understood(http: HttpStandIn, name: str) -> None:
    http.answer(json.dumps(SHAPES[name]).encode() + b"\n")
    client = Gateway([http.url])
    if name == "watch":
        assert next(iter(client.watch(Watch(b"k")))).cancel_reason == "why"
    else:
        CALLS[name](client)
    client.close()


NESTED = b'{"header":{},"responses":[{"response_txn":' * 250 + b'{"header":{}}' + b"}]}" * 250


@settings(max_examples=examples(300))
@given(damaged(), st.sampled_from(["200 OK", "400 Bad Request", "503 Service Unavailable"]))
@example(("txn", NESTED), "200 OK")
@example(("txn", b'{"header":{},"responses":[{}]}'), "200 OK")
@example(("txn", b'{"header":{},"responses":[{"response_x":{}}]}'), "200 OK")
@example(("range", b"[" * 5000), "200 OK")
@example(("range", b'{"header":{"revision":1e300}}'), "200 OK")
@example(
    ("page", b'{"header":{},"kvs":[{"key":"aw==","mod_revision":"1,2","version":"3"}]}'), "200 OK"
)
@example(
    ("page", b'{"header":{},"kvs":[{"key":"aw==","mod_revision":"1","version":"[]"}]}'), "200 OK"
)
@example(("status", b'{"header":{},"version":3}'), "200 OK")
@example(("members", b'{"header":{},"members":[{"ID":"1","name":5,"peerURLs":6}]}'), "200 OK")
@example(("alarms", b'{"alarms":[{"memberID":"1","alarm":7}]}'), "200 OK")
@example(("watch", b'{"error":{"message":5}}'), "200 OK")
@example(("watch", b'{"error":5}'), "200 OK")
@example(("watch", b'{"result":{"header":{},"events":[{"type":["x"],"kv":{"key":""}}]}}'), "200 OK")
@example(("put_all", b'{"succeeded":"no"}'), "200 OK")
@example(("authenticate", b'{"token":"a\\nb"}'), "200 OK")
def test_any_json(http: HttpStandIn, reply: tuple[str, bytes], status: str) -> None:
    name, body = reply
    http.answer(body, status)
    client = Gateway([http.url], timeout=5)
    make(name, client)
    client.close()


def test_a_transaction_counts_as_carried_out_only_when_etcd_says_so(http: HttpStandIn) -> None:
    client = Gateway([http.url])
    for said in (b"{}", b'{"succeeded":"false"}', b'{"succeeded":1}'):
        http.answer(said)
        with pytest.raises(ServerError, match="not carried out"):
            client.put_all([(b"k", b"v")])
    client.close()


SAMPLES = [
    b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"header":{}}',
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'7\r\n{"heade\r\n6\r\nr":{}}\r\n0\r\n\r\n',
    b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 301 Moved\r\nLocation: \xff\xfe\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 503 Busy\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\n{}",
    b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest \xff\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff=;;=\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00",  # HTTP/2
    b"\x15\x03\x01\x00\x02\x02\x16",  # TLS
]
ANY_HTTP = st.binary(max_size=60) | st.builds(
    lambda sample, mutation: mutated(sample, *mutation), st.sampled_from(SAMPLES), MUTATION
)


@settings(max_examples=examples(200))
@given(ANY_HTTP, st.sampled_from(["status", "watch", "keep_alive", "page"]))
@example(SAMPLES[2], "status")
@example(SAMPLES[2], "watch")
@example(SAMPLES[3], "status")
@example(SAMPLES[3], "watch")
@example(SAMPLES[5], "watch")
@example(SAMPLES[6], "watch")
@example(SAMPLES[8], "status")
def test_any_http(http: HttpStandIn, reply: bytes, name: str) -> None:
    http.replies[""] = reply
    client = Gateway([http.url], timeout=5)
    make(name, client)
    client.close()


def outcome(pieces: list[bytes]) -> object:
    """Return what the parser makes of these pieces and the end; None for an error."""
    reply = _Reply()
    try:
        for piece in pieces:
            if piece and not reply.complete:
                reply.feed(piece)
        if not reply.complete:
            reply.feed(b"")
    except (EOFError, httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    response = reply.response(requests.Request("POST", "http://x/").prepare())
    return response.status_code, response.content, dict(response.headers)


@settings(max_examples=examples(500))
@given(ANY_HTTP, st.lists(st.integers(0, 200), max_size=6))
@example(SAMPLES[11], [40])
@example(SAMPLES[9], [40])
def test_where_a_reply_is_cut_makes_no_difference(reply: bytes, cuts: list[int]) -> None:
    ends = [*sorted(cuts), len(reply)]
    pieces = [reply[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
    assert outcome(pieces) == outcome([reply])


MESSAGES = {
    "range": rpc_pb2.RangeResponse(kvs=[{"key": b"k", "mod_revision": 7, "version": 1}], count=1),
    "put": rpc_pb2.PutResponse(prev_kv={"key": b"k"}),
    "delete": rpc_pb2.DeleteRangeResponse(deleted=1, prev_kvs=[{"key": b"k"}]),
    "txn": rpc_pb2.TxnResponse(
        succeeded=True,
        responses=[
            rpc_pb2.ResponseOp(response_range={"count": 1}),
            rpc_pb2.ResponseOp(response_txn={"succeeded": True}),
        ],
    ),
    "status": rpc_pb2.StatusResponse(version="3.5.1", dbSize=20480, leader=1),
    "members": rpc_pb2.MemberListResponse(members=[{"ID": 1, "name": "n", "peerURLs": ["u"]}]),
    "alarms": rpc_pb2.AlarmResponse(alarms=[{"memberID": 1, "alarm": 1}]),
    "authenticate": rpc_pb2.AuthenticateResponse(token="abc.7"),
    "keep_alive": rpc_pb2.LeaseKeepAliveResponse(ID=1, TTL=9),
    "time_to_live": rpc_pb2.LeaseTimeToLiveResponse(ID=1, TTL=9, keys=[b"k"]),
    "watch": rpc_pb2.WatchResponse(created=True, events=[{"type": 1, "kv": {"key": b"k"}}]),
}
MESSAGES |= {"page": MESSAGES["range"], "put_all": MESSAGES["txn"]}
for message in MESSAGES.values():
    message.header.CopyFrom(rpc_pb2.ResponseHeader(revision=7, cluster_id=1 << 63))


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, bytes]:
    """A call's name, and a reply to it: any bytes, or a message with a few bytes changed."""
    name = draw(st.sampled_from(sorted(CALLS)))
    data = draw(st.binary(max_size=40))
    if name in MESSAGES and draw(st.booleans()):
        data = MESSAGES[name].SerializeToString() + draw(st.sampled_from([b"", data]))
        for _ in range(draw(st.integers(0, 2))):
            data = mutated(data, *draw(MUTATION))
    return name, data


@pytest.fixture(scope="module")
def grpc_stand_in() -> Iterator[GrpcStandIn]:
    stand_in = GrpcStandIn()
    yield stand_in
    stand_in.close()


@settings(max_examples=examples(300))
@given(messages(), st.integers(0, 1))
@example(("keep_alive", b""), 0)
@example(("page", b"\xff"), 1)
@example(("put_all", b"\xff"), 1)
@example(("txn", b"\x1a\x00"), 1)  # an empty response
@example(("leases", b"\x10\x01"), 1)  # a number for a lease
@example(("leases", b"\x12\x01\xff"), 1)
@example(("status", b"\x40\x01\x4a\x01x\x38\x01"), 1)  # a number for an error, text for a size
@example(("authenticate", b"\x12\x01\n"), 1)
def test_any_message(grpc_stand_in: GrpcStandIn, reply: tuple[str, bytes], count: int) -> None:
    name, data = reply
    # A second reply to a call with one would cost the client's whole timeout.
    grpc_stand_in.replies = [data] * count * (3 if name == "watch" else 1)
    client = clients[0] if clients else Native([grpc_stand_in.url], timeout=5)
    clients[:] = [client]
    make(name, client)


clients: list[Native] = []  # one for all examples, since a channel takes long to open


@pytest.fixture(scope="module", autouse=True)
def close_the_client() -> Iterator[None]:
    yield
    for client in clients:
        client.close()


def test_the_messages_themselves_are_understood(grpc_stand_in: GrpcStandIn) -> None:
    client = Native([grpc_stand_in.url], timeout=5)
    for name, message in MESSAGES.items():
        grpc_stand_in.replies = [message.SerializeToString()] * (3 if name == "watch" else 1)
        CALLS[name](client)
    assert grpc.StatusCode.UNKNOWN.value[0] == 2
    client.close()


def test_a_stream_that_is_reset_without_a_status_is_a_lost_connection() -> None:
    server = ResettingStandIn()
    with closing(Native([server.url])) as client:
        for request in (lambda: client.put_all([(b"k", b"v")]), lambda: client.range(b"k")):
            with pytest.raises(ConnectionLost):
                request()
    server.close()
