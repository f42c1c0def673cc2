"""Reports as JSON, in every format of tables, and compared."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from sample_pages import page_of, summary_of

from etcdlab.cli.format import rounded
from etcdlab.cli.tables import as_csv, as_markdown, as_text
from etcdlab.report.diff import diff, diff_tables
from etcdlab.report.document import Origin, Report, anomalies, build_report, to_json
from etcdlab.report.saved import read_report
from etcdlab.report.summary import Summary
from etcdlab.report.tables import plots_of, tables_of

ORIGIN = Origin("http://127.0.0.1:2379", "3.5.1", "gateway", 9, 0.25)
VALUES = [b'{"price": 2.5}', b'{"price": 4.5}', b"text", b"\xff", b""]


def report_on(values: list[bytes]) -> Report:
    """A report on p/0, p/1 and so on."""
    return build_report(summary_of(values), ORIGIN)


def test_json_is_complete_and_comes_back(tmp_path: Path) -> None:
    report = report_on(VALUES)
    path = tmp_path / "report.json"
    path.write_bytes(to_json(report))
    back = read_report(path)
    assert back == json.loads(json.dumps(report))
    assert (back["version"], back["revision"], back["keys"], back["value_bytes"]) == (1, 9, 5, 33)
    assert back["types"]["json"]["keys"] == sum(n for _, n in back["types"]["json"]["buckets"])
    assert back["field"]["mean"] == 3.5
    assert back["prefix"] == {"text": "p/", "base64": "cC8="}


def test_csv_has_every_number_unrounded() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(tables_of(report_on(VALUES), 5)))))
    cells = {(row["table"], row["row"], row["column"]): row["value"] for row in rows}
    assert cells["value types", "json", "share"] == "0.4"
    assert cells["value types", "other", "mean"] == "0.0"
    assert cells["field", "price", "stddev"] == "1.0"
    assert cells["largest values", "p/0", "bytes"] == "14"
    assert len(cells) == len(rows)


def test_markdown_keeps_its_columns_whatever_the_keys() -> None:
    summary = Summary(b"", ("price",), 1, 3)
    summary.add(page_of([(b"a|b/c", b"1"), (b"new\nline", b"22")]))
    text = as_markdown(tables_of(build_report(summary, ORIGIN), 5))
    assert "| a\\|b/ " in text
    assert "| new\\nline " in text
    for block in text.split("\n\n")[1::2]:
        assert len({line.replace("\\|", "").count("|") for line in block.splitlines()}) == 1


def test_a_build_report_nothing() -> None:
    report = build_report(Summary(b"none/", ("price",), 1, 3), ORIGIN)
    text = as_text(tables_of(report, 5))
    assert [line.split() for line in text.splitlines() if line.startswith(("total", "price"))] == [
        ["total", "0", "-", "0", *"-----"], ["price", "0", *"-------"],
    ]  # fmt: skip
    assert plots_of(report) == ""
    assert "nothing odd" in text


def test_none_of_the_largest() -> None:
    summary = Summary(b"", ("price",), 0, 0)
    summary.add(page_of([(b"a/b", b"1")]))
    tables = tables_of(build_report(summary, ORIGIN), 0)
    assert [table.name for table in tables] == ["value types", "field", "facts", "findings"]


def test_only_so_many_rows_and_columns() -> None:
    summary = Summary(b"", ("price",), 1, 3)
    summary.add(page_of([(b"%03d/" % place + b"x" * 200, b"") for place in range(30)]))
    text = as_text(tables_of(build_report(summary, ORIGIN), 2))
    assert "(28 more)" in text
    assert max(map(len, text.splitlines())) < 100


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "-"), (3, "3"), (0.0, "0.00"), (2.345, "2.35"), (-0.001, "-0.001"),
        (1e308, "1e+308"),
        (1234567.0, "1234567.00"), (1e15, "1e+15"),
    ],
)  # fmt: skip
def test_numbers_for_people(cell: float | None, text: str) -> None:
    assert rounded(cell) == text


def test_plots_count_everything() -> None:
    sizes, prices = plots_of(report_on(VALUES)).split("\n\n")
    for plot, title, count in ((sizes, "bytes of values", 5), (prices, "price", 2)):
        name, *bars = plot.splitlines()
        assert name == title
        assert sum(int(bar.split()[-1]) for bar in bars) == count


def test_nothing_changed() -> None:
    report = report_on(VALUES)
    assert diff_tables(diff(report, report), 5) == []


def test_what_changed() -> None:
    before, after = report_on(VALUES), report_on([*VALUES[1:], b'{"price": 9}', b'{"price": "x"}'])
    changes = diff(before, json.loads(to_json(after)))
    figures = {each["figure"]: (each["before"], each["after"]) for each in changes["figures"]}
    assert figures["keys"] == (5, 6)
    assert figures["json keys"] == (2, 3)
    assert figures["price mean"] == (3.5, 6.75)
    assert figures["price not a number"] == (0, 1)
    assert "text keys" in figures
    text = as_text(diff_tables(changes, 5))
    rows = {line.split("  ")[0]: line.split()[-1] for line in text.splitlines()}
    assert (rows["keys"], rows["price mean"], rows["value bytes"]) == ("+1", "+3.25", "+12")
    assert "text keys" not in rows
    assert anomalies(after)[0]["keys"] == 1


def test_sub_prefixes_that_came_went_and_grew() -> None:
    def report(*entries: tuple[bytes, bytes]) -> Report:
        summary = Summary(b"", ("price",), 1, 3)
        summary.add(page_of(sorted(entries)))
        return build_report(summary, ORIGIN)

    before = report((b"same/a", b"1"), (b"gone/a", b"22"), (b"grown/a", b"1"))
    after = report((b"same/a", b"2"), (b"new/a", b"4444"), (b"grown/a", b"1"), (b"grown/b", b"333"))
    rows = diff(before, after)["sub_prefixes"]
    assert [(row["prefix"]["text"], row["keys"], row["bytes"]["after"]) for row in rows] == [
        ("new/", {"before": 0, "after": 1}, 4),
        ("grown/", {"before": 1, "after": 2}, 4),
        ("gone/", {"before": 1, "after": 0}, 0),
    ]
