"""The page of a report as text; test_html_page_browser.py opens it in Chromium."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser

import pytest
from sample_reports import HOSTILE, MARKUP, REPORTS, extreme, hostile, report_on, usual

from etcdlab.cli.format import Share, grouped, units
from etcdlab.cli.tables import cut
from etcdlab.report.document import Report
from etcdlab.report.html.charts import charts_of
from etcdlab.report.html.page import page


class Elements(HTMLParser):
    """The elements of a page, with their attributes and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found:
            self.texts.append(f"{self.found[-1][0]}: {data}")

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.found)


def embedded(html: str, name: str) -> Report:
    text = re.search(f'<script type="application/json" id="{name}">(.*?)</script>', html)
    assert text is not None
    return json.loads(text[1])


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> Report:
    return REPORTS[request.param]()


def test_the_report_itself_is_in_its_page(report: Report) -> None:
    assert embedded(page(report), "report") == json.loads(json.dumps(report))


def test_no_key_becomes_markup(report: Report) -> None:
    elements = Elements(page(report))
    tags = {tag for tag, _ in elements.found}
    assert not tags & {"a", "b", "img", "iframe", "object", "base", "form"}
    assert elements.count("script") == 4
    assert not [name for _, attributes in elements.found for name in attributes if name[:2] == "on"]


def test_hostile_texts_are_there_to_be_read() -> None:
    texts = "".join(Elements(page(hostile())).texts)
    assert HOSTILE in texts
    assert MARKUP in texts


def test_nothing_is_loaded(report: Report) -> None:
    html = page(report)
    for _, attributes in Elements(html).found:
        assert not attributes.keys() & {"src", "srcset", "poster", "background", "action"}
        assert attributes.get("href", "data:,") == "data:,"
    styles = "".join(re.findall("<style>(.*?)</style>", html, re.DOTALL))
    assert styles
    assert not re.search(r"@import|url\(|@font-face", styles)
    assert "default-src 'none'" in html


def test_a_page_is_little_more_than_plotly() -> None:
    assert len(page(usual())) < 5_000_000


def test_without_javascript_a_page_says_what_is_missing(report: Report) -> None:
    assert page(report).count("<noscript><p>The charts need JavaScript.") == 1


def test_what_a_page_is_called_and_in_which_language() -> None:
    html = page(usual())
    assert "<title>d/ at revision 4,321</title>" in html
    assert '<html lang="en">' in html
    assert "<title>all keys at revision" in page(REPORTS["the whole store"]())


def test_where_and_how_the_report_was_taken() -> None:
    taken = {"taken": "2026-03-04T05:06:07+00:00", "seconds": 1234.5}
    html = page(usual() | taken)
    for text in ("revision 4,321", "http://127.0.0.1:2379", "etcd 3.5.1", "in 1,234.5 s, native"):
        assert f"<li>{text}</li>" in html
    assert '<time datetime="2026-03-04T05:06:07+00:00">2026-03-04 05:06:07 UTC</time>' in html


def test_key_figures_have_their_thousands_apart() -> None:
    html = page(usual() | {"keys": 1020080, "value_bytes": 131895925, "leased": 12345})
    for figure in (
        "<strong>1,020,080</strong> <span>keys</span>",
        "<strong>125.8 MiB</strong> <span>131,895,925 bytes of values</span>",
        "<strong>12,345</strong> <span>keys on a lease</span>",
        "<strong>1,503</strong> <span>last revision of a write; first 2</span>",
    ):
        assert figure in html


def test_anomalies_stand_out() -> None:
    assert "<strong>✓ 0</strong> <span>anomalies</span>" in page(usual())
    assert 'class="alert"' not in page(usual())
    html = page(report_on({b"d/1": b"{broken", b"d/2": b"{broken", b"d/\xff": b""}))
    names = "broken JSON, keys that are not UTF-8"
    alert = f'<li class="alert"><strong>⚠ 3</strong> <span>anomalies: {names}</span></li>'
    assert alert in html


def test_a_chart_says_what_it_is_and_what_is_empty_says_so() -> None:
    html = page(usual())
    labels = re.findall('role="img" aria-label="(.*?)"', html)
    assert labels == [
        "Chart: Value types, keys, and bytes of values",
        "Chart: Sizes of values, 0 to 3,000 bytes, median 15",
        "Chart: price, in values of JSON: 0.50 to 999.50, median 500.90",
        "Chart: Sub-prefixes, 4; areas are bytes of values",
    ]
    assert "Sub-prefixes, the 1,000 largest of 1,200; areas" in page(extreme())
    nothing = page(REPORTS["nothing"]())
    assert nothing.count("Nothing to draw.") == 4
    assert 'role="img"' not in nothing


