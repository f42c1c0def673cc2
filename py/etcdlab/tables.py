"""Results on stdout: tables for people, JSON for programs, the same look everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson
from tabulate import tabulate


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], text_columns: int = 1) -> str:
    """Rows under headers: the first `text_columns` to the left, numbers to the right.

    Cells are shown as they are: who makes a row rounds its numbers.
    """
    align = ["left"] * text_columns + ["right"] * (len(headers) - text_columns)
    cells = [[str(cell) for cell in row] for row in rows]
    return tabulate(cells, headers=headers, colalign=align, disable_numparse=True)


def print_result(result: dict[str, object]) -> None:
    """Print a result for a program: JSON, indented so that people can read it too."""
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
