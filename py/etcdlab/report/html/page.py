"""Render a report as one HTML file, charts and tables, that loads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from importlib.util import find_spec
from pathlib import Path
from string import Template

import orjson

from etcdlab.cli.format import grouped, units
from etcdlab.cli.tables import Table, cut
from etcdlab.report.document import (
    FieldNumbers,
    FindingRow,
    Report,
    SizeGroup,
    SubPrefixList,
    anomalies,
    range_text,
)
from etcdlab.report.html.charts import charts_of
from etcdlab.report.tables import tables_of

_FILES = Path(__file__).parent
_ROWS = 50  # of a table
_WIDEST = 400  # characters of a text
_NARROW = 4  # columns, at most


def page(report: Report) -> str:
    """The page: charts, tables, and the report itself as JSON."""
    charts = charts_of(report)
    place = range_text(report)
    return Template(_read("page.html")).substitute(
        title=escape(f"{cut(place, 60)} at revision {report['revision']:,}"),
        heading=f"<code>{_text(place)}</code>",
        origin=_origin(report),
        figures=_figures(report),
        charts=_charts(report, charts),
        tables="\n".join(_table(each) for each in tables_of(report, _ROWS)),
        error=f"{100 * report['quantile_error']:g}",
        report=_json(report),
        data=_json(charts),
        css=_read("page.css"),
        js=_read("page.js"),
        plotly=_plotly(),
    )


def _read(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


def _plotly() -> str:
    """Plotly's JavaScript, found without importing plotly, which would take longer."""
    package = find_spec("plotly")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'plotly'", name="plotly")
    file = Path(package.origin).parent / "package_data" / "plotly.min.js"
    return file.read_text(encoding="utf-8")


def _json(data: object) -> str:
    """JSON without `<`, so that no key can end the script element it is in."""
    return orjson.dumps(data).decode().replace("<", "\\u003c")


def _text(text: str) -> str:
    return escape(cut(text, _WIDEST))


def _origin(report: Report) -> str:
    """Where and how the report was collected."""
    taken = datetime.fromisoformat(report["taken"])
    moment = f'<time datetime="{escape(report["taken"])}">{taken:%Y-%m-%d %H:%M:%S %Z}</time>'
    items = (
        f"revision {report['revision']:,}",
        _text(report["endpoint"]),
        f"etcd {_text(report['etcd'])}",
        f"taken {moment}",
        f"in {report['seconds']:,} s, {_text(report['transport'])}",
    )
    return "\n".join(f"<li>{item}</li>" for item in items)


def _figures(report: Report) -> str:
    """The key figures."""
    first, last = (grouped(report["modified"][end]) for end in ("first", "last"))
    figures = [
        (grouped(report["keys"]), "keys"),
        (units(report["value_bytes"]), f"{report['value_bytes']:,} bytes of values"),
        (units(report["key_bytes"]), f"{report['key_bytes']:,} bytes of keys"),
        (grouped(report["leased"]), "keys on a lease"),
        (grouped(report["rewritten"]), "keys written more than once"),
        (last, f"last revision of a write; first {first}"),
    ]
    items = [f"<li><strong>{number}</strong> <span>{what}</span></li>" for number, what in figures]
    return "\n".join([*items, _anomalies(anomalies(report))])


def _anomalies(found: Sequence[FindingRow]) -> str:
    if not found:
        return "<li><strong>✓ 0</strong> <span>anomalies</span></li>"
    number = sum(finding["keys"] for finding in found)
    names = ", ".join(finding["what"] for finding in found)
    what = f"anomalies: {_text(names)}"
    return f'<li class="alert"><strong>⚠ {number:,}</strong> <span>{what}</span></li>'


def _charts(report: Report, charts: Mapping[str, object]) -> str:
    """A figure for each chart; a sentence if there is nothing to draw."""
    path = _text(report["field"]["path"])
    texts = {
        "types": ("Value types", "keys, and bytes of values"),
        "sizes": ("Sizes of values", _range(report["values"], "bytes")),
        "field": (f"<code>{path}</code>", f"in values of JSON: {_range(report['field'], '')}"),
        "tree": ("Sub-prefixes", _listed(report["sub_prefixes"])),
    }
    return "\n".join(
        _chart(name, *texts[name], is_drawn=chart is not None) for name, chart in charts.items()
    )


def _listed(sub_prefixes: SubPrefixList) -> str:
    listed, more = len(sub_prefixes["listed"]), sub_prefixes["not_listed"]
    if not listed:
        return "none"
    number = f"the {listed:,} largest of {listed + more:,}" if more else f"{listed:,}"
    return f"{number}; areas are bytes of values"


def _range(group: SizeGroup | FieldNumbers, unit: str) -> str:
    if group["min"] is None:
        return "none"
    least, middle, largest = grouped(group["min"]), grouped(group["p50"]), grouped(group["max"])
    return f"{least} to {largest} {unit}".rstrip() + f", median {middle}"


def _chart(name: str, title: str, text: str, is_drawn: bool) -> str:
    label = f"Chart: {title.removeprefix('<code>').removesuffix('</code>')}, {text}"
    body = f'<div class="plot" id="{name}" role="img" aria-label="{label}"></div>'
    if not is_drawn:
        body = '<p class="nothing">Nothing to draw.</p>'
    caption = f"<figcaption><h2>{title}</h2><p>{text}</p></figcaption>"
    return f"<figure>\n{caption}\n{body}\n</figure>"


def _table(table: Table) -> str:
    """A table under its name, in a box that scrolls if the screen is too narrow."""
    texts = table.text_columns
    rows = [_row("th", table.headers, texts)]
    rows += [_row("td", [grouped(value) for value in row], texts) for row in table.rows]
    name = _text(table.name)
    wide = ' class="wide"' if len(table.headers) > _NARROW else ""
    return (
        f"<section{wide}>\n<h2>{name}</h2>\n"
        f'<div class="scroll" role="region" aria-label="{name}" tabindex="0"><table>\n'
        + "\n".join(rows)
        + "\n</table></div>\n</section>"
    )


def _row(tag: str, cells: Sequence[str], texts: int) -> str:
    columns = [' class="text"'] * texts + [""] * (len(cells) - texts)
    pairs = zip(columns, cells, strict=True)
    return f"<tr>{''.join(f'<{tag}{kind}>{_text(each)}</{tag}>' for kind, each in pairs)}</tr>"
