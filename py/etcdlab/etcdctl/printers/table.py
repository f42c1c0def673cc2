"""--write-out=table: ASCII up to 3.6, box characters since 3.7.

https://pkg.go.dev/github.com/olekukonko/tablewriter, 0.0.5 and 1.1.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from etcdlab.client import types
from etcdlab.etcdctl.printers.base import Health, Printer
from etcdlab.etcdctl.printers.rows import (
    HEALTH_HEAD,
    MEMBER_HEAD,
    Row,
    hash_head,
    hash_row,
    health_row,
    member_row,
    status_head,
    status_row,
)
from etcdlab.etcdctl.release import Release

if TYPE_CHECKING:
    from etcdlab.client import admin

_WIDEST = 30  # columns of a cell that holds several words, up to 3.6
_TOO_LONG = 100_000  # the cost of a line that is wider
_BOX = ("┌┬┐", "├┼┤", "└┴┘", "─", "│")
_ASCII = ("+++", "+++", "+++", "-", "|")


class TablePrinter(Printer):
    """A table of members or endpoints; etcdctl refuses the other replies."""

    def members(self, reply: types.MemberList) -> bytes:
        """Format the members."""
        return self._table(MEMBER_HEAD, [member_row(member) for member in reply.members])

    def statuses(self, statuses: list[tuple[str, types.Status]]) -> bytes:
        """Format the status of each endpoint."""
        rows = [status_row(self._release, *each) for each in statuses]
        return self._table(status_head(self._release), rows)

    def health(self, checks: list[Health]) -> bytes:
        """Format the health of each endpoint."""
        return self._table(HEALTH_HEAD, [health_row(check) for check in checks])

    def hashes(self, hashes: list[tuple[str, admin.HashKV]]) -> bytes:
        """Format the hash of each endpoint."""
        rows = [hash_row(self._release, *each) for each in hashes]
        return self._table(hash_head(self._release), rows)

    def _table(self, head: Row, rows: Sequence[Row]) -> bytes:
        is_box = self._release >= Release.V3_7
        titles = [title.replace("_", " ").upper() for title in head]
        cells = [[[cell] if is_box else _wrapped(cell) for cell in row] for row in rows]
        least = 0 if is_box else _WIDEST  # the width of a column whose cells are wrapped
        widths = [
            max(
                *(len(line) for lines in column for line in lines),
                *(min(len(" ".join(lines)), least) for lines in column),
            )
            for column in zip([[title] for title in titles], *cells, strict=True)
        ]
        top, middle, bottom, line, side = _BOX if is_box else _ASCII
        body = [_row(side, [_centred(*each) for each in zip(titles, widths, strict=True)])]
        for row in cells:
            for number in range(max(map(len, row))):
                texts = [lines[number] if number < len(lines) else "" for lines in row]
                body.append(_row(side, [t.rjust(w) for t, w in zip(texts, widths, strict=True)]))
        rules = [
            f"{ends[0]}{ends[1].join(line * (width + 2) for width in widths)}{ends[2]}"
            for ends in (top, middle, bottom)
        ]
        between = [] if is_box and not rows else [rules[1]]
        return "".join(
            f"{text}\n" for text in (rules[0], body[0], *between, *body[1:], rules[2])
        ).encode()


def _row(side: str, cells: Sequence[str]) -> str:
    return side + side.join(f" {cell} " for cell in cells) + side


def _centred(text: str, width: int) -> str:
    left = (width - len(text)) // 2
    return " " * left + text + " " * (width - len(text) - left)


def _wrapped(text: str) -> list[str]:
    """The lines of a cell: as even as can be, and no wider than _WIDEST or the longest word."""
    words = text.split(" ")
    limit = max(min(len(text), _WIDEST), *map(len, words))
    count = len(words)
    cost, next_line = [0] * (count + 1), [count] * count
    for first in range(count - 1, -1, -1):
        if len(" ".join(words[first:])) <= limit:
            continue
        cost[first] = 2**31
        for after in range(first + 1, count):
            width = len(" ".join(words[first:after]))
            penalty = (limit - width) ** 2 + cost[after] + _TOO_LONG * (width > limit)
            if penalty < cost[first]:
                cost[first], next_line[first] = penalty, after
    lines, first = [], 0
    while first < count:
        lines.append(" ".join(words[first : next_line[first]]))
        first = next_line[first]
    return lines
