"""Saved reports are read as they were; anything else is refused in one line."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import REPORTS, report_on

from etcdlab.errors import UsageError
from etcdlab.report.document import VERSION, to_json
from etcdlab.report.html.charts import charts_of
from etcdlab.report.merge import merge_reports
from etcdlab.report.render import render_changes, render_report
from etcdlab.report.saved import read_report

Json = Any


def usual() -> Json:
    """A report as it is read from JSON."""
    values = {b"d/a/1": b'{"price": 2.5}', b"d/2": b'{"price": -1e300}', b"d/3": b"text"}
    return json.loads(to_json(report_on(values)))


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(to_json(REPORTS[name]()))
    assert to_json(read_report(path)) == path.read_bytes()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not a report"), (b"{}", "not a report"), (b"[1]", "not a report"),
        (b"\xff\x00", "not a report"), (b'{"kind": "etcd lab report"}', "a report of version None"),
        (b'{"kind": "etcd lab report", "version": 2}', f"a report of version 2, not {VERSION}"),
        (b'{"kind": "etcd lab report", "version": 1}', "a report with something missing"),
        (b'{"kind": "etcd lab report", "version": 1, "keys": []}', "something missing"),
        (None, "No such file"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_report(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        read_report(path)


def without(*path: str) -> Callable[[Json], None]:
    """Removes an item from a report."""

    def change(report: Json) -> None:
        for step in path[:-1]:
            report = report[step]
        del report[path[-1]]

    return change


def instead(value: object, *path: str) -> Callable[[Json], None]:
    """Replaces an item of a report."""

    def change(report: Json) -> None:
        for step in path[:-1]:
            report = report[step]
        report[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        without("range"), without("field", "exact"), without("types", "json", "buckets"),
        without("largest"), without("modified", "first"), without("endpoint"), without("top"),
        instead("x", "field", "exact", "sum"), instead("1/0", "field", "exact", "sum"),
        instead("1e999999999", "field", "exact", "squares"), instead(5, "range"),
        instead([[1]], "values", "buckets"), instead([["x", 1]], "types", "json", "buckets"),
        instead({"base64": "ä"}, "prefix"), instead(None, "sub_prefixes", "listed"),
        instead(7, "findings"), instead("many", "keys"), instead(True, "keys"),
        instead("x", "seconds"), instead("x", "revision"), instead({}, "range", "from"),
        instead("x", "values", "min"), instead("x", "types", "text", "min"),
        instead("many", "types", "json", "keys"), instead(-1, "top"),
    ],
)  # fmt: skip
def test_half_a_report_is_none(tmp_path: Path, change: Callable[[Json], None]) -> None:
    path = tmp_path / "report.json"
    report = usual()
    path.write_bytes(to_json(report))
    read_report(path)
    change(report)
    path.write_bytes(to_json(report))
    with pytest.raises(UsageError, match=r"report.json: a report with something missing$"):
        read_report(path)


def places(node: Json, *above: str | int) -> Iterator[tuple[str | int, ...]]:
    """The path of every item in a document."""
    if isinstance(node, (dict, list)):
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield (*above, step)
            yield from places(child, *above, step)


PLACES = list(places(usual()))
JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(["1/3", "-5", "1/0", "9" * 400, "9" * 5000, [], [[1.5, 2]], {}, {"x": 1}]),
)


@given(st.sampled_from(PLACES), JSON)
def test_whatever_is_read_can_be_merged_and_shown(
    tmp_path_factory: pytest.TempPathFactory, where: tuple[str | int, ...], value: Json
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    report = usual()
    instead(value, *where)(report)
    path.write_bytes(to_json(report))
    try:
        read = read_report(path)
    except UsageError as error:
        assert "\n" not in str(error)
        return
    flags = Namespace(o="table", plot=True, top=5)
    merged = merge_reports([path])
    assert render_report(merged, flags)
    assert render_changes(merged, read, flags)
    assert to_json(charts_of(merged))
