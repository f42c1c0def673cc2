"""Servers that are no etcd: they take a connection, and answer whatever is asked with this."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def _http(status: str, content_type: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
    lines += [f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


_PAGE = b"<html><body><h1>It works</h1></body></html>"
_HALF = _http("200 OK", "application/json", b'{"header":{"cluster_id":"1"},"version":"3.5.1"')

# By the name of the variable that rows have for it.
REPLIES = {
    "PAGE": _http("200 OK", "text/html", _PAGE),
    "PROXY": _http("502 Bad Gateway", "text/html", _PAGE),
    "REDIRECT": _http("302 Found", "text/html", b"", "Location: http://127.0.0.1:1/"),
    "HALF": _HALF[:-20],
    "BROKEN": _HALF,
    "SHAPE": _http("200 OK", "application/json", b'{"header":[],"version":{},"kvs":7}'),
    "LIST": _http("200 OK", "application/json", b"[1,2]"),
    "NOTHING": b"",
    "GARBAGE": bytes(range(256)) * 4,
}


class _Server:
    """Answers every connection on a port of its own, until it is closed."""

    def __init__(self, reply: bytes | None, is_endless: bool = False) -> None:
        """`reply` None: it takes the connection and says nothing."""
        self._reply = reply
        self._is_endless = is_endless
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        if self._reply is None:
            return
        with suppress(OSError), connection:
            connection.recv(1 << 16)
            connection.sendall(self._reply)
            while self._is_endless:
                connection.sendall(b"X-More: and more\r\n" * 1000)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass  # what the client still says, or it would lose the reply to a reset

    def close(self) -> None:
        """Answer no more, and end what is open."""
        self._listener.shutdown(socket.SHUT_RDWR)  # or accept() would go on
        self._listener.close()
        for connection in self._open:
            connection.close()


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Their URLs, by the names that rows have for them."""
    running = {name: _Server(reply) for name, reply in REPLIES.items()}
    running["SILENT"] = _Server(None)
    running["ENDLESS"] = _Server(b"HTTP/1.1 200 OK\r\n", is_endless=True)
    try:
        yield {name: server.url for name, server in running.items()}
    finally:
        for server in running.values():
            server.close()
