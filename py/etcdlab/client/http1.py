"""A transport adapter for sessions of `requests`: plain HTTP at a third of the usual cost.

With urllib3 and http.client a request of 128 puts costs the client 0.3 ms more, most
of it in parsing the reply's headers: a tenth of what etcd itself needs for it.
https://requests.readthedocs.io/en/latest/user/advanced/#transport-adapters
"""

from __future__ import annotations

import math
import select
import socket
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import httptools
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ConnectTimeout,
    ReadTimeout,
    RequestException,
)

_PIECE = 1 << 18  # bytes that are read at a time
# The second is for what is HTTP no more: 101 Switching Protocols.
_NOT_HTTP = (httptools.HttpParserError, httptools.HttpParserUpgrade)
_MOST_HEAD_BYTES = 1 << 20  # of headers; etcd's take 150


class NotConnected(ConnectionError):
    """No connection was made, so nothing can have been sent."""


class BodyTooLarge(RequestException):
    """The reply's body is larger than it may be."""


class OneConnection(HTTPAdapter):
    """Keeps one connection, to whom the last request went; for one thread at a time.

    Streams go over a connection of urllib3's. Timeouts, in seconds, are those for
    connecting and for the next byte, and errors are those that `requests` has; and
    BodyTooLarge for a body of more than `most_bytes`.
    """

    def __init__(self) -> None:
        super().__init__(pool_maxsize=1, max_retries=0)
        self.most_bytes = math.inf
        self._peer = ""
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """Close the connection."""
        self._drop()
        super().close()

    def send(  # type: ignore[override]
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: tuple[float, float | None] = (None, None),  # type: ignore[assignment]
        verify: bool | str = True,
        cert: Any = None,  # noqa: ANN401 - as in the base class
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Send the request and read all of the reply."""
        if stream:
            return super().send(request, stream, timeout, verify, cert, proxies)
        connect_timeout, read_timeout = timeout
        host = urlsplit(str(request.url)).netloc
        connection = self._connection(request, host, connect_timeout)
        connection.settimeout(read_timeout)
        reply = _Reply()
        try:
            connection.sendall(_head(request, host) + (request.body or b""))
            while not reply.complete:
                reply.feed(connection.recv(_PIECE))
                if reply.body_bytes > self.most_bytes:
                    break
        except TimeoutError as error:
            self._drop()
            raise ReadTimeout(error, request=request) from error
        except OSError as error:
            self._drop()
            raise ConnectionError(error, request=request) from error
        except (EOFError, *_NOT_HTTP) as error:
            self._drop()
            raise ChunkedEncodingError(error, request=request) from error
        if not (reply.complete and reply.keep_alive):
            self._drop()
        if reply.body_bytes > self.most_bytes:
            raise BodyTooLarge(request=request)
        return reply.response(request)

    def _connection(
        self, request: PreparedRequest, peer: str, timeout: float | None
    ) -> socket.socket:
        """The connection to `peer`, made anew where there is none or it was closed there."""
        if self._socket and (peer != self._peer or _is_readable(self._socket)):
            self._drop()
        if self._socket is None:
            url = urlsplit(f"//{peer}")
            try:
                address = (url.hostname or "", url.port or 80)
                self._socket = socket.create_connection(address, timeout)
            except TimeoutError as error:
                raise ConnectTimeout(error, request=request) from error
            except OSError as error:
                raise NotConnected(error, request=request) from error
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peer = peer
        return self._socket

    def _drop(self) -> None:
        if self._socket:
            with suppress(OSError):
                self._socket.close()
            self._socket = None


class _Reply:
    """One reply, as it comes in."""

    def __init__(self) -> None:
        self.complete = False
        self.keep_alive = False
        self.body_bytes = 0
        self._head_bytes: float = 0
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._ends_with_connection = False
        self._status = 0

    def feed(self, data: bytes) -> None:
        """Take what was received, or b"" when there is no more; EOFError if that is too early,
        or if the headers have no end."""
        self._head_bytes += len(data)
        if self._head_bytes > _MOST_HEAD_BYTES:
            raise EOFError("too many headers")
        if data:
            try:
                self._parser.feed_data(data)
            except _NOT_HTTP:
                if not self.complete:
                    raise
                self.keep_alive = False  # What follows the reply is none to a request of ours.
        elif self._ends_with_connection:
            self.complete = True
        else:
            raise EOFError("the connection was closed before the end of the reply")

    def on_message_begin(self) -> None:
        if self.complete:
            raise EOFError("a second reply")
        self._headers.clear()  # those of an interim reply

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1")] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._head_bytes = -math.inf
        names = {name.lower() for name in self._headers}
        has_end = self._is_interim or names & {"content-length", "transfer-encoding"}
        self._ends_with_connection = not has_end

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self.body_bytes += len(body)

    def on_message_complete(self) -> None:
        self.complete = not self._is_interim
        self.keep_alive = self._parser.should_keep_alive()

    @property
    def _is_interim(self) -> bool:
        """Whether this is what comes before the reply proper, 100 Continue for one."""
        return self._status < 200

    def response(self, request: PreparedRequest) -> Response:
        """The reply as `requests` has it."""
        response = Response()
        response.status_code = self._status
        response.headers.update(self._headers)
        response.raw = BytesIO(b"".join(self._body))
        # The parser refers back to this reply: only the garbage collector frees it, later.
        self._body.clear()
        response.request = request
        response.url = str(request.url)
        return response


def _head(request: PreparedRequest, host: str) -> bytes:
    lines = [f"{request.method} {request.path_url} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _is_readable(connection: socket.socket) -> bool:
    """Whether something waits to be read: between two requests that is the end."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
