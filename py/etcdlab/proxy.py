"""A TCP proxy on loopback that counts what passes, and breaks connections when told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

READY_DEADLINE = 5  # seconds


class Proxy:
    """What lies between a client and an etcd."""

    def __init__(self, endpoint: str) -> None:
        url = urlsplit(endpoint)
        self._host, self._port = url.hostname, url.port
        self._writers: set[asyncio.StreamWriter] = set()
        self._taken: set[asyncio.Task[None] | None] = set()
        self._ready = threading.Event()
        self.url = ""
        """Where it listens, as a base URL."""
        self.connections = 0
        """How many it has taken so far."""
        self.bytes_up = 0
        """How much clients have sent."""
        self.bytes_down = 0
        """How much the etcd has."""
        self.is_held = False
        """Whether it keeps to itself what comes, as a network that has gone silent."""

    def cut(self) -> None:
        """Break all connections at once; new ones are taken as before."""
        self._loop.call_soon_threadsafe(self._abort)

    def run(self) -> None:
        """Serve until stop() is called."""
        asyncio.run(self._serve())

    def wait(self) -> None:
        """Wait until it listens."""
        if not self._ready.wait(READY_DEADLINE):
            raise TimeoutError("the proxy does not listen")

    def stop(self) -> None:
        """Let run() return."""
        self._loop.call_soon_threadsafe(self._stop.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        server.close()
        self._abort()
        await asyncio.gather(*filter(None, self._taken), return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._taken.add(asyncio.current_task())
        try:
            upstream, to_etcd = await asyncio.open_connection(self._host, self._port)
        except OSError:
            writer.close()
            return
        both = {writer, to_etcd}
        self._writers |= both
        try:
            await asyncio.gather(
                self._copy(reader, to_etcd, is_up=True), self._copy(upstream, writer, is_up=False)
            )
        finally:
            for each in both:
                each.close()
            self._writers -= both

    async def _copy(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, is_up: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if is_up:
                    self.bytes_up += len(data)
                else:
                    self.bytes_down += len(data)
                while self.is_held and not self._stop.is_set():
                    await asyncio.sleep(0.01)
                sink.write(data)
                await sink.drain()
        sink.close()

    def _abort(self) -> None:
        for each in list(self._writers):
            each.transport.abort()


@contextmanager
def tcp_proxy(endpoint: str) -> Iterator[Proxy]:
    """A proxy to the etcd at that base URL, for as long as the block lasts."""
    proxy = Proxy(endpoint)
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    proxy.wait()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()
