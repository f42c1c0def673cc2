"""etcd 3.6 and 3.7, as far as upstream's source and change logs show what is different there.

No such etcd runs in these tests. The shapes are recorded from etcd's main branch of August
2026: server/embed/serve.go (grpc-gateway 2 with the names of the .proto, zero left out),
api/etcdserverpb/rpc.proto (fields marked 3.6 and later) and api/v3rpc/rpctypes/error.go; in
CHANGELOG-3.6.md "Upgrade grpc-gateway from v1 to v2". They are served over real sockets to
the lab's own clients.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

import grpc
import pytest
from etcd3.etcdrpc import rpc_pb2
from stand_ins import GrpcStandIn, HttpStandIn

from etcdlab.errors import ServerError
from etcdlab.gateway import Gateway
from etcdlab.login import Login
from etcdlab.native import Native
from etcdlab.records import Put, Range, Txn, Watch

HEADER = '"header":{"cluster_id":"1","member_id":"2","revision":"7","raft_term":"3"}'
KV = '{"key":"aw==", "create_revision":"2", "mod_revision":"7", "version":"3", "value":"dg=="}'


@pytest.fixture
def stand_in() -> Iterator[HttpStandIn]:
    server = HttpStandIn()
    yield server
    server.close()


@pytest.fixture
def gateway(stand_in: HttpStandIn) -> Iterator[Gateway]:
    client = Gateway([stand_in.url], timeout=5)
    yield client
    client.close()


@pytest.fixture
def grpc_stand_in() -> Iterator[GrpcStandIn]:
    server = GrpcStandIn()
    yield server
    server.close()


# HTTP status, gRPC code and message of api/v3rpc/rpctypes/error.go, and what the lab goes by.
REFUSALS = {
    "compacted": (400, 11, "etcdserver: mvcc: required revision has been compacted"),
    "too many operations": (400, 3, "etcdserver: too many operations in txn request"),
    "request too large": (400, 3, "etcdserver: request is too large"),
    "lease not found": (404, 5, "etcdserver: requested lease not found"),
    "no space": (429, 8, "etcdserver: mvcc: database space exceeded"),
    "too many requests": (429, 8, "etcdserver: too many requests"),
    "no leader": (503, 14, "etcdserver: no leader"),
    "leader changed": (503, 14, "etcdserver: leader changed"),
    "timed out": (503, 14, "etcdserver: request timed out"),
    "no quorum": (504, 4, "context deadline exceeded"),
    "invalid token": (401, 16, "etcdserver: invalid auth token"),
    "no user": (400, 3, "etcdserver: user name is empty"),
    "denied": (403, 7, "etcdserver: permission denied"),
    "unknown path": (404, 5, "Not Found"),
    "other method": (501, 12, "Method Not Allowed"),
}
PASSING = {"too many requests", "no leader", "leader changed", "timed out", "no quorum"}
STALE = {"invalid token", "no user"}
TOO_LARGE = {"too many operations", "request too large"}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_error_has_a_code_and_a_message_and_no_error_field(
    stand_in: HttpStandIn, gateway: Gateway, case: str
) -> None:
    status, code, message = REFUSALS[case]
    for details in ({}, {"details": []}):
        body = json.dumps({"code": code, "message": message} | details).encode()
        stand_in.answer(body, f"{status} Any")
        with pytest.raises(ServerError) as caught:
            gateway.range(b"k")
        error = caught.value
        assert (error.code, error.message) == (code, message)
        assert error.is_compacted == (case == "compacted")
        assert error.is_passing == (case in PASSING)
        assert error.is_stale_token == (case in STALE)
        assert error.is_too_large == (case in TOO_LARGE)
        assert bool(error.advice) == (
            case in ("lease not found", "no space", "invalid token", "no user", "denied")
        )


def test_an_error_before_the_first_frame_of_a_stream(
    stand_in: HttpStandIn, gateway: Gateway
) -> None:
    body = b'{"error":{"code":16, "message":"etcdserver: invalid auth token", "details":[]}}'
    stand_in.answer(body, "401 Unauthorized", ["WWW-Authenticate: etcdserver: invalid auth token"])
    with pytest.raises(ServerError, match="invalid auth token") as caught:
        next(gateway.watch(Watch(b"k")))
    assert caught.value.is_stale_token
    with pytest.raises(ServerError, match="invalid auth token"):
        gateway.keep_alive(1)


def test_replies_with_fields_of_tomorrow_in_any_order_and_with_spaces(
    stand_in: HttpStandIn, gateway: Gateway
) -> None:
    stand_in.answer(f'{{"count":"1", "kvs":[{KV}], "stats":{{"scanned":"9"}}, {HEADER}}}'.encode())
    (kv,) = gateway.range(b"k").kvs
    assert (kv.key, kv.value, kv.mod_revision, kv.lease) == (b"k", b"v", 7, 0)
    page = gateway.ask_page(Range(b"k", limit=9), 1 << 20)()
    assert (page.keys, page.values, page.count) == ([b"k"], [b"v"], 1)
    stand_in.answer(
        f'{{{HEADER}, "succeeded":true, "responses":[{{"response_put":{{{HEADER}}}}}]}}'.encode()
    )
    assert gateway.execute(Txn((), (Put(b"k"),), ())).succeeded
    gateway.put_all([(b"k", b"v")])


def test_a_status_says_more_since_3_6(
    stand_in: HttpStandIn, gateway: Gateway, grpc_stand_in: GrpcStandIn
) -> None:
    """rpc.proto: storageVersion, dbSizeQuota and downgradeInfo are fields 11, 12 and 13."""
    more = '"storageVersion":"3.6.0", "dbSizeQuota":"2147483648", "downgradeInfo":{"enabled":true}'
    stand_in.answer(
        f'{{{HEADER}, "version":"3.6.14", "dbSize":"20480", {more}, "raftIndex":"9"}}'.encode()
    )
    native = Native([grpc_stand_in.url], timeout=5)
    message = rpc_pb2.StatusResponse(version="3.6.14", dbSize=20480, raftIndex=9)
    message.header.CopyFrom(rpc_pb2.ResponseHeader(revision=7))
    tomorrow = b"\x5a\x053.6.0" + b"\x60\x80\x80\x80\x80\x08" + b"\x6a\x02\x08\x01"
    grpc_stand_in.replies = [message.SerializeToString() + tomorrow]
    for client in (gateway, native):
        status = client.status()
        assert (status.version, status.db_size, status.raft_index) == ("3.6.14", 20480, 9)
    native.close()


def test_a_watch_is_canceled_with_a_reason_and_breaks_off_with_an_error(
    stand_in: HttpStandIn, gateway: Gateway
) -> None:
    reason = "etcdserver: mvcc: required revision has been compacted"
    frames = [
        f'{{"result":{{{HEADER},"created":true}}}}',
        f'{{"result":{{{HEADER},"canceled":true,"compact_revision":"5","cancel_reason":"{reason}"}}}}',
    ]
    stand_in.answer("\n".join([*frames, ""]).encode())
    created, canceled = islice(gateway.watch(Watch(b"k", revision=1)), 2)
    assert created.created and not created.canceled
    assert (canceled.canceled, canceled.compact_revision) == (True, 5)
    assert canceled.cancel_reason == reason
    broken = '{"error":{"code":14,"message":"etcdserver: no leader","details":[]}}'
    stand_in.answer("\n".join([frames[0], broken, ""]).encode())
    watch = gateway.watch(Watch(b"k"))
    assert next(watch).created
    with pytest.raises(ServerError, match="no leader") as caught:
        next(watch)
    assert caught.value.is_passing


def test_lists_leases_and_members_of_tomorrow(stand_in: HttpStandIn, gateway: Gateway) -> None:
    stand_in.answer(f'{{{HEADER}, "leases":[{{"ID":"7", "TTL":"9"}}]}}'.encode())
    assert gateway.leases().ids == [7]
    member = '{"ID":"1", "name":"a", "peerURLs":["http://a:2380"], "clientURLs":["http://a:2379"]}'
    stand_in.answer(f'{{{HEADER}, "members":[{member}], "more":{{}}}}'.encode())
    assert [each.name for each in gateway.members().members] == ["a"]
    stand_in.answer(f'{{"result":{{{HEADER},"ID":"7","TTL":"9"}}}}\n'.encode())
    assert gateway.keep_alive(7).ttl == 9
    stand_in.answer(f'{{{HEADER}, "alarms":[{{"memberID":"1", "alarm":"CORRUPT"}}]}}'.encode())
    assert [alarm.name for alarm in gateway.alarms()] == ["CORRUPT"]


def test_a_token_is_renewed_after_an_error_of_the_second_generation(
    stand_in: HttpStandIn,
) -> None:
    stand_in.answer(f'{{{HEADER}, "token":"fresh.1"}}'.encode(), path="auth/authenticate")
    stand_in.answer(
        b'{"code":16, "message":"etcdserver: invalid auth token"}', "401 Any", path="kv/range"
    )
    login = Login("root", "secret")
    client = Gateway([stand_in.url], timeout=5, login=login)
    client.log_in()
    assert login.token(client) == "fresh.1"
    with pytest.raises(ServerError, match="invalid auth token"):
        client.range(b"k")  # once more with a fresh one, then no more
    client.close()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (grpc.StatusCode.UNAVAILABLE, "etcdserver: no leader"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
        (grpc.StatusCode.OUT_OF_RANGE, REFUSALS["compacted"][2]),
    ],
)
def test_over_grpc_errors_keep_their_codes(
    grpc_stand_in: GrpcStandIn, code: grpc.StatusCode, message: str
) -> None:
    grpc_stand_in.error = (code, message)
    native = Native([grpc_stand_in.url], timeout=5)
    with pytest.raises(ServerError) as caught:
        native.range(b"k")
    assert (caught.value.code, caught.value.message) == (code.value[0], message)
    native.close()
