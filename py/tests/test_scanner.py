"""Scans of a real etcd, page by page."""

import pytest
from conftest import Etcd

from etcdlab.errors import ServerError
from etcdlab.gateway import Gateway
from etcdlab.scanner import RESTARTS, reading_again, scan

ODD = [b"p/", b"p/\x00", b"p/\x00\x00", b"p/a", b"p/a\x00", b"p/\xff", b"p/\xff\xff"]


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
def test_every_key_once_whatever_the_page(etcd: Etcd, batch: int) -> None:
    gateway = Gateway([etcd.url])
    gateway.put_all([(key, key) for key in [*ODD, b"o", b"q"]])
    pages = list(scan(gateway, b"p/", batch=batch))
    assert [kv.key for page in pages for kv in page.kvs] == ODD
    assert all(len(page.kvs) <= batch for page in pages)
    assert [kv.key for page in scan(gateway, b"", batch=batch) for kv in page.kvs] == [
        b"o", *ODD, b"q",
    ]  # fmt: skip
    gateway.close()


def test_writes_meanwhile_do_not_show(etcd: Etcd) -> None:
    gateway = Gateway([etcd.url])
    gateway.put_all([(b"s/%03d" % index, b"old") for index in range(100)])
    values = []
    for page in scan(gateway, b"s/", batch=10):
        values += [kv.value for kv in page.kvs]
        gateway.put_all([(b"s/%03d" % index, b"new") for index in range(100)])
        gateway.put_all([(b"s/zzz%d" % len(values), b"new")])
    assert values == [b"old"] * 100
    gateway.close()


def test_a_prefix_with_nothing_under_it_is_one_empty_page(etcd: Etcd) -> None:
    gateway = Gateway([etcd.url])
    pages = list(scan(gateway, b"none/", batch=10, serializable=True))
    assert [page.kvs for page in pages] == [[]]
    assert pages[0].revision > 0
    gateway.close()


@pytest.mark.parametrize("compactions", [0, 1, RESTARTS, RESTARTS + 1])
def test_a_compaction_meanwhile_is_no_mixture(etcd: Etcd, compactions: int) -> None:
    gateway = Gateway([etcd.url])
    restarts: list[int] = []

    def write(value: bytes) -> None:
        gateway.put_all([(b"s/%03d" % index, value) for index in range(100)])

    def read() -> list[bytes]:
        values = []
        for page in scan(gateway, b"s/", batch=10):
            values += [kv.value for kv in page.kvs]
            if len(restarts) < compactions:
                write(b"%d" % len(restarts))
                gateway.compact(gateway.range(b"s/000").revision)
        return values

    write(b"first")
    if compactions > RESTARTS:
        with pytest.raises(ServerError, match="compacted"):
            reading_again(read, lambda: restarts.append(1))
    else:
        expected = b"%d" % (compactions - 1) if compactions else b"first"
        assert reading_again(read, lambda: restarts.append(1)) == [expected] * 100
    assert len(restarts) == min(compactions, RESTARTS)
    gateway.close()


def test_an_earlier_revision(etcd: Etcd) -> None:
    gateway = Gateway([etcd.url])
    gateway.put_all([(b"r/%d" % index, b"old") for index in range(9)])
    revision = gateway.range(b"r/0").revision
    gateway.put_all([(b"r/%d" % index, b"new") for index in range(20)])
    pages = list(scan(gateway, b"r/", batch=2, revision=revision))
    assert [kv.value for page in pages for kv in page.kvs] == [b"old"] * 9
    gateway.close()
