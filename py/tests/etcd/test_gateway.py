"""The gateway client with a real etcd, and with servers that are none."""

from collections.abc import Callable, Iterator

import pytest
from etcd_fixture import Etcd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import HttpStandIn

from etcdlab.client.connect import Settings, need_etcd
from etcdlab.client.gateway import Gateway
from etcdlab.errors import ConnectionLost, ServerError, Unreachable
from etcdlab.keys import prefix_range
from etcdlab.testbed.ports import free_urls

Serve = Callable[[int, bytes, int], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Make a server give every request one reply: status, body and claimed length."""
    server = HttpStandIn()

    def start(status: int, body: bytes, length: int = -1) -> str:
        length = len(body) if length < 0 else length
        head = b"HTTP/1.1 %d Status\r\nContent-Length: %d\r\n\r\n"
        server.replies[""] = head % (status, length) + body
        return server.url

    yield start
    server.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pairs=st.dictionaries(st.binary(min_size=1, max_size=9), st.binary(max_size=99), min_size=1))
def test_any_bytes_come_back(etcd: Etcd, pairs: dict[bytes, bytes]) -> None:
    gateway = Gateway([etcd.url])
    gateway.put_all([(b"any/" + key, value) for key, value in pairs.items()])
    reply = gateway.range(*prefix_range(b"any/"))
    assert pairs.items() <= {kv.key[4:]: kv.value for kv in reply.kvs}.items()
    assert [(kv.key, kv.value) for kv in reply.kvs] == etcd.items(b"any/")
    gateway.close()


def test_a_transaction_is_carried_out_whole_or_not_at_all(etcd: Etcd) -> None:
    gateway = Gateway([etcd.url])
    with pytest.raises(ServerError, match="duplicate key") as error:
        gateway.put_all([(b"a", b"1"), (b"b", b"2"), (b"a", b"3")])
    assert not error.value.is_passing
    assert etcd.items(b"") == []
    with pytest.raises(ServerError, match="too many operations") as error:
        gateway.put_all([(b"%d" % index, b"") for index in range(129)])
    assert error.value.is_too_large
    gateway.close()


def test_status_and_a_dead_endpoint_before_a_live_one(etcd: Etcd) -> None:
    (dead,) = free_urls(1)
    assert need_etcd(Settings([dead, etcd.url])).startswith("3.")
    gateway = Gateway([dead, etcd.url])
    gateway.put_all([(b"a", b"1")])
    assert gateway.endpoint == etcd.url
    gateway.close()


def test_nothing_answers() -> None:
    (dead,) = free_urls(1)
    with pytest.raises(Unreachable, match=f"{dead}.*'make up'"):
        need_etcd(Settings([dead]))


@pytest.mark.parametrize(
    ("status", "body", "code", "says"),
    [
        (200, b"<html>", 2, "HTTP 200, and not etcd's"),
        (200, b"[]", 2, "HTTP 200, and not etcd's"),
        (502, b"<h1>Bad gateway", 14, "HTTP 502, and not etcd's"),
        (404, b"", 5, "HTTP 404, and not etcd's"),
        (503, b'{"error":"no leader","message":"no leader","code":14}', 14, "no leader"),
        (400, b'{"code":3,"message":"bad","details":[]}', 3, "bad"),
        (500, b'{"code":"x","message":"odd"}', 2, "odd"),
    ],
)
def test_errors(serve: Serve, status: int, body: bytes, code: int, says: str) -> None:
    gateway = Gateway([serve(status, body)])
    with pytest.raises(ServerError, match=says) as error:
        gateway.range(b"a")
    assert error.value.code == code
    gateway.close()


def test_a_reply_that_is_json_but_not_etcds(serve: Serve) -> None:
    gateway = Gateway([serve(200, b'{"header":{},"kvs":[{"key":1}]}')])
    with pytest.raises(ServerError, match="a reply that is not etcd's"):
        gateway.range(b"a")
    gateway.close()


def test_half_a_reply(serve: Serve) -> None:
    gateway = Gateway([serve(200, b'{"header":{"revision":"1"}', 1000)])
    with pytest.raises(ConnectionLost):
        gateway.range(b"a")
    gateway.close()
