"""What the charts of a page show, as its JavaScript wants it."""

from __future__ import annotations

from base64 import b64decode

from etcdlab.cli.format import counted, grouped, units
from etcdlab.cli.tables import cut
from etcdlab.report import histograms
from etcdlab.report.document import Report
from etcdlab.report.tables import share

_LABEL = 60  # characters
_REST = "all others"


def charts_of(report: Report) -> Report:
    """The data of each chart, by its name; None where there is nothing to show."""
    tree = any(each["bytes"] for each in report["sub_prefixes"]["listed"])
    return {
        "types": _types(report) if report["keys"] else None,
        "sizes": _sizes(report) if report["keys"] else None,
        "field": _field(report) if report["field"]["values"] else None,
        "tree": _tree(report) if tree else None,
    }


def _types(report: Report) -> Report:
    groups = report["types"].values()
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


def _sizes(report: Report) -> Report:
    groups = {name: group["buckets"] for name, group in report["types"].items()}
    extremes = report["values"]["min"], report["values"]["max"]
    histogram = histograms.sizes(groups, report["quantile_error"], *extremes)
    return {**histogram, "unit": " bytes", "axis": "bytes of a value"}


def _field(report: Report) -> Report:
    field = report["field"]
    extremes = field["min"], field["max"]
    histogram = histograms.numbers(field["buckets"], report["quantile_error"], *extremes)
    return {**histogram, "unit": "", "axis": cut(field["path"], _LABEL)}


def _tree(report: Report) -> list[Report]:
    """Boxes for the sub-prefixes, each inside the longest other one that it begins with."""
    top = {"prefix": report["prefix"], "keys": report["keys"], "bytes": report["value_bytes"]}
    listed = report["sub_prefixes"]["listed"]
    nodes = [(b64decode(each["prefix"]["base64"]), each) for each in listed]
    nodes.sort(key=lambda node: node[0])
    boxes: list[Report] = []
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


def _box(node: Report, parent: int | None, depth: int) -> Report:
    text, keys, size = node["prefix"]["text"], node["keys"], node["bytes"]
    return {"text": text, "keys": keys, "bytes": size, "parent": parent, "depth": depth}


def _rest(name: str, boxes: list[Report]) -> int:
    """What the outermost box has beyond those inside of it."""
    return boxes[0][name] - sum(box[name] for box in boxes if box["parent"] == 0)


def _labelled(box: Report, boxes: list[Report]) -> Report:
    """With its own part of the path as its label, and with what a pointer shows of it."""
    outer = "" if box["parent"] is None else boxes[box["parent"]]["text"]
    text = box["text"] or "all keys"
    hover = [
        cut(text, _LABEL),
        counted(box["keys"], "key"),
        f"{units(box['bytes'])} · {grouped(share(box['bytes'], boxes[0]['bytes']))}",
    ]
    return {**box, "text": cut(text.removeprefix(outer), _LABEL), "hover": hover}
