"""The effects of the proxy's modes on clients of a real etcd."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from etcd_fixture import Etcd

from etcdlab.client.api import Client
from etcdlab.client.connect import TRANSPORTS, Settings, connect
from etcdlab.errors import ConnectionLost, LabError, Unreachable
from etcdlab.polling import until
from etcdlab.testbed.proxy import DELAY, Mode, Proxy, tcp_proxy

KEY, VALUE = b"proxied", b"x" * 1000


@contextmanager
def proxied(etcd: Etcd, transport: str, timeout: float = 0.5) -> Iterator[tuple[Proxy, Client]]:
    """Yield a proxy, and a client with an open connection through it."""
    with tcp_proxy(etcd.url) as proxy:
        settings = Settings([proxy.url], transport, timeout=timeout)
        with closing(connect(settings)) as client:
            client.put_all([(KEY, VALUE)])
            yield proxy, client


def value(client: Client) -> bytes:
    return client.range(KEY).kvs[0].value


def soon(client: Client) -> bytes | None:
    """Read the value, until the client has connected again: gRPC waits before it does."""

    def read() -> bytes | None:
        with suppress(LabError):
            return value(client)
        return None

    return until(read, 10)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("refuse", Unreachable),
        ("hang", ConnectionLost),
        ("reset", ConnectionLost),
        ("truncate", ConnectionLost),
    ],
)
def test_a_mode_is_felt_as_what_it_is_and_passes(
    etcd: Etcd, transport: str, mode: Mode, error: type[LabError]
) -> None:
    with proxied(etcd, transport) as (proxy, client):
        proxy.set_mode(mode)
        if mode == "refuse":
            # The open connection is broken first, which gRPC may notice late; only a new one
            # is refused.
            deadline, caught = time.monotonic() + 10, None
            while caught is None or caught.type is ConnectionLost:
                assert time.monotonic() < deadline
                with pytest.raises((Unreachable, ConnectionLost)) as caught:
                    value(client)
        with pytest.raises(error):
            value(client)
        proxy.set_mode("pass")
        assert soon(client) == VALUE


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_request_whose_reply_is_cut_or_reset_was_carried_out(etcd: Etcd, transport: str) -> None:
    with proxied(etcd, transport) as (proxy, client):
        for mode in ("truncate", "reset"):
            proxy.set_mode(mode)
            with pytest.raises(ConnectionLost):
                client.put_all([(KEY, mode.encode())])
            assert etcd.items(KEY) == [(KEY, mode.encode())]
            proxy.set_mode("pass")
            assert soon(client) == mode.encode()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_delayed_bytes_come_late_and_whole(etcd: Etcd, transport: str) -> None:
    with proxied(etcd, transport, timeout=10) as (proxy, client):
        proxy.set_mode("delay")
        begin = time.monotonic()
        assert value(client) == VALUE
        assert time.monotonic() - begin >= DELAY


def test_a_proxy_counts_what_passes(etcd: Etcd) -> None:
    with proxied(etcd, "gateway") as (proxy, client):
        assert proxy.connections == 1
        before = proxy.bytes_down
        assert value(client) == VALUE
        assert proxy.bytes_down - before > len(VALUE)


def test_connections_that_are_being_made_end_with_it_and_quietly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as frozen, ExitStack() as stack:
        address = frozen.getsockname()
        for _ in range(3):  # fill its backlog, so that more connections wait
            waiting = stack.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(address)
        begin = time.monotonic()
        with tcp_proxy(f"http://127.0.0.1:{address[1]}") as proxy:
            own = urlsplit(proxy.url)
            for count in range(1, 6):
                stack.enter_context(socket.create_connection((own.hostname, own.port)))
                while proxy.connections < count:
                    assert time.monotonic() < begin + 10
            # Connections that it may have accepted without having begun to serve them.
            for _ in range(20):
                stack.enter_context(socket.create_connection((own.hostname, own.port)))
        assert time.monotonic() < begin + 20
    assert caplog.records == []
