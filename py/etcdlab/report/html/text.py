"""Numbers and texts as a page shows them."""

from __future__ import annotations

from etcdlab.cli.tables import Cell, Share, rounded

_UNITS = ("KiB", "MiB", "GiB", "TiB")


def cell(value: Cell) -> str:
    """A number with its thousands apart; a text as it is."""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float) and not isinstance(value, Share) and 1000 <= abs(value) < 1e15:
        return f"{value:,.2f}"
    return value if isinstance(value, str) else rounded(value)


def units(size: int) -> str:
    """Bytes, in the largest unit that they fill."""
    power = min(max(0, size.bit_length() - 1) // 10, len(_UNITS))
    return f"{size / 1024**power:,.1f} {_UNITS[power - 1]}" if power else counted(size, "byte")


def counted(number: int, noun: str) -> str:
    """One of a thing, or a number of them."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
