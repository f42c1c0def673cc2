"""What a prefix holds: value types, bytes and prices, in constant memory."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from etcdlab.records import KeyValue

TYPES = {
    "json": "a JSON object or array, nested at most 1024 deep",
    "text": "UTF-8, not empty, without control characters but tab and line ends",
    "binary": "not UTF-8",
    "other": "what is left: empty values, text with control characters",
}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_JSON_SPACE = b" \t\n\r"


def classify(value: bytes) -> tuple[str, object]:
    """The value's type, one of TYPES, and for json what it says (else None)."""
    if value.lstrip(_JSON_SPACE)[:1] in (b"{", b"["):
        try:
            return "json", orjson.loads(value)
        except orjson.JSONDecodeError:
            pass
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "binary", None
    if not text or _CONTROL.search(text):
        return "other", None
    return "text", None


def price_of(document: object) -> float | None:
    """The top-level `price` of a JSON object, where it is a finite number."""
    price = document.get("price") if isinstance(document, dict) else None
    if not isinstance(price, (int, float)) or isinstance(price, bool):
        return None
    return float(price) if math.isfinite(price) else None


# Sums are kept this much smaller, a power of two that costs no digit, so that
# no number of prices near 1e308 overflows.
_SCALE = 2.0**-64


@dataclass
class Prices:
    """Count, minimum, maximum and mean of the prices seen."""

    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    _sum: tuple[float, float] = (0.0, 0.0)

    def add(self, prices: list[float]) -> None:
        """Count these in, losing no small price among large ones."""
        if not prices:
            return
        self.count += len(prices)
        self.minimum = min(self.minimum, *prices)
        self.maximum = max(self.maximum, *prices)
        parts = [price * _SCALE for price in prices] + list(self._sum)
        total = math.fsum(parts)
        self._sum = (total, math.fsum([*parts, -total]))

    @property
    def mean(self) -> float:
        """The average; nan when there were none."""
        return math.fsum(self._sum) / self.count / _SCALE if self.count else math.nan


@dataclass
class Group:
    """How many values of one type, and the bytes of the values."""

    keys: int = 0
    bytes: int = 0


@dataclass
class Summary:
    """All there is to say about the pages counted in so far."""

    groups: dict[str, Group] = field(default_factory=lambda: {name: Group() for name in TYPES})
    prices: Prices = field(default_factory=Prices)
    key_bytes: int = 0

    def add(self, kvs: Iterable[KeyValue]) -> None:
        """Count one page in."""
        prices = []
        for kv in kvs:
            kind, document = classify(kv.value)
            group = self.groups[kind]
            group.keys += 1
            group.bytes += len(kv.value)
            self.key_bytes += len(kv.key)
            price = price_of(document)
            if price is not None:
                prices.append(price)
        self.prices.add(prices)

    @property
    def keys(self) -> int:
        """All keys."""
        return sum(group.keys for group in self.groups.values())

    @property
    def value_bytes(self) -> int:
        """All bytes of values."""
        return sum(group.bytes for group in self.groups.values())
