"""Verification of a prefix that holds a data set, or not quite."""

import pytest
from etcd_fixture import Etcd

from etcdlab.client.api import Client
from etcdlab.client.connect import Settings, connect
from etcdlab.dataset.keys import key_of, keys_of
from etcdlab.scan.verify import Verification, verification_scan


def compare(
    client: Client, prefix: bytes, expected: range, counted: list[int] | None = None
) -> Verification:
    """Verify the keys of the indexes under a prefix."""
    check = verification_scan(Settings([]), prefix, expected, value)
    on_progress = (
        (lambda keys, total: None) if counted is None else lambda keys, _: counted.append(keys)
    )
    return Verification(check.read([client], on_progress).aggregate)


def value(index: int) -> bytes:
    return b"value %d" % index


@pytest.mark.parametrize("transport", ["gateway", "native"])
def test_right_missing_different_extra(etcd: Etcd, transport: str) -> None:
    client = connect(Settings([etcd.url], transport))
    for index in range(10, 33):
        etcd.put(key_of(b"set", index), value(index))
    etcd.put(b"settle", b"not under the prefix")
    counted: list[int] = []
    verification = compare(client, b"set", range(10, 33), counted)
    assert (verification.right, verification.is_right, verification.first) == (23, True, {})
    assert sum(counted) == 23

    client.delete(key_of(b"set", 12))
    etcd.put(key_of(b"set", 13), b"value 12")
    etcd.put(b"set/13", b"not the name that the faker gives")
    etcd.put(b"set/\xff", b"")
    etcd.put(key_of(b"set", 33), value(33))
    verification = compare(client, b"set", range(10, 33), counted)
    assert (
        verification.right,
        verification.missing,
        verification.different,
        verification.extra,
    ) == (21, 1, 1, 3)
    assert verification.first == {
        "missing": [b"set/00000012"],
        "different": [b"set/00000013"],
        "extra": [b"set/00000033", b"set/13", b"set/\xff"],
    }
    assert compare(client, b"nothing", range(5)).missing == 5
    client.close()


@pytest.mark.parametrize("start", [0, 99_999_995, 999_999_999_999_999_990])
def test_indexes_of_any_number_of_digits(etcd: Etcd, start: int) -> None:
    expected = range(start, start + 20)
    client = connect(Settings([etcd.url]))
    client.put_all(
        [(key, value(index)) for index, key in zip(expected, keys_of(b"n", expected), strict=True)]
    )
    assert compare(client, b"n", expected).right == 20
    client.put_all([(b"n/" + b"1" * 30, b""), (b"n/0%d" % start, b""), (b"n/+1", b"")])
    verification = compare(client, b"n", expected)
    assert (verification.right, verification.extra) == (20, 3)
    client.close()
