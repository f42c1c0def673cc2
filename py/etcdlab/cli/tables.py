"""Results as tables for people, CSV, and JSON for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson
from tabulate import tabulate

from etcdlab.cli.format import Cell, Change, rounded

_WIDEST = 60  # characters of a text in a table for a terminal


@dataclass(frozen=True)
class Table:
    """Rows of numbers, not rounded, None for no value; the first `text_columns` are texts."""

    name: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    text_columns: int = 1


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    text_columns: int = 1,
    style: str = "simple",
) -> str:
    """Rows under headers, the first `text_columns` aligned left, the others right.

    Cells are shown as they are; the caller rounds numbers. `style` is one of tabulate's.
    """
    align = ["left"] * text_columns + ["right"] * (len(headers) - text_columns)
    cells = [[str(cell) for cell in row] for row in rows]
    return tabulate(cells, headers=headers, colalign=align, disable_numparse=True, tablefmt=style)


def as_text(tables: Iterable[Table]) -> str:
    """Tables for a terminal, an empty line between them."""
    return "\n\n".join(
        table(each.headers, _rounded(each, cut), each.text_columns) for each in tables
    )


def as_markdown(tables: Iterable[Table]) -> str:
    """Tables for Markdown, each under its name."""
    return "\n\n".join(
        f"### {each.name}\n\n"
        + table(each.headers, _rounded(each, _escape_pipes), each.text_columns, style="github")
        for each in tables
    )


def as_csv(tables: Iterable[Table]) -> str:
    """A line for each cell: table, row, column and value, not rounded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("table", "row", "column", "value"))
    for each in tables:
        for name, *values in each.rows:
            for header, value in zip(each.headers[1:], values, strict=True):
                writer.writerow((each.name, name, header, _exact(value)))
    return out.getvalue().rstrip("\n")


def _rounded(each: Table, of_text: Callable[[str], str]) -> list[list[str]]:
    return [
        [of_text(cell) if isinstance(cell, str) else rounded(cell) for cell in row]
        for row in each.rows
    ]


def _exact(cell: Cell) -> Cell:
    """The cell for CSV: a whole Change has no decimal point."""
    return int(cell) if isinstance(cell, Change) and cell.is_integer() else cell


def cut(text: str, most: int = _WIDEST) -> str:
    """Replace the middle of a text longer than `most` characters by an ellipsis."""
    half = most // 2
    return text if len(text) <= most else f"{text[:half]}…{text[1 - half :]}"


def _escape_pipes(text: str) -> str:
    return text.replace("|", "\\|")


def print_result(result: dict[str, object]) -> None:
    """Print a result as indented JSON."""
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
