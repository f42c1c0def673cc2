"""Whether a prefix holds the keys that a data set has there, and no others."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from etcdlab.client import Client
from etcdlab.keys import child, prefix_range
from etcdlab.scanner import scan

PAGE = 2000  # keys
NAMED = 3  # keys that are named of each sort
MOST_SORTED = 100_000_000  # indexes from 0 on whose keys are in the order of their numbers
MOST_DIGITS = 20  # of an index; more than the flags take

_MISSING, _RIGHT, _DIFFERENT = range(3)


def key_of(prefix: bytes, index: int) -> bytes:
    """The key of that index in a data set."""
    (key,) = keys_of(prefix, [index])
    return key


def keys_of(prefix: bytes, indexes: Iterable[int]) -> list[bytes]:
    """The keys of those indexes in a data set."""
    place = child(prefix, b"")
    return [b"%b%08d" % (place, index) for index in indexes]


@dataclass
class Verdict:
    """How many keys are right, missing, different or extra; the first few of the last three."""

    expected: range
    right: int = 0
    missing: int = 0
    different: int = 0
    extra: int = 0
    first: dict[str, list[bytes]] = field(default_factory=dict)
    _states: bytearray = field(default_factory=bytearray, repr=False)

    def __post_init__(self) -> None:
        self._states = bytearray(len(self.expected))

    @property
    def is_right(self) -> bool:
        """Whether there is exactly what should be."""
        return not (self.missing or self.different or self.extra)

    def wrong(self) -> Iterator[int]:
        """The indexes that are missing or different, ascending."""
        states = zip(self.expected, self._states, strict=True)
        return (index for index, state in states if state != _RIGHT)

    def found(self, index: int, key: bytes, is_right: bool) -> None:
        """Count an expected key in."""
        self._states[index - self.expected.start] = _RIGHT if is_right else _DIFFERENT
        if is_right:
            self.right += 1
        else:
            self.different += 1
            self._name("different", key)

    def not_expected(self, key: bytes) -> None:
        """Count a key in that should not be there."""
        self.extra += 1
        self._name("extra", key)

    def end(self, prefix: bytes) -> None:
        """Once all keys are counted in: those that were not seen are missing."""
        self.missing = self._states.count(_MISSING)
        offset = self._states.find(_MISSING)
        while offset >= 0 and len(self.first.get("missing", ())) < NAMED:
            self._name("missing", key_of(prefix, self.expected.start + offset))
            offset = self._states.find(_MISSING, offset + 1)

    def _name(self, what: str, key: bytes) -> None:
        keys = self.first.setdefault(what, [])
        insort(keys, key)
        del keys[NAMED:]


def compare(
    clients: Sequence[Client],
    prefix: bytes,
    expected: range,
    value: Callable[[int], bytes],
    on_progress: Callable[[int], object],
) -> Verdict:
    """Compare the keys under `prefix`, at one revision, with those of the indexes.

    `value` makes the value of an index; `on_progress` gets the number of keys of
    each page. Memory is one byte to an expected key. Raises what Client.ask_page raises.
    """
    verdict = Verdict(expected)
    place = child(prefix, b"")
    for page in scan(clients, prefix_range(place), batch=PAGE):
        for key, found in zip(page.keys, page.values, strict=True):
            name = key[len(place) :]
            index = int(name) if name.isdigit() and len(name) <= MOST_DIGITS else -1
            if index in expected and (len(name) == 8 or key == key_of(prefix, index)):
                verdict.found(index, key, found == value(index))
            else:
                verdict.not_expected(key)
        on_progress(len(page.keys))
    verdict.end(prefix)
    return verdict
