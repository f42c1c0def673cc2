"""Members' figures as tables for people, lines for awk, and JSON for programs."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from etcdlab.cli.format import milliseconds
from etcdlab.gotext import human_bytes
from etcdlab.top.activity import Figures

_GAP = "  "


@dataclass(frozen=True)
class _Format:
    """How a figure is written: with its unit, bare, and how wide its column is at least."""

    shown: Callable[..., str]
    bare: Callable[..., str]
    width: int


@dataclass(frozen=True)
class _Column:
    """A figure, its heading in a table, and its name in lines, which is one word."""

    name: str
    heading: str
    word: str
    format: _Format
    is_text: bool = False

    def shown(self, member: Figures) -> str:
        """The figure with its unit, for a table."""
        return self._written(member, self.format.shown)

    def bare(self, member: Figures) -> str:
        """The figure without its unit, as one word."""
        return self._written(member, self.format.bare)

    def _written(self, member: Figures, write: Callable[..., str]) -> str:
        value = member[self.name]
        return "-" if value is None else write(value)


def _scaled(number: float) -> str:
    """A number to a tenth, in thousands (k), millions (M) or billions (G)."""
    units = iter("kMG")
    unit = ""
    while number >= 999.5:
        number, unit = number / 1000, next(units)
    return f"{round(number, 1):.3g}{unit}"


def _host(url: str) -> str:
    return url.partition("://")[2]


def _listed(alarms: Sequence[str]) -> str:
    return ",".join(alarms) or "none"


_TEXT = _Format(str, str, 0)
_STATE = _Format(str, str, len("leaderless"))
_COUNT = _Format(str, str, 3)
_SHARE = _Format(lambda share: f"{100 * share:.0f}%", lambda share: f"{100 * share:.1f}", 4)
_SIZE = _Format(human_bytes, lambda size: f"{size / 1e6:.1f}", len("999 MB"))
_RATE = _Format(_scaled, lambda rate: f"{rate:.1f}", len("99.9k"))
_TIME = _Format(lambda seconds: f"{milliseconds(seconds)} ms", milliseconds, len("9.99 ms"))
_ALARMS = _Format(_listed, _listed, len("NOSPACE"))

_MEMBER = _Column("endpoint", "member", "member", _Format(_host, _host, 0), is_text=True)
# By importance. A group becomes columns of the table before it, or a table of its own if there
# is no room.
_GROUPS = (
    (
        _Column("state", "state", "state", _STATE, is_text=True),
        _Column("cpu", "CPU", "cpu%", _SHARE),
        _Column("resident_memory_bytes", "memory", "memory_MB", _SIZE),
        _Column("db_size_bytes", "DB", "db_MB", _SIZE),
        _Column("db_size_in_use_bytes", "in use", "in_use_MB", _SIZE),
        _Column("quota_share", "quota", "quota%", _SHARE),
        _Column("lag_entries", "lag", "lag", _COUNT),
        _Column("alarms", "alarms", "alarms", _ALARMS),
    ),
    (
        _Column("puts_per_second", "puts/s", "puts/s", _RATE),
        _Column("ranges_per_second", "ranges/s", "ranges/s", _RATE),
        _Column("txns_per_second", "txns/s", "txns/s", _RATE),
        _Column("deletes_per_second", "dels/s", "deletes/s", _RATE),
        _Column("wal_fsync_p99_seconds", "fsync", "fsync_ms", _TIME),
        _Column("backend_commit_p99_seconds", "commit", "commit_ms", _TIME),
        _Column("watchers", "watchers", "watchers", _COUNT),
    ),
    (
        _Column("container_cpu", "container's CPU", "container_cpu%", _SHARE),
        _Column("container_memory_bytes", "memory", "container_MB", _SIZE),
    ),
)


def table_of(members: Sequence[Figures], width: int) -> str:
    """The figures in tables at most `width` characters wide, under a line with the time."""
    spans = [member["seconds"] for member in members if member["seconds"]]
    title = time.strftime("%H:%M:%S")
    title += f", the last {min(spans):.1f} s" if spans else ""
    groups = [group for group in _GROUPS if _is_known(group, members)]
    tables = [_table(columns, members) for columns in _packed(groups, members, width)]
    return "\n\n".join([title, *tables])


def lines_of(members: Sequence[Figures], is_first: bool) -> str:
    """A line for each member: words separated by spaces, `-` for an unknown figure.

    The first lines have a line of names above them.
    """
    columns = [_MEMBER, *itertools.chain(*_GROUPS)]
    rows = [[column.word for column in columns]]
    rows += [[column.bare(member) for column in columns] for member in members]
    widths = _widths(columns, rows)
    moment = time.strftime("%H:%M:%S")
    times = [f"{'time':<{len(moment)}}", *[moment] * len(members)]
    lines = [
        f"{when}{_GAP}{_line(columns, row, widths)}" for when, row in zip(times, rows, strict=True)
    ]
    return "\n".join(lines if is_first else lines[1:])


def _is_known(group: Iterable[_Column], members: Iterable[Figures]) -> bool:
    """True if any member has a figure of the group; without containers there is none."""
    return any(member[column.name] is not None for member in members for column in group)


def _packed(
    groups: Iterable[Sequence[_Column]], members: Sequence[Figures], width: int
) -> list[list[_Column]]:
    """The columns of each table: whole groups if they fit, else as many columns as do."""

    def is_too_wide(columns: Sequence[_Column]) -> bool:
        columns = [_MEMBER, *columns]
        widths = _widths(columns, _cells(columns, members))
        return sum(widths) + len(_GAP) * (len(widths) - 1) > width

    tables: list[list[_Column]] = []
    for group in groups:
        parts = [[column] for column in group] if is_too_wide(group) else [list(group)]
        if len(parts) > 1 or not tables:
            tables.append(parts.pop(0))
        for part in parts:
            if is_too_wide([*tables[-1], *part]):
                tables.append(part)
            else:
                tables[-1] += part
    return tables


def _table(columns: Sequence[_Column], members: Sequence[Figures]) -> str:
    columns = [_MEMBER, *columns]
    rows = _cells(columns, members)
    widths = _widths(columns, rows)
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(_line(columns, row, widths) for row in rows)


def _cells(columns: Sequence[_Column], members: Iterable[Figures]) -> list[list[str]]:
    """The rows of a table, headings first."""
    rows = [[column.shown(member) for column in columns] for member in members]
    return [[column.heading for column in columns], *rows]


def _widths(columns: Iterable[_Column], rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column, at least its format's, so that tables stay in place."""
    cells = zip(*rows, strict=True)
    return [
        max(column.format.width, *map(len, texts))
        for column, texts in zip(columns, cells, strict=True)
    ]


def _line(columns: Iterable[_Column], cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = [
        cell.ljust(width) if column.is_text else cell.rjust(width)
        for column, cell, width in zip(columns, cells, widths, strict=True)
    ]
    return _GAP.join(padded).rstrip()


def json_of(members: Sequence[Figures]) -> str:
    """A document on one line: the Unix time, and every figure as it is."""
    return orjson.dumps({"time": time.time(), "members": members}).decode()
