"""Realistic values, each a pure function of (seed, index, kinds, sizes).

Faker is slow: it fills pools once, from the seed, and a value is put together
out of them by a hash of seed and index. So the same index has the same value
whatever the order, the batch, the worker or the machine.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import blake2b, shake_128

import orjson

KINDS = ("json", "text", "binary")
POOL_SIZE = 512
MAX_PRICE_CENTS = 99_999

_FIRST_DAY = datetime(2020, 1, 1, tzinfo=timezone.utc)
_LAST_DAY = datetime(2025, 1, 1, tzinfo=timezone.utc)
_HASH_WORDS = struct.Struct("<6I")


@dataclass(frozen=True)
class _Pools:
    """What Faker made: JSON strings (quotes included) and plain sentences, as bytes."""

    names: list[bytes]
    emails: list[bytes]
    products: list[bytes]
    moments: list[bytes]
    sentences: list[bytes]


class Payloads:
    """The values of one data set."""

    def __init__(self, seed: int, kinds: Sequence[str], blob_bytes: int) -> None:
        """`kinds` of KINDS take turns by index; `blob_bytes` is the size of a binary value."""
        makers = {"json": self._json, "text": self._text, "binary": self._binary}
        self._makers = [makers[kind] for kind in kinds]
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._blob_bytes = blob_bytes
        self._pools = _fill_pools(seed)

    def value(self, index: int) -> bytes:
        """The value of that index."""
        return self._makers[index % len(self._makers)](index)

    def _hash(self, index: int) -> tuple[int, ...]:
        """Six numbers below 2**32."""
        digest = blake2b(b"%d" % index, key=self._key, digest_size=_HASH_WORDS.size)
        return _HASH_WORDS.unpack(digest.digest())

    def _json(self, index: int) -> bytes:
        name, email, product, cents, moment, _ = self._hash(index)
        pools = self._pools
        euros, cents = divmod(cents % MAX_PRICE_CENTS + 1, 100)
        return b'{"id":%d,"name":%b,"email":%b,"product":%b,"price":%d.%02d,"created":%b}' % (
            index,
            pools.names[name % POOL_SIZE],
            pools.emails[email % POOL_SIZE],
            pools.products[product % POOL_SIZE],
            euros,
            cents,
            pools.moments[moment % POOL_SIZE],
        )

    def _text(self, index: int) -> bytes:
        first, second, *_ = self._hash(index)
        sentences = self._pools.sentences
        return b"%b %b" % (sentences[first % POOL_SIZE], sentences[second % POOL_SIZE])

    def _binary(self, index: int) -> bytes:
        stream = shake_128(self._key + b"%d" % index).digest(self._blob_bytes)
        # A byte of 0x80 to 0xBF cannot open UTF-8, so even one byte of it is binary.
        return bytes([stream[0] & 0x3F | 0x80]) + stream[1:]


def _fill_pools(seed: int) -> _Pools:
    from faker import Faker  # a third of a second that --help need not take

    fake = Faker("en_US", use_weighting=False)
    fake.seed_instance(seed)
    moments = random.Random(seed)  # noqa: S311 - no secret: the same dates for the same seed
    span = (_FIRST_DAY.timestamp(), _LAST_DAY.timestamp())
    return _Pools(
        names=[_quoted(fake.name()) for _ in range(POOL_SIZE)],
        emails=[_quoted(fake.email()) for _ in range(POOL_SIZE)],
        products=[_quoted(fake.catch_phrase()) for _ in range(POOL_SIZE)],
        moments=[_quoted(_moment(moments.uniform(*span))) for _ in range(POOL_SIZE)],
        sentences=[fake.sentence(nb_words=8).encode() for _ in range(POOL_SIZE)],
    )


def _quoted(text: str) -> bytes:
    return orjson.dumps(text)


def _moment(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
