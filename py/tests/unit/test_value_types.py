"""The type of a value, alone and among others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.report.value_types import TYPES, sort_by_type

CASES = [
    (b'{"a": 1}', "json"), (b" \n[1, 2]", "json"), (b"{}", "json"),
    (b"[" * 1024 + b"]" * 1024, "json"),
    (b'{"price": NaN}', "json"), (b'{"price": 1e999}', "json"), (b'{"a": "\\ud800"}', "json"),
    (b"[" * 10_000 + b"]" * 10_000, "text"), (b'{"a": ', "text"), (b"12", "text"),
    (b" 12", "text"),
    (b'"text"', "text"), (b"null", "text"), (b"line\tone\r\n", "text"),
    ("žluť 🙂".encode(), "text"),
    (b"{\xff}", "binary"), (b"\xca\xfe\x00", "binary"), (b"\xed\xa0\x80", "binary"),
    ('{"a": 1}'.encode("utf-16-le"), "other"),
    (b"", "other"), (b"bell\a", "other"), (b"\x7f", "other"), ("\x85".encode(), "other"),
    (b"{\a", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kind"), CASES)
def test_each_type(value: bytes, kind: str) -> None:
    assert {name: group for name, group in sort_by_type([value]).values.items() if group} == {
        kind: [value]
    }


@given(st.lists(st.one_of(st.sampled_from([value for value, _ in CASES]), st.binary(max_size=6))))
def test_the_same_types_together_as_alone(values: list[bytes]) -> None:
    alone: dict[str, list[bytes]] = {name: [] for name in TYPES}
    for value in values:
        for name, group in sort_by_type([value]).values.items():
            alone[name] += group
    together = sort_by_type(values)
    assert {name: sorted(group) for name, group in together.values.items()} == {
        name: sorted(group) for name, group in alone.items()
    }
    assert [values[place] for place in together.places] == together.values["json"]


def test_where_json_and_broken_json_are() -> None:
    typed = sort_by_type([b"a", b'{"a"', b"[1]", b" [", b"{}", b"\xff", b"[" * 2000])
    assert (typed.places, typed.documents, typed.broken) == ([2, 4], [[1], {}], [1, 3, 6])
