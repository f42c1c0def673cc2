"""Realistic values, each a pure function of (seed, index, kinds, sizes).

Faker is slow, so it only fills pools, once, from the seed; a hash of seed and index picks
the parts of a value from them. So an index has the same value whatever the order, the
batch, the worker or the machine.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from hashlib import blake2b, shake_128

import orjson

KINDS = ("json", "text", "binary")
POOL_SIZE = 512
MAX_PRICE_CENTS = 99_999

_FIRST_DAY = datetime(2020, 1, 1, tzinfo=timezone.utc)
_LAST_DAY = datetime(2025, 1, 1, tzinfo=timezone.utc)
_BLOCK = 128  # indexes that are hashed together
_OWN_BYTES = 7
_DRAW = struct.Struct(f"<4HI{_OWN_BYTES}s")
_BLOCKS_KEPT = 256  # more than there are threads
_NOISE_BYTES = 1 << 20
# No UTF-8 text begins with a byte of 0x80 to 0xBF, so a value of one byte is binary as well.
_LEADS = [bytes([byte]) for byte in range(0x80, 0xC0)]


@dataclass(frozen=True)
class _Pools:
    """What Faker made, as bytes: JSON strings, quotes included, and plain sentences."""

    names: list[bytes]
    emails: list[bytes]
    products: list[bytes]
    days: list[bytes]
    sentences: list[bytes]


class Payloads:
    """The values of one data set."""

    def __init__(self, seed: int, kinds: Sequence[str], blob_bytes: int) -> None:
        """`kinds`, some of KINDS, take turns; `blob_bytes` is the size of a binary value."""
        self._arguments = seed, tuple(kinds), blob_bytes
        makers = {"json": self._json, "text": self._text, "binary": self._binary}
        self._makers = [makers[kind] for kind in kinds]
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._blob_bytes = blob_bytes
        self._pools = _fill_pools(seed)
        self._rest = max(0, blob_bytes - 1 - _OWN_BYTES)
        self._noise = shake_128(self._key).digest(_NOISE_BYTES + self._rest)
        self._draws = lru_cache(_BLOCKS_KEPT)(self._draw_block)

    def __reduce__(self) -> tuple[object, ...]:
        """Send only the arguments: another process makes its own pools, once."""
        return payloads_of, self._arguments

    def value(self, index: int) -> bytes:
        """Return the value of an index."""
        draw = self._draws(index // _BLOCK)[index % _BLOCK]
        return self._makers[index % len(self._makers)](index, *draw)

    def _draw_block(self, block: int) -> list[tuple[int, int, int, int, int, bytes]]:
        """Draw the numbers for each index of a block.

        To hash the indexes one by one would take longer than all the rest.
        """
        stream = shake_128(b"%b%d" % (self._key, block)).digest(_BLOCK * _DRAW.size)
        return list(_DRAW.iter_unpack(stream))

    def _json(self, index: int, a: int, b: int, c: int, d: int, e: int, own: bytes) -> bytes:
        pools = self._pools
        euros, cents = divmod(e % MAX_PRICE_CENTS + 1, 100)
        return b'{"id":%d,"name":%b,"email":%b,"product":%b,"price":%d.%02d,"created":%b}' % (
            index,
            pools.names[a % POOL_SIZE],
            pools.emails[b % POOL_SIZE],
            pools.products[c % POOL_SIZE],
            euros,
            cents,
            pools.days[d % POOL_SIZE],
        )

    def _text(self, index: int, a: int, b: int, c: int, d: int, e: int, own: bytes) -> bytes:
        sentences = self._pools.sentences
        return b"%b %b" % (sentences[a % POOL_SIZE], sentences[b % POOL_SIZE])

    def _binary(self, index: int, a: int, b: int, c: int, d: int, e: int, own: bytes) -> bytes:
        """Return eight bytes of the index's own and a slice of the noise."""
        begin = e % _NOISE_BYTES
        value = b"%b%b%b" % (_LEADS[a % 64], own, self._noise[begin : begin + self._rest])
        return value[: self._blob_bytes]


@lru_cache(2)
def payloads_of(seed: int, kinds: tuple[str, ...], blob_bytes: int) -> Payloads:
    """Return the values of a data set; the last ones are kept, since the pools take a while."""
    return Payloads(seed, kinds, blob_bytes)


def _fill_pools(seed: int) -> _Pools:
    from faker import Faker  # a third of a second that --help need not take

    fake = Faker("en_US", use_weighting=False)
    fake.seed_instance(seed)
    chance = random.Random(seed)  # noqa: S311 - no secret: the same dates for the same seed
    span = (_FIRST_DAY.timestamp(), _LAST_DAY.timestamp())
    return _Pools(
        names=[_quoted(f"{fake.first_name()} {fake.last_name()}") for _ in range(POOL_SIZE)],
        emails=[_quoted(fake.email()) for _ in range(POOL_SIZE)],
        products=[_quoted(_product(fake.catch_phrase())) for _ in range(POOL_SIZE)],
        days=[_quoted(_day(chance.uniform(*span))) for _ in range(POOL_SIZE)],
        sentences=[fake.sentence(nb_words=6).encode() for _ in range(POOL_SIZE)],
    )


def _product(phrase: str) -> str:
    """Return the noun: `Vision-oriented client-driven solution` is too long for a name."""
    return phrase.split(maxsplit=2)[-1]


def _quoted(text: str) -> bytes:
    return orjson.dumps(text)


def _day(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%d")
