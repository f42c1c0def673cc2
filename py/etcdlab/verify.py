"""Whether a prefix holds the keys that a data set has there, and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from etcdlab.client import Client
from etcdlab.keys import child
from etcdlab.scanner import scan

PAGE = 2000  # keys
NAMED = 3  # keys that are named of each sort


def key_of(prefix: bytes, index: int) -> bytes:
    """The key of that index in a data set."""
    return child(prefix, b"%08d" % index)


@dataclass
class Verdict:
    """How many keys are right, missing, different or extra; the first few of the last three."""

    right: int = 0
    missing: int = 0
    different: int = 0
    extra: int = 0
    first: dict[str, list[bytes]] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether there is exactly what should be."""
        return not (self.missing or self.different or self.extra)

    def name(self, what: str, key: bytes) -> None:
        """Keep the key as one of the first of its sort."""
        keys = self.first.setdefault(what, [])
        if len(keys) < NAMED:
            keys.append(key)


def compare(
    client: Client,
    prefix: bytes,
    expected: range,
    value: Callable[[int], bytes],
    on_progress: Callable[[int], object],
) -> Verdict:
    """Compare the keys under `prefix`, at one revision, with those of the indexes.

    `value` makes the value of an index; `on_progress` gets the number of keys of
    each page. Memory is one byte to an expected key. Raises what Client.range raises.
    """
    verdict = Verdict()
    place = child(prefix, b"")
    seen = bytearray(len(expected))
    for page in scan(client, place, batch=PAGE):
        for kv in page.kvs:
            name = kv.key[len(place) :]
            index = int(name) if name.isdigit() and len(name) < 19 else -1
            if index not in expected or kv.key != key_of(prefix, index):
                verdict.extra += 1
                verdict.name("extra", kv.key)
                continue
            seen[index - expected.start] = 1
            if kv.value == value(index):
                verdict.right += 1
            else:
                verdict.different += 1
                verdict.name("different", kv.key)
        on_progress(len(page.kvs))
    verdict.missing = seen.count(0)
    offset = seen.find(0)
    while offset >= 0 and len(verdict.first.get("missing", ())) < NAMED:
        verdict.name("missing", key_of(prefix, expected.start + offset))
        offset = seen.find(0, offset + 1)
    return verdict
