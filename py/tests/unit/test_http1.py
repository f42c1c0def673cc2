"""Replies as servers and proxies send them, whole and broken, over a real socket."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import ScriptedServer

from etcdlab.client.http1 import BodyTooLarge, NotConnected, Session, _Reply
from etcdlab.client.tls import Tls
from etcdlab.testbed.ports import free_urls

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nX-Name: value\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n"
)
SIZED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye"
TO_THE_END = b"HTTP/1.0 502 Bad Gateway\r\n\r\n<html>no</html>"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED


@pytest.fixture(scope="module")
def cacert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the authority that signed the server's."""
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(path)
    return path


AUTHORITY = trustme.CA()


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def serve(scheme: str) -> Iterator[Callable[..., ScriptedServer]]:
    servers: list[ScriptedServer] = []
    context = None
    if scheme == "https":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)

    def start(*connections: list[bytes]) -> ScriptedServer:
        servers.append(ScriptedServer(context, *connections))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
        assert server.connections == []


@pytest.fixture
def session(cacert: Path) -> Iterator[Session]:
    with Session(Tls(str(cacert))) as session:
        yield session


def post(session: Session, url: str) -> requests.Response:
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
    session: Session,
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
    serve: Callable[..., ScriptedServer], session: Session
) -> None:
    server = serve([CHUNKED, SIZED, CLOSING], [CHUNKED], [SIZED])
    contents = []
    for _ in range(5):
        contents.append(post(session, server.url).content)
        if len(contents) == 4:
            # The server closes this connection by itself: the next request makes another.
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
    serve: Callable[..., ScriptedServer], session: Session, broken: bytes
) -> None:
    server = serve([broken], [CHUNKED])
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        post(session, server.url)
    assert post(session, server.url).content == b"hello, world"


def test_no_connection_no_reply(
    serve: Callable[..., ScriptedServer], session: Session, scheme: str
) -> None:
    with pytest.raises(NotConnected):
        post(session, free_urls(1)[0].replace("http", scheme))
    with pytest.raises(NotConnected):
        post(session, f"{scheme}://no-such-host.invalid:1")
    server = serve([b"HTTP/1.1 200 OK\r\n"])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # Without a handshake there is no connection.
        with pytest.raises(requests.ReadTimeout if scheme == "http" else requests.ConnectTimeout):
            url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/"
            session.post(url, data=b"body", timeout=(0.2, 0.2))
        with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
            post(session, server.url)


def test_a_body_above_the_limit_is_not_read_to_its_end(
    serve: Callable[..., ScriptedServer], session: Session
) -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 1000
    server = serve([large], [CHUNKED, CHUNKED])
    request = requests.Request("POST", f"{server.url}/", data=b"body")
    for limit, fits in ((999, False), (11, False), (12, True)):
        prepared = session.prepare_request(request)
        if fits:
            assert session.send(prepared, timeout=(2, 2), most_bytes=limit).content
            continue
        with pytest.raises(BodyTooLarge):
            session.send(prepared, timeout=(2, 2), most_bytes=limit)


def test_a_stream_is_read_while_it_comes_in(
    serve: Callable[..., ScriptedServer], session: Session
) -> None:
    broken = CHUNKED.removesuffix(b"0\r\n\r\n")
    server = serve([CHUNKED], [INTERIM], [broken], [CHUNKED])
    for _ in range(2):
        with session.post(server.url, b"body", stream=True, timeout=(2, 2)) as response:
            assert b"".join(response.iter_content(None)) == b"hello, world"
    with session.post(server.url, b"body", stream=True, timeout=(2, 2)) as response:
        pieces = response.iter_content(None)
        assert next(pieces)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(pieces)
    assert post(session, server.url).content == b"hello, world"


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
