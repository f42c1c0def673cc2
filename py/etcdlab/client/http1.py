"""A transport adapter for sessions of `requests`: HTTP/1.1 at a third of the usual cost.

With urllib3 and http.client a request of 128 puts costs the client 0.3 ms more, most
of it in parsing the reply's headers: a tenth of what etcd itself needs for it.
https://requests.readthedocs.io/en/latest/user/advanced/#transport-adapters
"""

from __future__ import annotations

import math
import select
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httptools
import requests
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ConnectTimeout,
    ReadTimeout,
    RequestException,
    SSLError,
)

from etcdlab.client.tls import Tls, open_connection

_PIECE = 1 << 18  # bytes that are read at a time
# The second is for what is HTTP no more: 101 Switching Protocols.
_NOT_HTTP = (httptools.HttpParserError, httptools.HttpParserUpgrade)
_MOST_HEAD_BYTES = 1 << 20  # of headers; etcd's take 150


class NotConnected(ConnectionError):
    """No connection was made, so nothing was sent."""


class BodyTooLarge(RequestException):
    """The reply's body is larger than `most_bytes`."""


_Errors = Mapping[type[Exception], type[RequestException]]
# The error of `requests` for each error of a step: the first that fits.
_CONNECTING: _Errors = {TimeoutError: ConnectTimeout, OSError: NotConnected}
_HANDSHAKE: _Errors = {TimeoutError: ConnectTimeout, OSError: SSLError}
_EXCHANGE: _Errors = {
    TimeoutError: ReadTimeout,
    ssl.SSLError: SSLError,  # a certificate that the server does not take, for one
    OSError: ConnectionError,
    EOFError: ChunkedEncodingError,
    **dict.fromkeys(_NOT_HTTP, ChunkedEncodingError),
}


@contextmanager
def _translated(request: PreparedRequest, errors: _Errors) -> Iterator[None]:
    """Translate the errors of the `with` block by that table."""
    try:
        yield
    except tuple(errors) as error:
        kind = next(kind for cause, kind in errors.items() if isinstance(error, cause))
        raise kind(error, request=request) from error


class Session(requests.Session):
    """A session of `requests` with etcd, for one thread at a time: no proxy, no redirection."""

    def __init__(self, tls: Tls | None = None) -> None:
        super().__init__()
        # A proxy from the environment would send loopback traffic elsewhere.
        self.trust_env = False
        self.headers["Accept-Encoding"] = "identity"
        adapter = OneConnection(tls)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: Response) -> None:
        """Return None: etcd never redirects."""


