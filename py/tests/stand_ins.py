"""Servers that give the replies they are told to give, where no etcd here can be made to.

Each is a real server on loopback, so that the lab's clients read from a real socket.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import grpc


class HttpStandIn:
    """Answers every request with `replies`' bytes, whatever they are, and closes the connection.

    With several `replies` a request gets the one that its path ends with.
    """

    def __init__(self) -> None:
        self.replies: dict[str, bytes] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def answer(
        self,
        body: bytes,
        status: str = "200 OK",
        headers: Iterable[str] = ("Content-Type: application/json",),
        path: str = "",
    ) -> None:
        """Answer requests whose path ends in `path` with that body from now on."""
        length = f"Content-Length: {len(body)}"
        head = [f"HTTP/1.1 {status}", *headers, length, "Connection: close", "", ""]
        self.replies[path] = "\r\n".join(head).encode("latin-1") + body

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                path = _read_request(connection)
                suffixes = [end for end in self.replies if path.endswith(end)]
                try:
                    connection.sendall(self.replies[max(suffixes, key=len)])
                except OSError:
                    continue  # the client has read enough

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


def _read_request(connection: socket.socket) -> str:
    """The path of a request, all of which is read."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length: ")
    left = int(length.split(b"\r\n")[0]) - len(body)
    while left > 0:
        left -= len(connection.recv(65536))
    return head.split(b" ")[1].decode()


class ResettingStandIn:
    """Takes requests over HTTP/2, and resets each one's stream, without a word on why.

    https://httpwg.org/specs/rfc9113.html#FrameTypes
    """

    _HEADERS, _RST_STREAM, _SETTINGS = 1, 3, 4
    _CANCEL = 8

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, connection.makefile("rb") as frames:
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

    def close(self) -> None:
        """Stop listening; the client has closed its connection before."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


class GrpcStandIn(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Answers every method with the messages in `replies`, as bytes, and then with `error`."""

    def __init__(self) -> None:
        self.replies: list[bytes] = []
        self.error: tuple[grpc.StatusCode, str] | None = None
        self._server = grpc.server(ThreadPoolExecutor(4), handlers=[self])
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler:  # noqa: ANN401
        """As a stream of replies: a single one travels the same way."""
        return grpc.stream_stream_rpc_method_handler(self._reply)

    def _reply(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        next(requests)
        yield from self.replies
        if self.error:
            context.abort(*self.error)

    def close(self) -> None:
        """Stop listening, and end what is under way."""
        self._server.stop(None).wait()
