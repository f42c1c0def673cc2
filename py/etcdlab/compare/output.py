"""Render a comparison as text, Markdown or JSON."""

from __future__ import annotations

import shutil
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from tabulate import tabulate

from etcdlab.cli.format import milliseconds
from etcdlab.cli.tables import Table, as_markdown, table
from etcdlab.compare.cost.advice import FIGURES, advice, differences
from etcdlab.compare.cost.measure import Cost, Costs
from etcdlab.compare.run import Row

KIND = "etcd lab comparison"
VERSION = 1
_QUANTILES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Comparison:
    """The result of a run."""

    etcd_version: str
    machine: str
    rows: Sequence[Row]
    costs: Costs | None
    """None if none were measured."""


def as_json(found: Comparison) -> str:
    """The whole comparison as JSON, with `kind` and `version`."""
    data = {
        "kind": KIND,
        "version": VERSION,
        "etcd": found.etcd_version,
        "machine": found.machine,
        "summary": summary(found).splitlines(),
        "scenarios": [_row_json(row) for row in found.rows],
    }
    if costs := found.costs:
        data["costs"] = [_cost_json(cost) for cost in costs.works]
        data["etcdctl"] = {
            "start_up_seconds": costs.etcdctl.start_up,
            "seconds": costs.etcdctl.seconds,
        }
        data["noise"] = costs.noise
        data["advice"] = advice(costs)
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "group": row.scenario.group,
        "asked": row.scenario.asked,
        "verdict": row.verdict,
        **(row.facts.gave if row.facts else {}),
        "why": row.note,
    }


def _cost_json(cost: Cost) -> dict[str, Any]:
    figures = {
        name.replace(" ", "_"): figure(cost) for name, figure in FIGURES.items() if name != "p50"
    }
    quantiles = {
        f"p{100 * share:.0f}_seconds": seconds
        for share, seconds in zip(_QUANTILES, _quantiles(cost), strict=True)
    }
    return {
        "kind": cost.kind,
        "side": cost.side,
        "threads": cost.threads,
        "ops_per_second": cost.rate,
        "spread": cost.spread,
        **quantiles,
        **figures,
    }


def _quantiles(cost: Cost) -> list[float]:
    """Latencies at _QUANTILES, in seconds."""
    return [cost.median(lambda run, share=share: run.quantile(share)) for share in _QUANTILES]


def summary(found: Comparison) -> str:
    """Lines with the count of each verdict and the three largest cost differences."""
    lines = []
    if found.rows:
        counts = Counter(row.verdict for row in found.rows)
        lines.append(
            ", ".join(f"{counts[name]} {name}" for name in ("same", "different", "failed"))
        )
    if found.costs:
        lines += [f"{each}" for each in differences(found.costs.works)[:3]]
    return "\n".join(lines)


def as_text(found: Comparison) -> str:
    """Tables for a terminal: one row per scenario, explanations below each group."""
    width = min(160, shutil.get_terminal_size((100, 24)).columns)
    parts = [f"etcd {found.etcd_version}, {found.machine}", summary(found)]
    for group in dict.fromkeys(row.scenario.group for row in found.rows):
        parts.append(_group([row for row in found.rows if row.scenario.group == group], width))
    if found.costs:
        parts.append(table(*_costs(found.costs), text_columns=2))
        parts += _closing(found.costs, width)
    return "\n\n".join(parts)


def _group(rows: Sequence[Row], width: int) -> str:
    """One group's table, with numbered explanations below it."""
    cells, notes = [], []
    for row in rows:
        note = row.note if row.facts else f"FAILED: {row.note}"
        if note:
            notes.append(
                textwrap.fill(f"[{len(notes) + 1}] {note}", width, subsequent_indent="    ")
            )
        mark = f" [{len(notes)}]" if note else ""
        gave = _gave(row)
        if row.verdict == "same":
            gave = [gave[0], "same", "same"]
        cells.append((f"{row.scenario.asked}{mark}", *gave))
    headers = (rows[0].scenario.group, "etcdctl", "gateway", "native")
    each = max(12, (width - 6) // 4)
    lines = tabulate(
        cells, headers=headers, disable_numparse=True, maxcolwidths=[each] * 4, tablefmt="simple"
    )
    return "\n".join([lines, *(["", *notes] if notes else [])])


def _gave(row: Row) -> list[str]:
    return list(row.facts.gave.values()) if row.facts else [""] * 3


def _costs(costs: Costs) -> tuple[Sequence[str], list[list[str]]]:
    headers = (
        "work", "side", "c", "ops/s", "spread", "p50 ms", "p90 ms", "p99 ms", "sent B",
        "received B", "client us", "server us",
    )  # fmt: skip
    rows = []
    for cost in costs.works:
        quantiles = map(milliseconds, _quantiles(cost))
        figures = [FIGURES[name](cost) for name in ("bytes sent", "bytes received")]
        figures += [1e6 * FIGURES[name](cost) for name in ("client CPU", "server CPU")]
        rows.append([
            cost.kind, cost.side, str(cost.threads), f"{cost.rate:.0f}",
            f"{100 * cost.spread:.0f} %",
            *quantiles, *(f"{figure:.0f}" for figure in figures),
        ])  # fmt: skip
    for kind, seconds in costs.etcdctl.seconds.items():
        spare = [""] * 6
        rows.append([kind, "etcdctl", "1", f"{1 / seconds:.0f}", "", milliseconds(seconds), *spare])
    return headers, rows


def _closing(costs: Costs, width: int) -> list[str]:
    """Explain the cost figures, and give advice; wrapped to `width` columns."""
    of = (
        "Bytes and microseconds of CPU are those of one operation; an etcdctl is a process to each,"
        f" {1000 * costs.etcdctl.start_up:.0f} ms of it to start. The machine's own noise, on the"
        f" same arithmetic every round, was {100 * costs.noise:.0f} %."
    )
    return [textwrap.fill(of, width), textwrap.fill(advice(costs), width)]


def to_markdown(found: Comparison) -> str:
    """Markdown, with the explanations in the table."""
    rows = [
        (
            row.scenario.group,
            row.scenario.asked,
            *_gave(row),
            row.verdict,
            row.note,
        )
        for row in found.rows
    ]
    tables = []
    if rows:
        headers = ("group", "asked", "etcdctl", "gateway", "native", "verdict", "why")
        tables.append(Table("Scenarios", headers, rows, text_columns=7))
    if found.costs:
        tables.append(Table("Costs", *_costs(found.costs), text_columns=2))
    parts = [
        f"## etcd {found.etcd_version}, {found.machine}",
        *summary(found).splitlines(),
        as_markdown(tables),
    ]
    if found.costs:
        parts += _closing(found.costs, 100)
    return "\n\n".join(parts)
