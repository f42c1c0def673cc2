"""Numbers as people read them."""

from __future__ import annotations

import math

_UNITS = ("KiB", "MiB", "GiB", "TiB")


class Share(float):
    """A part of a whole, 0 to 1, shown as a percentage."""


class Change(float):
    """A difference, shown with its sign."""


Cell = int | float | str | None
"""Of a table; None where there is no value."""


def rounded(cell: Cell) -> str:
    """A number with two decimals, or powers of ten where those say nothing."""
    if cell is None:
        return "-"
    if isinstance(cell, Share):
        return f"{100 * cell:.1f} %"
    if isinstance(cell, Change):
        number = int(cell) if cell.is_integer() else float(cell)
        return f"{'+' * (number > 0)}{rounded(number)}"
    if isinstance(cell, float):
        return f"{cell:.2f}" if cell == 0 or 0.01 <= abs(cell) < 1e15 else f"{cell:.6g}"
    return str(cell)


def grouped(cell: Cell) -> str:
    """A number with a comma between thousands, else as `rounded` has it."""
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float) and not isinstance(cell, Share) and 1000 <= abs(cell) < 1e15:
        return f"{cell:,.2f}"
    return rounded(cell)


def counted(number: int, noun: str) -> str:
    """One of a thing, or a number of them: 1 key, 2,000 keys."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def units(size: int) -> str:
    """Bytes, in the largest unit that they fill: 1 byte, 1.5 KiB."""
    power = min(max(0, size.bit_length() - 1) // 10, len(_UNITS))
    return f"{size / 1024**power:,.1f} {_UNITS[power - 1]}" if power else counted(size, "byte")


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds, to three digits; `-` for nan."""
    if math.isnan(seconds):
        return "-"
    value = seconds * 1000
    before_point = math.floor(math.log10(value)) + 1 if value > 0 else 1
    return f"{value:.{max(0, 3 - before_point)}f}"
