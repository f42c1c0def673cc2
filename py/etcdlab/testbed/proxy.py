"""A TCP proxy on loopback that counts bytes and connections, and injects network faults."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal
from urllib.parse import urlsplit

from etcdlab.client.endpoints import port_of
from etcdlab.testbed.ports import free_urls

Mode = Literal["pass", "refuse", "hang", "reset", "delay", "truncate"]

READY_DEADLINE = 5  # seconds
DELAY = 0.2  # seconds, of each piece that is read
_FRAME_HEADER = 9  # bytes: three of length, one of type, five more
_DATA, _HEADERS = 0, 1
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, for no time at all


class Proxy:
    """A proxy between clients and one etcd.

    Modes: `pass`; `refuse` new connections, and break open ones; `hang`, let nothing through
    and keep connections open; `reset` the connection instead of sending a reply; `delay` each
    piece by DELAY seconds; `truncate` a reply in the middle, and close the connection.
    """

    def __init__(self, endpoint: str) -> None:
        url = urlsplit(endpoint)
        self._scheme, self._host = url.scheme, url.hostname
        self._port = port_of(endpoint)
        self._writers: set[asyncio.StreamWriter] = set()
        self._taken: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self.url = ""
        """The base URL where it listens."""
        self.connections = 0
        """How many it has accepted so far."""
        self.bytes_up = 0
        """How many bytes clients have sent."""
        self.bytes_down = 0
        """How many bytes the etcd has sent."""
        self.mode: Mode = "pass"
        """The mode it is in; see set_mode()."""

    def set_mode(self, mode: Mode) -> None:
        """Change the mode, for open connections as well."""
        self._do(self._set_mode(mode))

    def cut(self) -> None:
        """Break all open connections; new ones are accepted as before."""
        self._loop.call_soon_threadsafe(self._abort)

    def run(self) -> None:
        """Serve until stop() is called."""
        asyncio.run(self._serve())

    def wait(self) -> None:
        """Wait until it listens; TimeoutError if it does not in READY_DEADLINE seconds."""
        if not self._ready.wait(READY_DEADLINE):
            raise TimeoutError("the proxy does not listen")

    def stop(self) -> None:
        """End run()."""
        self._loop.call_soon_threadsafe(self._stop.set)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(READY_DEADLINE)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        (free,) = free_urls(1)
        self.url = free.replace("http", self._scheme, 1)
        await self._listen()
        self._ready.set()
        await self._stop.wait()
        self._server.close()
        self._abort()  # asyncio.run() cancels the tasks that are left

    async def _listen(self) -> None:
        own = urlsplit(self.url)
        self._server = await asyncio.start_server(self._take, own.hostname, own.port)

    async def _set_mode(self, mode: Mode) -> None:
        before, self.mode = self.mode, mode
        if mode == "refuse" != before:
            self._server.close()
            self._abort()
        elif before == "refuse" != mode:
            await self._listen()

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of ours: asyncio prints a traceback for a cancelled coroutine of its own.
        task = self._loop.create_task(self._join(reader, writer))
        self._taken.add(task)
        task.add_done_callback(self._taken.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._connect(reader, writer)
        except OSError:
            pass  # either side is gone
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copy between the client and the etcd until either closes."""
        first = await self._admit(reader, writer)
        if first is None:
            return
        upstream, to_etcd = await asyncio.open_connection(self._host, self._port)
        self._writers.add(to_etcd)
        try:
            to_etcd.write(first)
            self.bytes_up += len(first)
            await asyncio.gather(
                self._copy(reader, to_etcd, is_up=True), self._copy(upstream, writer, is_up=False)
            )
        finally:
            to_etcd.close()
            self._writers.discard(to_etcd)

    async def _admit(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        """Read what identifies the client, and return it to be passed on; None to refuse it."""
        return b""

    async def _copy(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, is_up: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if is_up:
                    self.bytes_up += len(data)
                else:
                    self.bytes_down += len(data)
                while self.mode == "hang" and not self._stop.is_set():
                    await asyncio.sleep(0.01)
                if self.mode == "delay":
                    await asyncio.sleep(DELAY)
                if self.mode in ("reset", "truncate") and not is_up and _is_reply(data):
                    await self._break(data, sink)
                sink.write(data)
                await sink.drain()
        sink.close()

    async def _break(self, reply: bytes, sink: asyncio.StreamWriter) -> None:
        """Send half of the reply or nothing, by the mode, and end the connection."""
        if self.mode == "truncate":
            body = reply.find(b"\r\n\r\n") + 4 if reply.startswith(b"HTTP/") else 0
            sink.write(reply[: (body + len(reply)) // 2])
            await sink.drain()
            sink.close()
        else:
            connection = sink.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            sink.transport.abort()
        raise BrokenPipeError

    def _abort(self) -> None:
        for each in list(self._writers):
            each.transport.abort()


def _is_reply(data: bytes) -> bool:
    """Whether `data` begins an HTTP/1 reply, or holds a HEADERS or DATA frame of HTTP/2.

    HTTP/2 connections begin with other frames: https://httpwg.org/specs/rfc9113.html#FrameHeader
    """
    if data.startswith(b"HTTP/"):
        return True
    position = 0
    while position + _FRAME_HEADER <= len(data):
        if data[position + 3] in (_DATA, _HEADERS):
            return True
        position += _FRAME_HEADER + int.from_bytes(data[position : position + 3], "big")
    return False


@contextmanager
def running(proxy: Proxy) -> Iterator[Proxy]:
    """Run the proxy in a thread; stop it on exit."""
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    proxy.wait()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()


@contextmanager
def tcp_proxy(endpoint: str) -> Iterator[Proxy]:
    """Run a proxy to the etcd at that base URL; stop it on exit."""
    with running(Proxy(endpoint)) as proxy:
        yield proxy
