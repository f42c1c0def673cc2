"""The same operations over the gateway and with python-etcd3."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import orjson
import requests

from etcdlab.client.connect import Settings
from etcdlab.compare.connections import client_to, session_to
from etcdlab.compare.sides import b64, unb64
from etcdlab.keys import prefix_range_end
from etcdlab.limits import MAX_TXN_OPS

VALUE = b"v" * 100
RANGE_KEYS = 1000
_KEYS = 512  # written in rotation by put
_DEADLINE = 30.0  # seconds


def shared_keys(shared: bytes) -> list[bytes]:
    """The keys that all workers read; the caller writes them."""
    return [b"%b/%06d" % (shared, index) for index in range(RANGE_KEYS)]


class Worker(ABC):
    """One client with its own connection. Writes under `prefix`/, reads under `shared`/."""

    def __init__(self, settings: Settings, prefix: bytes, shared: bytes) -> None:
        self._keys = cycle([b"%b/%04d" % (prefix, index) for index in range(_KEYS)])
        self._batches = cycle(
            [
                [b"%b/%d/%03d" % (prefix, turn, index) for index in range(MAX_TXN_OPS)]
                for turn in range(4)
            ]
        )
        self._watched = prefix + b"/watched"
        self._shared = shared + b"/"
        self._there = cycle(shared_keys(shared))
        self._events: Iterator[object] | None = None
        self._open(settings)

    @abstractmethod
    def _open(self, settings: Settings) -> None:
        """Connect."""

    @abstractmethod
    def put(self) -> None:
        """Put one value."""

    @abstractmethod
    def get(self) -> None:
        """Get one value."""

    @abstractmethod
    def range(self) -> None:
        """Read RANGE_KEYS keys."""

    @abstractmethod
    def txn(self) -> None:
        """Put MAX_TXN_OPS values in one transaction."""

    @abstractmethod
    def watch(self) -> None:
        """Put a value, and wait for its event."""

    @abstractmethod
    def close(self) -> None:
        """Disconnect."""


KINDS: dict[str, Callable[[Worker], None]] = {
    "put": lambda worker: worker.put(),
    "get": lambda worker: worker.get(),
    f"range of {RANGE_KEYS}": lambda worker: worker.range(),
    f"txn of {MAX_TXN_OPS} puts": lambda worker: worker.txn(),
    "put to watch event": lambda worker: worker.watch(),
}


class GatewayWorker(Worker):
    """The gateway, with `requests` and JSON."""

    def _open(self, settings: Settings) -> None:
        self._url = f"{settings.endpoints[0]}/v3"
        self._session = session_to(settings)
        self._watching: requests.Response | None = None

    def _post(self, path: str, body: dict[str, Any], stream: bool = False) -> requests.Response:
        url = f"{self._url}/{path}"
        reply = self._session.post(url, data=orjson.dumps(body), stream=stream, timeout=_DEADLINE)
        reply.raise_for_status()
        return reply

    def put(self) -> None:
        """Put one value."""
        self._post("kv/put", {"key": b64(next(self._keys)), "value": b64(VALUE)})

    def get(self) -> None:
        """Get one value."""
        reply = self._post("kv/range", {"key": b64(next(self._there))})
        assert unb64(orjson.loads(reply.content)["kvs"][0]["value"]) == VALUE

    def range(self) -> None:
        """Read RANGE_KEYS keys."""
        end = prefix_range_end(self._shared)
        reply = self._post("kv/range", {"key": b64(self._shared), "range_end": b64(end)})
        kvs = orjson.loads(reply.content)["kvs"]
        assert len([(unb64(kv["key"]), unb64(kv["value"])) for kv in kvs]) == RANGE_KEYS

    def txn(self) -> None:
        """Put MAX_TXN_OPS values in one transaction."""
        puts = [
            {"request_put": {"key": b64(key), "value": b64(VALUE)}} for key in next(self._batches)
        ]
        assert orjson.loads(self._post("kv/txn", {"success": puts}).content)["succeeded"]

    def watch(self) -> None:
        """Put a value, and wait for its event."""
        if self._events is None:
            create = {"create_request": {"key": b64(self._watched)}}
            self._watching = self._post("watch", create, stream=True)
            self._events = self._watching.iter_lines(chunk_size=None)
            next(self._events)
        self._post("kv/put", {"key": b64(self._watched), "value": b64(VALUE)})
        line = next(self._events)
        orjson.loads(bytes(line))  # type: ignore[call-overload]

    def close(self) -> None:
        """Disconnect."""
        if self._watching is not None:
            self._watching.close()
        self._session.close()


class NativeWorker(Worker):
    """python-etcd3."""

    def _open(self, settings: Settings) -> None:
        self._client = client_to(settings, timeout=_DEADLINE)
        self._cancel: Callable[[], None] | None = None

    def put(self) -> None:
        """Put one value."""
        self._client.put(next(self._keys), VALUE)

    def get(self) -> None:
        """Get one value."""
        assert self._client.get(next(self._there))[0] == VALUE

    def range(self) -> None:
        """Read RANGE_KEYS keys."""
        assert len(list(self._client.get_prefix(self._shared))) == RANGE_KEYS

    def txn(self) -> None:
        """Put MAX_TXN_OPS values in one transaction."""
        puts = [self._client.transactions.put(key, VALUE) for key in next(self._batches)]
        assert self._client.transaction(compare=[], success=puts, failure=[])[0]

    def watch(self) -> None:
        """Put a value, and wait for its event."""
        if self._events is None:
            self._events, self._cancel = self._client.watch(self._watched)
        self._client.put(self._watched, VALUE)
        next(self._events)

    def close(self) -> None:
        """Disconnect."""
        if self._cancel is not None:
            self._cancel()
        self._client.close()


SIDES: dict[str, type[Worker]] = {"gateway": GatewayWorker, "native": NativeWorker}