def test_tables_have_fifty_rows_at_most() -> None:
    html = page(extreme())
    rows = re.findall("<tr><td[^>]*>d/[0-9]{4}/</td>", html)
    assert len(rows) == 50
    assert ">(1150 more)</td>" in html


def prices(numbers: list[float]) -> Report:
    return report_on({b"d/%d" % i: b'{"price":%r}' % number for i, number in enumerate(numbers)})


def test_numbers_have_an_axis_of_numbers() -> None:
    linear = charts_of(prices([i / 10 for i in range(1001)]))["field"]
    assert linear["axis"] == "linear"
    assert linear["bounds"] == [(2.5 * place, 2.5 * (place + 1)) for place in range(40)]
    logarithmic = charts_of(prices([1.1**i for i in range(150)]))["field"]
    assert logarithmic["axis"] == "log"


def test_zero_is_before_the_others_on_a_logarithmic_axis() -> None:
    sizes = charts_of(usual())["sizes"]
    zero, first = sizes["bounds"][:2]
    assert (sizes["axis"], sizes["labels"][0]) == ("log", "0")
    width = pytest.approx(first[1] / first[0])
    assert zero[1] / zero[0] == width
    assert first[0] / zero[1] == width


@pytest.mark.parametrize(
    "numbers", [[-1e6, -1.0, 2.0, 3e9], [0.0], [7.0] * 9, [0.0, 5e-324], [1000.0, 1005.0, 1010.0]]
)
def test_bins_have_an_axis_of_names_where_one_of_numbers_would_not_do(numbers: list[float]) -> None:
    assert charts_of(prices(numbers))["field"]["axis"] == "category"


def test_sub_prefixes_are_inside_the_longest_that_they_begin_with() -> None:
    listed = [b"d/a/", b"d/a/b/", b"d/a/b/c/d/", b"d/ab/", b"d/a-/"]
    tree = charts_of(report_on({path + b"k": b"v" for path in listed}))["tree"]
    names = [box["hover"][0] for box in tree]
    parents = [None if box["parent"] is None else names[box["parent"]] for box in tree]
    assert dict(zip(names, parents, strict=True)) == {
        "d/": None,
        "d/a/": "d/",
        "d/a/b/": "d/a/",
        "d/a/b/c/": "d/a/b/",
        "d/a/b/c/d/": "d/a/b/c/",
        "d/ab/": "d/",
        "d/a-/": "d/",
    }
    assert [box["text"] for box in tree] == ["d/", "a-/", "a/", "b/", "c/", "d/", "ab/"]
    assert [box["bytes"] for box in tree] == [5, 1, 3, 2, 1, 1, 1]
    assert [box["depth"] for box in tree] == [0, 1, 1, 2, 3, 4, 1]


def test_what_is_in_no_sub_prefix_has_a_box_too() -> None:
    tree = charts_of(report_on({b"d/a/1": b"11", b"d/2": b"2", b"d/3": b"33333"}))["tree"]
    assert [box["hover"] for box in tree] == [
        ["d/", "3 keys", "8 bytes · 100.0 %"],
        ["d/a/", "1 key", "2 bytes · 25.0 %"],
        ["all others", "2 keys", "6 bytes · 75.0 %"],
    ]


def test_a_box_holds_no_more_bytes_than_it_has(report: Report) -> None:
    tree = charts_of(report)["tree"]
    assert bool(tree) == any(each["bytes"] for each in report["sub_prefixes"]["listed"])
    for place, box in enumerate(tree or []):
        assert sum(each["bytes"] for each in tree if each["parent"] == place) <= box["bytes"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (1234567, "1,234,567"),
        (-1234.567, "-1,234.57"),
        (0.5, "0.50"),
        (1e308, "1e+308"),
        (math.pi / 1e5, "3.14159e-05"),
        (Share(0.5), "50.0 %"),
        ("1234", "1234"),
    ],
)
def test_cells(value: object, text: str) -> None:
    assert grouped(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (3 << 49, "1,536.0 TiB"),
    ],
)
def test_units(size: int, text: str) -> None:
    assert units(size) == text


def test_long_texts_lose_their_middle() -> None:
    assert cut("0123456789", 10) == "0123456789"
    assert cut("0123456789x", 10) == "01234…789x"
