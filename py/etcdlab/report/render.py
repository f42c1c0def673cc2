"""Render a report, or the changes between two, in a format of -o."""

from __future__ import annotations

import argparse

from etcdlab.cli.tables import Table, as_csv, as_markdown, as_text
from etcdlab.report.diff import diff, diff_tables
from etcdlab.report.document import Report, range_text, to_json
from etcdlab.report.tables import plots_of, tables_of

FORMATS = ("table", "markdown", "csv", "json", "html")


def render_report(report: Report, flags: argparse.Namespace, before: Report | None = None) -> str:
    """The report in the format of -o; the title counts the keys since `before`, if given."""
    if flags.o == "json":
        return to_json(report).decode().rstrip("\n")
    if flags.o == "html":
        from etcdlab.report.html.page import page  # only a page needs its modules

        return page(report)
    title = f"{_subject(report)}, {report['endpoint']}"
    if before:
        title += f"; {report['keys'] - before['keys']:+d} keys"
    text = _rendered(tables_of(report, flags.top), title, flags.o)
    return f"{text}\n\n{plots_of(report)}" if flags.plot and report["keys"] else text


def render_changes(before: Report, after: Report, flags: argparse.Namespace) -> str:
    """The changes from one report to the other, in the format of -o."""
    changes = diff(before, after)
    if flags.o == "json":
        return to_json(changes).decode().rstrip("\n")
    tables = diff_tables(changes, flags.top)
    title = f"from {_subject(before)} to {_subject(after)}"
    title += "" if tables else ": nothing changed"
    return _rendered(tables, title, flags.o)


def _subject(report: Report) -> str:
    """The range and the revision that a report is on."""
    return f"{range_text(report)} at revision {report['revision']}"


def _rendered(tables: list[Table], title: str, style: str) -> str:
    if style == "csv":
        return as_csv(tables)
    body = as_markdown(tables) if style == "markdown" else as_text(tables)
    heading = f"## {title}" if style == "markdown" else title
    return f"{heading}\n\n{body}" if tables else heading
