"""Watches whose endpoint is gone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

import pytest
from etcd_fixture import Etcd

from etcdlab.client.connect import TRANSPORTS, Settings, connect
from etcdlab.client.resuming_watch import resuming_watch
from etcdlab.client.types import Watch, WatchReply
from etcdlab.testbed.ports import free_urls
from etcdlab.testbed.proxy import tcp_proxy

_Result = TypeVar("_Result")


def in_time(read: Callable[[], _Result]) -> _Result:
    """Return what `read` returns; TimeoutError if the stream stays silent."""
    executor = ThreadPoolExecutor(1)
    try:
        return executor.submit(read).result(10)
    finally:
        executor.shutdown(wait=False)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_watch_passes_over_endpoints_that_are_gone(etcd: Etcd, transport: str) -> None:
    (dead,) = free_urls(1)
    for _ in range(10):
        with closing(connect(Settings([dead] * 5 + [etcd.url], transport))) as client:
            replies = client.watch(Watch(b"watched"))
            try:
                assert in_time(lambda replies=replies: next(replies)).created
            finally:
                client.close()  # ends a silent stream too


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_watch_whose_connection_breaks_goes_on_where_it_was(etcd: Etcd, transport: str) -> None:
    with (
        tcp_proxy(etcd.url) as proxy,
        closing(connect(Settings([proxy.url], transport))) as client,
    ):
        replies = resuming_watch(client, Watch(b"watched"))

        def next_events() -> list[bytes]:
            reply: WatchReply = next(reply for reply in replies if reply.events)
            return [event.kv.value for event in reply.events]

        assert in_time(lambda: next(replies)).created
        seen = []
        for number in range(3):
            etcd.put(b"watched", b"%d" % number)
            seen += in_time(next_events)
            proxy.cut()
        etcd.put(b"watched", b"3")
        seen += in_time(next_events)
        assert seen == [b"0", b"1", b"2", b"3"]
