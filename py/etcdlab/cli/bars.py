"""Bars of characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

_LONGEST = 40  # characters


def bars(rows: Sequence[tuple[str, int]]) -> str:
    """A line to each row: its label, a bar as long as its number is large, the number."""
    most = max((count for _, count in rows), default=0)
    widest = max((len(label) for label, _ in rows), default=0)
    return "\n".join(
        f"{label:>{widest}} {'#' * math.ceil(_LONGEST * count / most) if most else '':{_LONGEST}} "
        f"{count}"
        for label, count in rows
    )
