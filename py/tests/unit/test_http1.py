"""Replies as servers and proxies send them, whole and broken, over a real socket."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import ScriptedServer

from etcdlab.client.http1 import NotConnected, OneConnection, _Reply
from etcdlab.testbed.ports import free_urls

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nX-Name: value\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n"
)
SIZED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye"
TO_THE_END = b"HTTP/1.0 502 Bad Gateway\r\n\r\n<html>no</html>"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def start(*connections: list[bytes]) -> ScriptedServer:
        servers.append(ScriptedServer(*connections))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
        assert server.connections == []


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", OneConnection())
        yield session


def post(session: requests.Session, url: str) -> requests.Response:
    return session.post(f"{url}/v3/kv/txn?a=b", data=b"body", timeout=(2, 2))


@pytest.mark.parametrize(
    ("reply", "status", "content"),
    [
        (CHUNKED, 200, b"hello, world"),
        (SIZED, 503, b"busy"),
        (CLOSING, 200, b"bye"),
        (TO_THE_END, 502, b"<html>no</html>"),
        (INTERIM, 200, b"hello, world"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    ],
)
def test_every_way_to_end_a_reply(
    serve: Callable[..., ScriptedServer],
    session: requests.Session,
    reply: bytes,
    status: int,
    content: bytes,
) -> None:
    server = serve([reply])
    response = post(session, server.url)
    assert (response.status_code, response.content) == (status, content)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v3/kv/txn?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nContent-Length: 4" in head
    assert body == b"body"


def test_one_connection_serves_until_it_is_closed(
    serve: Callable[..., ScriptedServer], session: requests.Session
) -> None:
    server = serve([CHUNKED, SIZED, CLOSING], [CHUNKED], [SIZED])
    contents = []
    for _ in range(5):
        contents.append(post(session, server.url).content)
        if len(contents) == 4:
            # The server has closed the connection by itself: the next request makes another.
            time.sleep(0.1)
    assert contents == [b"hello, world", b"busy", b"bye", b"hello, world", b"busy"]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        CHUNKED[:20],
        CHUNKED[:-8],
        SIZED[:-1],
        b"not HTTP at all\r\n\r\n",
        CHUNKED[:-12] + b"zz",
    ],
)
def test_a_broken_reply_is_an_error_and_the_next_one_is_not(
    serve: Callable[..., ScriptedServer], session: requests.Session, broken: bytes
) -> None:
    server = serve([broken], [CHUNKED])
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        post(session, server.url)
    assert post(session, server.url).content == b"hello, world"


def test_no_connection_no_reply(
    serve: Callable[..., ScriptedServer], session: requests.Session
) -> None:
    with pytest.raises(NotConnected):
        post(session, free_urls(1)[0])
    with pytest.raises(NotConnected):
        post(session, "http://no-such-host.invalid:1")
    server = serve([b"HTTP/1.1 200 OK\r\n"])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(requests.ReadTimeout):
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            session.post(url, data=b"body", timeout=(2, 0.2))
        with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
            post(session, server.url)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([CHUNKED, SIZED, INTERIM]), st.lists(st.integers(1, 20)))
def test_a_reply_in_pieces_is_the_same(whole: bytes, sizes: list[int]) -> None:
    reply, rest = _Reply(), whole
    for size in sizes:
        piece, rest = rest[:size], rest[size:]
        if piece:
            assert not reply.complete
            reply.feed(piece)
    if rest:
        reply.feed(rest)
    assert reply.complete and reply.keep_alive
    response = reply.response(requests.Request("POST", "http://x/").prepare())
    assert response.content in (b"hello, world", b"busy")
