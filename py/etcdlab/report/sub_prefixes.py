"""Keys and bytes by sub-prefix, as `du` counts by folder, in constant memory."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from etcdlab.keys import prefix_range_end

KEPT = 4096  # sub-prefixes; the smallest are dropped first
_EDGES = 128  # first and last keys of recent pages
LISTED = 1000  # sub-prefixes in a report
_SLASH = b"/"


@dataclass
class SubPrefixes:
    """Keys and bytes under each `part/` behind a prefix, `depth` parts deep.

    A sub-prefix includes those below it. Each page is sorted; pages are added roughly in the
    order of their keys.
    """

    prefix: bytes
    depth: int
    dropped: int = 0
    """Number of sub-prefixes that were removed from `nodes`."""
    nodes: dict[bytes, list[int]] = field(default_factory=dict)
    """[keys, bytes of values] by sub-prefix."""
    _edges: deque[bytes] = field(default_factory=lambda: deque(maxlen=_EDGES), repr=False)

    def add(self, keys: Sequence[bytes], sizes: Sequence[int]) -> None:
        """Add a page: its keys, ascending, and the sizes of their values."""
        until = list(accumulate(sizes, initial=0))
        self._descend(keys, until, (0, len(keys)), self.prefix, self.depth)
        self._edges += (keys[0], keys[-1])
        if len(self.nodes) > 2 * KEPT:
            self._drop_the_smallest()

    def merge(self, other: SubPrefixes) -> None:
        """Add what the other counted; it has other keys behind the same prefix."""
        for path, (keys, size) in other.nodes.items():
            node = self.nodes.setdefault(path, [0, 0])
            node[0] += keys
            node[1] += size
        self.dropped += other.dropped
        self._edges += other._edges
        if len(self.nodes) > 2 * KEPT:
            self._drop_the_smallest()

    def largest(self) -> list[tuple[bytes, int, int]]:
        """(sub-prefix, keys, bytes) of the LISTED with the most bytes, those first."""
        rows = [(path, keys, size) for path, (keys, size) in self.nodes.items()]
        return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))[:LISTED]

    def _descend(
        self,
        keys: Sequence[bytes],
        until: Sequence[int],
        span: tuple[int, int],
        parent: bytes,
        depth: int,
    ) -> None:
        """Add the keys of the span that have a slash behind the parent, level by level.

        `until` has the cumulative sizes of values, `span` two indexes into `keys`.
        """
        place, last = span
        if not depth or b"".join(keys[place:last]).count(_SLASH) == (last - place) * parent.count(
            _SLASH
        ):
            return
        while place < last:
            cut = keys[place].find(_SLASH, len(parent)) + 1
            if not cut:
                place += 1
                continue
            path = keys[place][:cut]
            end = bisect_left(keys, prefix_range_end(path), place, last)
            node = self.nodes.setdefault(path, [0, 0])
            node[0] += end - place
            node[1] += until[end] - until[place]
            self._descend(keys, until, (place, end), path, depth - 1)
            place = end

    def _drop_the_smallest(self) -> None:
        """Keep the largest, and those at a page's edge: the next page may add to them."""
        paths = sorted(self.nodes, key=lambda path: self.nodes[path][1], reverse=True)
        kept = {path: self.nodes[path] for path in paths[:KEPT]}
        for path in paths[KEPT:]:
            if any(edge.startswith(path) for edge in self._edges):
                kept[path] = self.nodes[path]
        self.dropped += len(self.nodes) - len(kept)
        self.nodes = kept
