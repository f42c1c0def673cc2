"""Scans of a real etcd, page by page."""

import pytest
from etcd_fixture import Etcd

from etcdlab.client.connect import TRANSPORTS, Settings, connections
from etcdlab.client.gateway import Gateway
from etcdlab.client.types import Range
from etcdlab.errors import ReplyTooLarge, ServerError
from etcdlab.keys import prefix_range
from etcdlab.scan.pages import MAX_REPLY_BYTES, MAX_RESTARTS, retry_if_compacted, scan_pages

ODD = [b"p/", b"p/\x00", b"p/\x00\x00", b"p/a", b"p/a\x00", b"p/\xff", b"p/\xff\xff"]


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
def test_every_key_once_whatever_the_page(etcd: Etcd, batch: int) -> None:
    gateway = Gateway([etcd.url])
    gateway.put_all([(key, key) for key in [*ODD, b"o", b"q"]])
    pages = list(scan_pages([gateway], prefix_range(b"p/"), batch=batch))
    assert sorted(key for page in pages for key in page.keys) == ODD
    assert all(len(page.keys) <= batch for page in pages)
    pages = list(scan_pages([gateway], prefix_range(b""), batch=batch))
    everything = [key for page in pages for key in page.keys]
    assert sorted(everything) == [b"o", *ODD, b"q"]
    gateway.close()


def test_writes_meanwhile_do_not_show(etcd: Etcd) -> None:
    gateway, reader = Gateway([etcd.url]), Gateway([etcd.url])
    gateway.put_all([(b"s/%03d" % index, b"old") for index in range(100)])
    values = []
    for page in scan_pages([reader], prefix_range(b"s/"), batch=10):
        values += page.values
        gateway.put_all([(b"s/%03d" % index, b"new") for index in range(100)])
        gateway.put_all([(b"s/zzz%d" % len(values), b"new")])
    assert values == [b"old"] * 100
    gateway.close()
    reader.close()


def test_a_prefix_with_nothing_under_it_is_one_empty_page(etcd: Etcd) -> None:
    gateway = Gateway([etcd.url])
    pages = list(scan_pages([gateway], prefix_range(b"none/"), batch=10, serializable=True))
    assert [page.keys for page in pages] == [[]]
    assert pages[0].header.revision > 0
    gateway.close()


@pytest.mark.parametrize("compactions", [0, 1, MAX_RESTARTS, MAX_RESTARTS + 1])
def test_a_compaction_meanwhile_is_no_mixture(etcd: Etcd, compactions: int) -> None:
    gateway, reader = Gateway([etcd.url]), Gateway([etcd.url])
    restarts: list[int] = []

    def write(value: bytes) -> None:
        gateway.put_all([(b"s/%03d" % index, value) for index in range(100)])

    def read() -> list[bytes]:
        values = []
        for page in scan_pages([reader], prefix_range(b"s/"), batch=10):
            values += page.values
            if len(restarts) < compactions:
                write(b"%d" % len(restarts))
                gateway.compact(gateway.range(b"s/000").revision)
        return values

    write(b"first")
    if compactions > MAX_RESTARTS:
        with pytest.raises(ServerError, match="compacted"):
            retry_if_compacted(read, lambda: restarts.append(1))
    else:
        expected = b"%d" % (compactions - 1) if compactions else b"first"
        assert retry_if_compacted(read, lambda: restarts.append(1)) == [expected] * 100
    assert len(restarts) == min(compactions, MAX_RESTARTS)
    gateway.close()
    reader.close()


def test_an_earlier_revision(etcd: Etcd) -> None:
    gateway = Gateway([etcd.url])
    gateway.put_all([(b"r/%d" % index, b"old") for index in range(9)])
    revision = gateway.range(b"r/0").revision
    gateway.put_all([(b"r/%d" % index, b"new") for index in range(20)])
    pages = list(scan_pages([gateway], prefix_range(b"r/"), batch=2, revision=revision))
    assert [value for page in pages for value in page.values] == [b"old"] * 9
    gateway.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_pages_give_way_where_a_reply_would_be_too_large(etcd: Etcd, transport: str) -> None:
    settings = Settings([etcd.url], transport)
    sizes = {b"l/%03d" % index: 1_400_000 if 30 <= index < 50 else 1 for index in range(100)}
    with connections(settings, 3) as clients:
        for key, size in sizes.items():
            clients[0].put_all([(key, b"x" * size)])
        with pytest.raises(ReplyTooLarge, match="a reply of more than 8388608 bytes"):
            clients[0].ask_page(Range(b"l/", b"l0", limit=64), MAX_REPLY_BYTES)
        found = {}
        for page in scan_pages(clients, prefix_range(b"l/"), batch=1000):
            found |= dict(zip(page.keys, map(len, page.values), strict=True))
        assert found == sizes
        # One key may be larger than that: there is no smaller page.
        assert clients[0].ask_page(Range(b"l/040", limit=1), 1000).decode().keys == [b"l/040"]
