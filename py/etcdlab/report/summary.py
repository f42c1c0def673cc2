"""Summarize pages: value types, sizes, a numeric field, sub-prefixes, anomalies.

Memory is constant; the result does not depend on the size and the order of the pages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from etcdlab.client.types import Page
from etcdlab.keys import NAMED
from etcdlab.limits import MAX_REQUEST_BYTES
from etcdlab.report.statistics import Numbers, Sizes
from etcdlab.report.sub_prefixes import SubPrefixes
from etcdlab.report.value_types import TYPES, sort_by_type

NEAR_LIMIT = MAX_REQUEST_BYTES * 9 // 10  # bytes of a value

_ABSENT = object()


@dataclass
class Finding:
    """Number of keys with something about them, and the first NAMED of those."""

    count: int = 0
    first: list[bytes] = field(default_factory=list)

    def add(self, keys: Sequence[bytes]) -> None:
        """Add keys."""
        if keys:
            self.count += len(keys)
            self.first = nsmallest(NAMED, [*self.first, *keys])

    def merge(self, other: Finding) -> None:
        """Add what the other counted."""
        self.count += other.count
        self.first = nsmallest(NAMED, [*self.first, *other.first])


FIELD_FINDINGS = ("absent", "not a number", "negative", "not finite")


@dataclass
class FieldStats:
    """Numbers at a path in JSON values, and findings about values without one.

    A negative number is counted as a number and as a finding.
    """

    path: tuple[str, ...]
    numbers: Numbers = field(default_factory=Numbers)
    findings: dict[str, Finding] = field(
        default_factory=lambda: {name: Finding() for name in FIELD_FINDINGS}
    )

    def add(self, documents: Sequence[object], places: Sequence[int], keys: list[bytes]) -> None:
        """Add the documents of a page; `places` are their indexes into its `keys`."""
        numbers: list[float] = []
        last, *above = reversed(self.path)
        for document, place in zip(documents, places, strict=True):
            holder = _found(document, above) if above else document
            value = holder.get(last, _ABSENT) if type(holder) is dict else _item(holder, last)
            if type(value) is float and 0 <= value < math.inf:
                numbers.append(value)
            else:
                self._add_odd(value, numbers, keys[place])
        self.numbers.add(numbers)

    def merge(self, other: FieldStats) -> None:
        """Add what the other counted at the same path."""
        self.numbers.merge(other.numbers)
        for name, finding in self.findings.items():
            finding.merge(other.findings[name])

    def _add_odd(self, value: object, numbers: list[float], key: bytes) -> None:
        if value is _ABSENT:
            self.findings["absent"].add([key])
            return
        number = _number(value)
        if number is None:
            self.findings["not a number"].add([key])
        elif not math.isfinite(number):
            self.findings["not finite"].add([key])
        else:
            numbers.append(number)
            if number < 0:
                self.findings["negative"].add([key])


def _found(document: object, above: Sequence[str]) -> object:
    for step in reversed(above):
        document = _item(document, step)
    return document


def _item(holder: object, step: str) -> object:
    """The member of an object by name or of an array by index, else _ABSENT."""
    if isinstance(holder, dict):
        return holder.get(step, _ABSENT)
    if isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        return holder[int(step)]
    return _ABSENT


def _number(value: object) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


@dataclass
class Largest:
    """The keys with the largest values, those first; among equal sizes the first keys."""

    most: int
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    """(minus the size of a value, its key): ascending is the order of a report."""

    def add(self, keys: Sequence[bytes], sizes: Sequence[int]) -> None:
        """Add a page."""
        floor = -self.rows[-1][0] if self.rows and len(self.rows) == self.most else 0
        if self.most and max(sizes) >= floor:
            pairs = zip(sizes, keys, strict=True)
            large = [(-size, key) for size, key in pairs if size >= floor]
            self.rows = nsmallest(self.most, [*self.rows, *large])

    def merge(self, other: Largest) -> None:
        """Add what the other counted."""
        self.rows = nsmallest(self.most, [*self.rows, *other.rows])


class Summary:
    """Everything a report says about the pages that were added."""

    def __init__(self, prefix: bytes, field_path: tuple[str, ...], depth: int, top: int) -> None:
        """`depth` is the number of levels of sub-prefixes, `top` of largest values kept."""
        self.types = {name: Sizes() for name in TYPES}
        self.field = FieldStats(field_path)
        self.sub_prefixes = SubPrefixes(prefix, depth)
        self.largest = Largest(top)
        self.key_bytes = 0
        self.leased = 0
        self.rewritten = 0
        self.first_revision = 0
        self.last_revision = 0
        self.broken_json = Finding()
        self.near_limit = Finding()
        self.odd_keys = Finding()

    def add(self, page: Page) -> None:
        """Add a page."""
        keys, values = page.keys, page.values
        if not keys:
            return
        typed = sort_by_type(values)
        for name, group in typed.values.items():
            self.types[name].add(list(map(len, group)))
        self.field.add(typed.documents, typed.places, keys)
        self.broken_json.add([keys[place] for place in typed.broken])
        sizes = list(map(len, values))
        self.sub_prefixes.add(keys, sizes)
        self.largest.add(keys, sizes)
        if max(sizes) >= NEAR_LIMIT:
            pairs = zip(keys, sizes, strict=True)
            self.near_limit.add([key for key, size in pairs if size >= NEAR_LIMIT])
        self.key_bytes += sum(map(len, keys))
        self.odd_keys.add(_not_utf8(keys))
        self.leased += len(page.leases) - page.leases.count(0)
        self.rewritten += len(page.versions) - page.versions.count(1)
        self._add_revisions(min(page.mod_revisions), max(page.mod_revisions))

    def merge(self, other: Summary) -> None:
        """Add what the other counted: other keys under the same prefix."""
        for name, sizes in self.types.items():
            sizes.merge(other.types[name])
        self.field.merge(other.field)
        self.sub_prefixes.merge(other.sub_prefixes)
        self.largest.merge(other.largest)
        self.key_bytes += other.key_bytes
        self.leased += other.leased
        self.rewritten += other.rewritten
        self.broken_json.merge(other.broken_json)
        self.near_limit.merge(other.near_limit)
        self.odd_keys.merge(other.odd_keys)
        if other.keys:
            self._add_revisions(other.first_revision, other.last_revision)

    def _add_revisions(self, first: int, last: int) -> None:
        self.first_revision = min(self.first_revision or first, first)
        self.last_revision = max(self.last_revision, last)

    @property
    def keys(self) -> int:
        """Number of keys."""
        return sum(sizes.count for sizes in self.types.values())

    def all_values(self) -> Sizes:
        """The sizes of all values, of every type."""
        total = Sizes()
        for sizes in self.types.values():
            total.merge(sizes)
        return total

    def findings(self) -> dict[str, Finding]:
        """Findings by name: absent fields, and all anomalies."""
        absent = f"{'.'.join(self.field.path)} absent"
        return {absent: self.field.findings["absent"], **self.anomalies()}

    def anomalies(self) -> dict[str, Finding]:
        """Findings that are likely to be mistakes, by name; an absent field is not."""
        wrong = {name: self.field.findings[name] for name in FIELD_FINDINGS[1:]}
        return {
            "broken JSON": self.broken_json,
            f"values of {NEAR_LIMIT} bytes or more": self.near_limit,
            "keys that are not UTF-8": self.odd_keys,
            **{f"{'.'.join(self.field.path)} {name}": found for name, found in wrong.items()},
        }


def _not_utf8(keys: Sequence[bytes]) -> list[bytes]:
    """Keys that are not UTF-8; tries all at once, as there are seldom any."""
    if _is_utf8(b"\n".join(keys)):
        return []
    return [key for key in keys if not _is_utf8(key)]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
