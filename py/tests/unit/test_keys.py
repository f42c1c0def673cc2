from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from etcdlab.keys import ZERO, child, next_key, prefix_range, prefix_range_end, show

some_bytes = st.lists(st.sampled_from([0, 1, 0x61, 0x7F, 0xFE, 0xFF]), max_size=4).map(bytes)


def is_within(key: bytes, bounds: tuple[bytes, bytes]) -> bool:
    """Return the keys that a range holds in etcd."""
    begin, end = bounds
    return begin <= key and (end == ZERO or key < end)


@given(some_bytes, some_bytes.filter(bool))
def test_a_prefix_range_holds_exactly_the_keys_with_that_prefix(prefix: bytes, key: bytes) -> None:
    assert is_within(key, prefix_range(prefix)) == key.startswith(prefix)


@given(some_bytes, some_bytes)
def test_nothing_sorts_between_a_key_and_the_next(key: bytes, other: bytes) -> None:
    assert key < next_key(key)
    assert not key < other < next_key(key)


def test_range_ends() -> None:
    assert prefix_range_end(b"a") == b"b"
    assert prefix_range_end(b"a\xff\xff") == b"b"
    assert prefix_range_end(b"\x7f") == b"\x80"
    assert prefix_range_end(b"\xff") == ZERO
    assert prefix_range(b"") == (ZERO, ZERO)


def test_one_slash_whether_or_not_the_prefix_has_it() -> None:
    assert child(b"a", b"1") == child(b"a/", b"1") == b"a/1"


def test_a_key_is_shown_on_one_line() -> None:
    assert show("schlüssel/é".encode()) == "schlüssel/é"
    assert show(b"a\nb\x00\xff\x1b[31m") == "a\\nb\\x00\\xff\\x1b[31m"


# Every key of up to four bytes, over an alphabet with the least and the greatest byte.
ALPHABET = b"\x00\x01\x61\xfe\xff"
KEYS = [bytes(letters) for length in range(5) for letters in product(ALPHABET, repeat=length)]


def test_all_prefixes_of_all_small_keys() -> None:
    keys = KEYS[1:]  # etcd has no empty key
    for prefix in KEYS[: len(KEYS) // len(ALPHABET) + 1]:  # of up to three bytes
        bounds = prefix_range(prefix)
        held = {key for key in keys if is_within(key, bounds)}
        assert held == {key for key in keys if key.startswith(prefix)}


def test_all_small_keys_in_order() -> None:
    ordered = sorted(KEYS)
    following = dict(pairwise(ordered))
    for key in (key for key in KEYS if len(key) < 4):
        assert next_key(key) == following[key]


@given(some_bytes.filter(bool), some_bytes, some_bytes)
def test_children_are_under_their_prefix_and_in_order(
    prefix: bytes, name: bytes, other: bytes
) -> None:
    assert child(prefix, name).startswith(prefix)
    assert is_within(child(prefix, name), prefix_range(child(prefix, b"")))
    assert (child(prefix, name) < child(prefix, other)) == (name < other)
