"""Merged reports on parts of a prefix equal the report on the whole."""

from __future__ import annotations

import json
import random
from argparse import Namespace
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_pages import Entry, page_of

from etcdlab.errors import UsageError
from etcdlab.report.collect import bounds_of
from etcdlab.report.document import Origin, Report, build_report, to_json
from etcdlab.report.merge import merge_reports
from etcdlab.report.render import render_report
from etcdlab.report.summary import Summary

PREFIX = b"p/"
NUMBERS = st.one_of(
    st.floats(allow_nan=False), st.integers(-(10**20), 10**20), st.just("x"), st.just(True)
)
VALUES = st.one_of(
    st.binary(max_size=9),
    st.text(max_size=9).map(str.encode),
    NUMBERS.map(lambda number: json.dumps({"price": number}).encode()),
    st.sampled_from([b"{", b"[]", b'{"price": 1e999}', b"x" * 2000]),
)
KEYS = st.binary(max_size=4).map(lambda name: PREFIX + name)


def report_on(
    entries: Sequence[Entry],
    begin: bytes = b"",
    end: bytes | None = None,
    revision: int = 9,
    **how: Any,  # noqa: ANN401
) -> Report:
    """The report on the entries, read in two pages."""
    summary = Summary(
        how.get("prefix", PREFIX), how.get("field", ("price",)), how.get("depth", 1), 3
    )
    middle = len(entries) // 2
    for part in (entries[:middle], entries[middle:]):
        numbers = [len(value) % 7 + 1 for _, value in part]
        leases = [number % 2 for number in numbers]
        summary.add(page_of(list(part), mod_revisions=numbers, versions=numbers, leases=leases))
    return build_report(summary, Origin("http://a:1", "3.5.1", "native", revision, 1.0, begin, end))


def saved(folder: Path, reports: Sequence[Report]) -> list[Path]:
    """The files that the reports are saved in."""
    paths = [folder / f"{number}.json" for number in range(len(reports))]
    for path, report in zip(paths, reports, strict=True):
        path.write_bytes(to_json(report))
    return paths


def without_times(report: Report) -> bytes:
    return to_json(
        {name: each for name, each in report.items() if name not in ("taken", "seconds")}
    )


@given(st.dictionaries(KEYS, VALUES, max_size=30), st.lists(KEYS, max_size=3, unique=True))
def test_parts_are_the_whole(
    tmp_path_factory: pytest.TempPathFactory, values: dict[bytes, bytes], cuts: list[bytes]
) -> None:
    entries = sorted(values.items())
    bounds: list[Any] = [b"", *sorted(cut for cut in cuts if cut > PREFIX), None]
    parts = [
        report_on([e for e in entries if begin <= e[0] and (end is None or e[0] < end)], begin, end)
        for begin, end in pairwise(bounds)
    ]
    random.Random(len(entries)).shuffle(parts)
    whole = report_on(entries)
    result = merge_reports(saved(tmp_path_factory.mktemp("parts"), parts))
    assert without_times(result) == without_times(whole)
    assert result["seconds"] == len(parts)


def test_a_range_is_told_and_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [report_on([], b"p/1", b"p/2"), report_on([(b"p/3", b"")], b"p/3", b"p/4", revision=12)]
    whole = merge_reports(saved(tmp_path, parts))
    text = render_report(whole, Namespace(o="table", top=3, plot=False))
    assert text.startswith("p/ from p/1 to p/4 at revision 12, http://a:1\n")
    said = capsys.readouterr().err
    assert "no report is on the keys from 'p/2' to 'p/3'" in said
    assert "the reports are of revisions 9 to 12: what was written in between is in some" in said


def test_what_is_not_known_of_the_parts_is_not_made_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only as many largest values as all parts have; a note if sub-prefixes are missing."""
    few = report_on([(b"p/%d/x" % index, b"%d" % index) for index in range(9)], b"", b"p/a")
    few["top"] = 1
    del few["largest"][1:]
    del few["sub_prefixes"]["listed"][5:]
    few["sub_prefixes"]["not_listed"] = 4
    whole = merge_reports(saved(tmp_path, [few, report_on([(b"p/b", b"123")], b"p/a")]))
    assert [each["key"]["text"] for each in whole["largest"]] == ["p/b"]
    assert whole["sub_prefixes"]["not_listed"] == 4
    assert "not all sub-prefixes are listed in these reports" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (report_on([], b"p/1"), "both are on the keys from 'p/1' on"),
        (report_on([]), "both are on the keys from '' on"),
        (report_on([], b"p/3", prefix=b"q/"), "1.json: its prefix is 'q/', that of"),
        (report_on([], b"p/3", depth=2), "its depth is '2'"),
        (report_on([], b"p/3", field=("x",)), "its field is 'x'"),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, other: Report, words: str) -> None:
    paths = saved(tmp_path, [report_on([], b"", b"p/2"), other])
    with pytest.raises(UsageError) as caught:
        merge_reports(paths)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_are_no_reports(tmp_path: Path) -> None:
    (path,) = saved(tmp_path, [report_on([])])
    path.write_bytes(b"{}")
    with pytest.raises(UsageError, match="not a report that -save made"):
        merge_reports([path])
    with pytest.raises(UsageError, match="No such file"):
        merge_reports([tmp_path / "nowhere"])


def flags_of(given: str, **values: object) -> Namespace:
    plain = {"prefix": b"p/", "from": None, "to": None, "start": 0, "n": None}
    return Namespace(**(plain | values), given=set(given.split()))


def test_which_keys_a_report_is_on() -> None:
    assert bounds_of(flags_of("")) == (b"", None)
    assert bounds_of(flags_of("from to", **{"from": b"p/a", "to": b"p/b"})) == (b"p/a", b"p/b")
    assert bounds_of(flags_of("to", to=b"p/b")) == (b"", b"p/b")
    assert bounds_of(flags_of("start n", start=5, n=7)) == (b"p/00000005", b"p/00000012")
    assert bounds_of(flags_of("start", start=5)) == (b"p/00000005", None)
    for names, values, words in [
        ("from", {"from": b"q"}, "-from: 'q' is not under 'p/'"),
        ("to", {"to": b"o"}, "-to: 'o' is not under 'p/'"),
        ("from to", {"from": b"p/b", "to": b"p/b"}, "no key is between them"),
        ("from n", {"from": b"p/b", "n": 3}, "-n and -from: one or the other"),
        ("start", {"start": 10**8 + 1}, "not in the order of their numbers"),
        ("n", {"n": 10**8 + 1}, "not in the order of their numbers"),
    ]:
        with pytest.raises(UsageError, match=words):
            bounds_of(flags_of(names, **values))
