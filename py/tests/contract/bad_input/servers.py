"""Servers that are not etcd: each gives the same answer to every connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from servers import JSON, Server, http_reply

_HTML = "Content-Type: text/html"
_PAGE = b"<html><body><h1>It works</h1></body></html>"
_HALF = http_reply(b'{"header":{"cluster_id":"1"},"version":"3.5.1"', "200 OK", JSON)

# By the name of the variable that rows use.
REPLIES = {
    "PAGE": http_reply(_PAGE, "200 OK", _HTML),
    "PROXY": http_reply(_PAGE, "502 Bad Gateway", _HTML),
    "REDIRECT": http_reply(b"", "302 Found", _HTML, "Location: http://127.0.0.1:1/"),
    "HALF": _HALF[:-20],
    "BROKEN": _HALF,
    "SHAPE": http_reply(b'{"header":[],"version":{},"kvs":7}', "200 OK", JSON),
    "LIST": http_reply(b"[1,2]", "200 OK", JSON),
    "NOTHING": b"",
    "GARBAGE": bytes(range(256)) * 4,
}


def _answer(reply: bytes, connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.sendall(reply)
    connection.shutdown(socket.SHUT_WR)
    _be_silent(connection)  # or the client would lose the reply to a reset


def _be_silent(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


def _answer_without_end(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: and more\r\n" * 1000)


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Run the servers; yield their URLs, by the names of the variables that rows use."""
    running = {name: Server(partial(_answer, reply)) for name, reply in REPLIES.items()}
    running["SILENT"] = Server(_be_silent)
    running["ENDLESS"] = Server(_answer_without_end)
    try:
        yield {name: server.url for name, server in running.items()}
    finally:
        for server in running.values():
            server.close()
