"""The data of the page's charts, as page.js takes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from etcdlab.cli.format import counted, grouped, units
from etcdlab.cli.tables import cut
from etcdlab.report.document import Report, exact_key
from etcdlab.report.histograms import Histogram, number_histogram, size_histogram
from etcdlab.report.tables import share

_LABEL = 60  # characters
_REST = "all others"
_FEW = 12  # bins

Chart = dict[str, Any]
Box = dict[str, Any]


def charts_of(report: Report) -> dict[str, Any]:
    """The data of each chart by name; None if there is nothing to show."""
    tree = any(each["bytes"] for each in report["sub_prefixes"]["listed"])
    return {
        "types": _types(report) if report["keys"] else None,
        "sizes": _sizes(report) if report["keys"] else None,
        "field": _field(report) if report["field"]["values"] else None,
        "tree": _tree(report) if tree else None,
    }


def _types(report: Report) -> Chart:
    groups: Collection[Mapping[str, Any]] = report["types"].values()
    measures = []
    for measure, total in (("keys", report["keys"]), ("bytes", report["value_bytes"])):
        numbers = [group[measure] for group in groups]
        shares = [share(number, total) for number in numbers]
        amounts = [counted(n, "key") if measure == "keys" else units(n) for n in numbers]
        texts = [
            f"{amount} · {grouped(part)}" if part else amount
            for amount, part in zip(amounts, shares, strict=True)
        ]
        measures.append({"shares": [float(part or 0) for part in shares], "texts": texts})
    return {"names": list(report["types"]), "measures": measures}


def _sizes(report: Report) -> Chart:
    groups = {name: group["buckets"] for name, group in report["types"].items()}
    histogram = size_histogram(groups, report["values"], report["quantile_error"])
    return {**_histogram(histogram), "unit": " bytes", "title": "bytes of a value"}


def _field(report: Report) -> Chart:
    histogram = number_histogram(report["field"], report["quantile_error"])
    title = cut(report["field"]["path"], _LABEL)
    return {**_histogram(histogram), "unit": "", "title": title}


def _histogram(histogram: Histogram) -> Chart:
    """Bins on a linear or logarithmic axis, or, if few or negative, on an axis of their labels."""
    bounds = histogram.bounds
    if len(bounds) > 1 and bounds[0] == (0, 0):  # a log axis has no zero: its bar is two bins left
        low, high = bounds[1]
        bounds = [(low * (low / high) ** 2, low * (low / high)), *bounds[1:]]
    axis = "linear" if histogram.is_linear else "log"
    if len(bounds) < _FEW or (axis == "log" and bounds[0][0] <= 0):
        axis = "category"
    return {"bounds": bounds, "labels": histogram.labels, "counts": histogram.counts, "axis": axis}


def _tree(report: Report) -> list[Box]:
    """Boxes for the sub-prefixes, each inside the longest other one that is its prefix."""
    top = {"prefix": report["prefix"], "keys": report["keys"], "bytes": report["value_bytes"]}
    listed = report["sub_prefixes"]["listed"]
    nodes = [(exact_key(each["prefix"]), each) for each in listed]
    nodes.sort(key=lambda node: node[0])
    boxes: list[Box] = []
    around: list[tuple[bytes, int]] = []
    for path, node in [(b"", top), *nodes]:
        while around and not path.startswith(around[-1][0]):
            around.pop()
        parent = around[-1][1] if around else None
        around.append((path, len(boxes)))
        boxes.append(_box(node, parent, depth=len(around) - 1))
    rest = {name: _rest(name, boxes) for name in ("keys", "bytes")}
    if rest["bytes"] > 0:
        boxes.append(_box({"prefix": {"text": _REST}, **rest}, parent=0, depth=0))
    return [_labelled(box, boxes) for box in boxes]


def _box(node: Mapping[str, Any], parent: int | None, depth: int) -> Box:
    text, keys, size = node["prefix"]["text"], node["keys"], node["bytes"]
    return {"text": text, "keys": keys, "bytes": size, "parent": parent, "depth": depth}


def _rest(name: str, boxes: list[Box]) -> int:
    """The keys or bytes of the outermost box that are in no box inside it."""
    return boxes[0][name] - sum(box[name] for box in boxes if box["parent"] == 0)


def _labelled(box: Box, boxes: list[Box]) -> Box:
    """The box with its last part of the path as label, and with its hover text."""
    outer = "" if box["parent"] is None else boxes[box["parent"]]["text"]
    text = box["text"] or "all keys"
    hover = [
        cut(text, _LABEL),
        counted(box["keys"], "key"),
        f"{units(box['bytes'])} · {grouped(share(box['bytes'], boxes[0]['bytes']))}",
    ]
    return {**box, "text": cut(text.removeprefix(outer), _LABEL), "hover": hover}
