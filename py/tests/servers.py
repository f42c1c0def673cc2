"""Servers that give any answer, where a real etcd cannot be made to.

Each listens on a port of its own on loopback: clients read from a real socket.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import grpc

JSON = "Content-Type: application/json"


class Server:
    """Runs `serve` on each connection in a thread, and closes the connection afterwards."""

    def __init__(self, serve: Callable[[socket.socket], object]) -> None:
        self._serve = serve
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with suppress(OSError):  # close() ends it
            while True:
                connection, _ = self._listener.accept()
                self._open.add(connection)
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:  # the client may have read enough
            self._serve(connection)
        self._open.discard(connection)

    def close(self) -> None:
        """Stop listening, and end open connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def read_request(connection: socket.socket) -> bytes:
    """Read one HTTP request, head and body; OSError if the client ends before it does."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += _more(connection)
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
    left = int(length[1]) - len(body) if length else 0
    while left > 0:
        piece = _more(connection)
        request += piece
        left -= len(piece)
    return request


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the client has closed the connection")
    return piece


class HttpStandIn(Server):
    """Answers every request with bytes of `replies`, and closes the connection.

    The keys of `replies` are ends of paths; the longest one that fits a request is taken.
    """

    def __init__(self) -> None:
        self.replies: dict[str, bytes] = {}
        super().__init__(self._reply)

    def answer(
        self,
        body: bytes,
        status: str = "200 OK",
        headers: Iterable[str] = (JSON,),
        path: str = "",
    ) -> None:
        """Answer requests whose path ends in `path` with that body from now on."""
        self.replies[path] = http_reply(body, status, *headers, "Connection: close")

    def _reply(self, connection: socket.socket) -> None:
        path = read_request(connection).split(b" ")[1].decode()
        ends = [end for end in self.replies if path.endswith(end)]
        connection.sendall(self.replies[max(ends, key=len)])


def http_reply(body: bytes, status: str, *headers: str) -> bytes:
    """Return the bytes of a reply, with its length among the headers."""
    head = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode("latin-1") + body


class ScriptedServer(Server):
    """Answers the requests of each connection with the replies given for it, then closes it."""

    def __init__(self, tls: ssl.SSLContext | None, *connections: list[bytes]) -> None:
        """Speak TLS if `tls` is given."""
        self.requests: list[bytes] = []
        self.connections = list(connections)
        """Those that nobody has made yet."""
        self._tls = tls
        super().__init__(self._handshake)
        self.url = self.url if tls is None else self.url.replace("http:", "https:")

    def _handshake(self, connection: socket.socket) -> None:
        if self._tls is None:
            self._reply(connection)
            return
        with self._tls.wrap_socket(connection, server_side=True) as encrypted:
            self._reply(encrypted)

    def _reply(self, connection: socket.socket) -> None:
        for reply in self.connections.pop(0):
            self.requests.append(read_request(connection))
            connection.sendall(reply)


class ResettingStandIn(Server):
    """Takes requests over HTTP/2, and resets the stream of each without a status.

    https://httpwg.org/specs/rfc9113.html#FrameTypes
    """

    _HEADERS, _RST_STREAM, _SETTINGS = 1, 3, 4
    _CANCEL = 8

    def __init__(self) -> None:
        super().__init__(self._reset)

    def _reset(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as frames:
            frames.read(len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
            connection.sendall(self._frame(self._SETTINGS, bytes(4), b""))
            while head := frames.read(9):
                frames.read(int.from_bytes(head[:3], "big"))
                if head[3] == self._HEADERS:
                    reason = self._CANCEL.to_bytes(4, "big")
                    connection.sendall(self._frame(self._RST_STREAM, head[5:], reason))

    @staticmethod
    def _frame(kind: int, stream: bytes, payload: bytes) -> bytes:
        return len(payload).to_bytes(3, "big") + bytes([kind, 0]) + stream + payload


class GrpcStandIn(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Answers every method with the messages in `replies`, as bytes, and then with `error`."""

    def __init__(self) -> None:
        self.replies: list[bytes] = []
        self.error: tuple[grpc.StatusCode, str] | None = None
        self._server = grpc.server(ThreadPoolExecutor(4), handlers=[self])
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler:  # noqa: ANN401
        """Treat every method as a stream, since a single message is sent the same way."""
        return grpc.stream_stream_rpc_method_handler(self._reply)

    def _reply(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        next(requests)
        yield from self.replies
        if self.error:
            context.abort(*self.error)

    def close(self) -> None:
        """Stop listening, and end open streams."""
        self._server.stop(None).wait()
