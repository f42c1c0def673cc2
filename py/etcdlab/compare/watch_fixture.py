"""Watches on each side, read with a deadline and always closed."""

from __future__ import annotations

import os
import queue
import select
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import etcd3
import orjson
from etcd3 import etcdrpc

from etcdlab.compare.sides import Json, Sides, b64, unb64

IN_TIME = 10.0  # seconds to wait for what must come
SILENCE = 0.6  # seconds without a message that count as none


class EtcdctlWatch:
    """A running etcdctl watch and its output."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._read = b""

    @property
    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.poll()

    def line(self, seconds: float = IN_TIME) -> bytes | None:
        """The next line of stdout; None at the end, or if none comes in `seconds`."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._read:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                return None
            if not (data := os.read(self._process.stdout.fileno(), 65536)):
                return None
            self._read += data
        line, self._read = self._read.split(b"\n", 1)
        return line

    def json(self) -> Json:
        """The next message of a watch with -w json; empty if none comes."""
        line = self.line()
        return dict(orjson.loads(line)) if line else {}

    def type(self, line: bytes) -> None:
        """Write a line to stdin."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")

    def end(self, signal: int) -> int:
        """Send a signal, and return the exit status."""
        self._process.send_signal(signal)
        return self._process.wait(IN_TIME)


@contextmanager
def etcdctl_watch(sides: Sides, *words: str | bytes) -> Iterator[EtcdctlWatch]:
    """Run etcdctl watch with these arguments until the block ends."""
    with sides.etcdctl.start("watch", *words) as process:
        try:
            yield EtcdctlWatch(process)
        finally:
            process.kill()


@contextmanager
def gateway_watch(
    sides: Sides,
    key: bytes,
    *more: Json,
    seconds: float = IN_TIME,
    **create: Any,  # noqa: ANN401
) -> Iterator[Iterator[Json]]:
    """Yield the messages of a watch over the gateway.

    `create` are fields of the create request; `more` are requests sent after it.
    """
    requests = [{"create_request": {"key": b64(key), **create}}, *more]
    body = b"".join(orjson.dumps(each) for each in requests)
    with sides.http.stream("watch", body, seconds) as frames:
        yield (frame["result"] for frame in frames)


@contextmanager
def native_watch(
    client: etcd3.MultiEndpointEtcd3Client,
    key: bytes,
    **settings: Any,  # noqa: ANN401
) -> Iterator[Iterator[Any]]:
    """Yield the responses of a python-etcd3 watch, which is canceled when the block ends."""
    responses, cancel = client.watch_response(key, **settings)
    try:
        yield responses
    finally:
        cancel()


def next_of(iterator: Iterator[Any], seconds: float = IN_TIME) -> Any:  # noqa: ANN401
    """The iterator's next item or the exception that it raises; None if it blocks."""
    found: queue.Queue[Any] = queue.Queue()

    def ask() -> None:
        try:
            found.put(next(iterator))
        except Exception as error:
            found.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except queue.Empty:
        return None


def progress_by_stub(client: etcd3.MultiEndpointEtcd3Client, key: bytes) -> int:
    """Send a progress request with python-etcd3's generated stub; return the revision."""
    asked: queue.Queue[Any] = queue.Queue()
    create, progress = etcdrpc.WatchCreateRequest(key=key), etcdrpc.WatchProgressRequest()
    asked.put(etcdrpc.WatchRequest(create_request=create))
    asked.put(etcdrpc.WatchRequest(progress_request=progress))
    watch = etcdrpc.WatchStub(client.channel).Watch
    answers = watch(iter(asked.get, None), timeout=IN_TIME, metadata=client.metadata)
    try:
        told = next(each for each in answers if not each.created)
        return int(told.header.revision)
    finally:
        asked.put(None)
        answers.cancel()


class FirstEvents:
    """The events of the first message on each side, from a revision on."""

    def __init__(self, sides: Sides, key: bytes, revision: int, end: bytes = b"") -> None:
        keys = [key, end] if end else [key]
        options = (f"--rev={revision}", "--prev-kv", "-w", "json")
        with etcdctl_watch(sides, *keys, *options) as printing:
            self.etcdctl: list[Json] = printing.json()["Events"]
        create = {"range_end": b64(end), "start_revision": revision, "prev_kv": True}
        with gateway_watch(sides, key, **create) as messages:
            self.created = next(messages)
            self.gateway: list[Json] = next(messages)["events"]
        settings = {"range_end": end, "start_revision": revision, "prev_kv": True}
        with native_watch(sides.native, key, **settings) as responses:
            self.native: list[Any] = next_of(responses).events

    def pairs(self, prefix: bytes) -> tuple[str, str, str]:
        """The events of each side in words, such as "1 events: a=1"; `prefix` is cut off."""
        of_json = [
            [(unb64(each["kv"]["key"]), unb64(each["kv"].get("value", ""))) for each in events]
            for events in (self.etcdctl, self.gateway)
        ]
        return (
            _pairs(of_json[0], prefix),
            _pairs(of_json[1], prefix),
            _pairs([(each.key, each.value) for each in self.native], prefix),
        )


def _pairs(found: list[tuple[bytes, bytes]], prefix: bytes) -> str:
    written = (f"{key.removeprefix(prefix).decode()}={value.decode()}" for key, value in found)
    return f"{len(found)} events: {', '.join(written)}"