class OneConnection(BaseAdapter):
    """Keeps one connection, to the peer of the last request; for one thread at a time.

    A stream has a connection of its own. Timeouts, in seconds, are for connecting and for the
    next byte. Raises the errors of `requests`: NotConnected or ConnectTimeout if nothing was
    sent, SSLError if TLS failed, BodyTooLarge for a body of more than `most_bytes`.
    """

    def __init__(self, tls: Tls | None = None) -> None:
        super().__init__()
        self._tls = tls or Tls()
        self._peer: tuple[str, str] = "", ""
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._socket:
            with suppress(OSError):
                self._socket.close()
            self._socket = None

    def send(  # type: ignore[override]
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: tuple[float | None, float | None] = (None, None),
        *,
        most_bytes: float = math.inf,
        **_: object,
    ) -> Response:
        """Send the request and read the whole reply, or a stream's headers.

        Ignores the session's certificates and proxies.
        """
        if stream:
            return self._stream(request, *timeout)
        connect_timeout, read_timeout = timeout
        connection = self._kept(request, connect_timeout)
        reply = _Reply()
        try:
            with _translated(request, _EXCHANGE):
                connection.settimeout(read_timeout)
                connection.sendall(_message(request))
                while not reply.complete and reply.body_bytes <= most_bytes:
                    reply.feed(connection.recv(_PIECE))
        finally:
            if not (reply.complete and reply.keep_alive):
                self.close()
        if reply.body_bytes > most_bytes:
            raise BodyTooLarge(request=request)
        return reply.response(request)

    def _stream(
        self, request: PreparedRequest, connect_timeout: float | None, read_timeout: float | None
    ) -> Response:
        connection = self._connect(request, connect_timeout)
        reply = _Stream(request, connection)
        try:
            with _translated(request, _EXCHANGE):
                connection.settimeout(read_timeout)
                connection.sendall(_message(request))
                while not reply.has_head:
                    reply.feed(connection.recv(_PIECE))
        except BaseException:
            connection.close()
            raise
        return reply.response(request)

    def _kept(self, request: PreparedRequest, timeout: float | None) -> socket.socket:
        """Return the kept connection, or a new one if the peer differs or has closed it."""
        peer = urlsplit(str(request.url))[:2]
        if self._socket and (peer != self._peer or _is_readable(self._socket)):
            self.close()
        if self._socket is None:
            self._socket = self._connect(request, timeout)
            self._peer = peer
        return self._socket

    def _connect(self, request: PreparedRequest, timeout: float | None) -> socket.socket:
        url = str(request.url)
        with _translated(request, _CONNECTING):
            connection = open_connection(url, timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if url.startswith("http:"):
            return connection
        with _translated(request, _HANDSHAKE):
            return self._context.wrap_socket(connection, server_hostname=urlsplit(url).hostname)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._tls.context()


class _Reply:
    """One reply: parsed as it comes in, then read as Response.raw."""

    def __init__(self) -> None:
        self.complete = False
        self.keep_alive = False
        self.body_bytes = 0
        self._head_bytes: float = 0
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._status = 0

    def feed(self, data: bytes) -> None:
        """Parse what was received, b"" at the end of the connection.

        EOFError if that comes too early, or if the headers do not end.
        """
        self._head_bytes += len(data)
        if self._head_bytes > _MOST_HEAD_BYTES:
            raise EOFError("too many headers")
        if data:
            try:
                self._parser.feed_data(data)
            except _NOT_HTTP:
                if not self.complete:
                    raise
                self.keep_alive = False  # What follows the reply answers no request.
        elif self._ends_with_connection:
            self.complete = True
        else:
            raise EOFError("the connection was closed before the end of the reply")

    def on_message_begin(self) -> None:
        if self.complete:
            raise EOFError("a second reply")
        self._headers.clear()  # of an interim reply

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1")] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._head_bytes = -math.inf

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self.body_bytes += len(body)

    def on_message_complete(self) -> None:
        self.complete = self.has_head
        self.keep_alive = self._parser.should_keep_alive()

    @property
    def has_head(self) -> bool:
        """Return whether the headers are complete; those of 100 Continue do not count."""
        return self._status >= 200

    @property
    def _ends_with_connection(self) -> bool:
        names = {name.lower() for name in self._headers}
        return self.has_head and not names & {"content-length", "transfer-encoding"}

    def response(self, request: PreparedRequest) -> Response:
        """Return the reply as `requests` has it, with the body still to be read."""
        response = Response()
        response.status_code = self._status
        response.headers.update(self._headers)
        response.raw = self
        response.request = request
        response.url = str(request.url)
        return response

    def read(self, size: int | None = None) -> bytes:
        """Return the rest of the body, whatever the `size`; b"" at the end."""
        body = b"".join(self._body)
        # The parser refers back to this reply, so only the garbage collector frees it, later.
        self._body.clear()
        return body


class _Stream(_Reply):
    """A reply that is read while it comes in, from a connection of its own."""

    def __init__(self, request: PreparedRequest, connection: socket.socket) -> None:
        super().__init__()
        self._request = request
        self._connection = connection

    def read(self, size: int | None = None) -> bytes:
        """Wait for more of the body and return it, whatever the `size`; b"" at the end."""
        with _translated(self._request, _EXCHANGE):
            while not (self._body or self.complete):
                self.feed(self._connection.recv(_PIECE))
        return super().read()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _message(request: PreparedRequest) -> bytes:
    """Return the request's bytes."""
    host = urlsplit(str(request.url)).netloc
    lines = [f"{request.method} {request.path_url} HTTP/1.1", f"Host: {host}"]
    headers: Mapping[str, Any] = request.headers
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join((*lines, "", "")).encode("latin-1")
    return head + request.body if isinstance(request.body, bytes) else head


def _is_readable(connection: socket.socket) -> bool:
    """Return whether there is something to read: between two requests, the connection's end."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
