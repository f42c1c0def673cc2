import json
from decimal import Decimal
from hashlib import sha256

import pytest

from etcdlab.dataset.payloads import KINDS, Payloads
from etcdlab.dataset.samples import Datasets
from etcdlab.report.value_types import TYPES, sort_by_type


def type_of(value: bytes) -> str:
    """Return the type of the value."""
    typed = sort_by_type([value]).values
    (name,) = (name for name in TYPES if typed[name])
    return name


def test_a_value_depends_on_seed_index_and_kinds_alone() -> None:
    forwards = [Payloads(3, KINDS, 20).value(index) for index in range(60)]
    other = Payloads(3, KINDS, 20)
    assert [other.value(index) for index in reversed(range(60))] == forwards[::-1]
    assert len(set(forwards)) == 60
    different = Payloads(4, KINDS, 20)
    assert not {different.value(index) for index in range(60)} & set(forwards)


def test_the_same_seed_gives_the_same_bytes_on_every_machine() -> None:
    payloads = Payloads(1, KINDS, 128)
    digest = sha256(b"".join(payloads.value(index) for index in range(3000)))
    assert digest.hexdigest() == "4116fed85636e99ac5066eb24c22626d76d6b9e114b26f8138f82e0e12858aec"


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_is_of_its_kind(kind: str) -> None:
    payloads = Payloads(1, [kind], 1)
    assert {type_of(payloads.value(index)) for index in range(2000)} == {kind}


def test_kinds_take_turns() -> None:
    payloads = Payloads(1, KINDS, 16)
    assert [type_of(payloads.value(index)) for index in range(6)] == [*KINDS, *KINDS]


def test_documents_have_a_price_in_cents() -> None:
    payloads = Payloads(1, ["json"], 1)
    for index in range(500):
        document = json.loads(payloads.value(index), parse_float=Decimal)
        assert document["id"] == index
        assert 0 < document["price"] < 1000
        assert document["price"].as_tuple().exponent == -2
        assert {"name", "email", "product", "created"} < document.keys()


@pytest.mark.parametrize("size", [1, 7, 128, 100_000])
def test_binary_values_have_the_size_asked_for(size: int) -> None:
    assert len(Payloads(1, ["binary"], size).value(5)) == size


def test_data_sets_are_strings_then_documents_then_blobs() -> None:
    data = Datasets(strings=2, documents=1, blobs=2, blob_bytes=300)
    items = [data.item(index) for index in range(len(data))]
    assert [key.split(b"/")[1] for key, _ in items] == [
        b"strings", b"strings", b"json", b"blobs", b"blobs",
    ]  # fmt: skip
    assert items[2][1] == b'{"id":0,"name":"item 0","colour":"amber","price":19.99}'
    assert all(len(value) == 300 and value[4:6] == b"\x00\n" for _, value in items[3:])
