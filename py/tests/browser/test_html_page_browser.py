"""The page of a report in headless Chromium: what it draws, and in which colors.

Run with `pytest -m browser`; Debian's package is `chromium`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sample_reports import HOSTILE, REPORTS, extreme, hostile, report_on, usual

from etcdlab.report.html.charts import charts_of
from etcdlab.report.html.page import page

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DEADLINE = 60  # seconds
SCHEMES = {"light": 1, "dark": 0}  # as Chromium numbers them
LEAST_CONTRAST = 4.5  # of text, WCAG 2 level AA

# Runs before the page's own scripts, and reports to the page around it what was drawn. That
# page sets the width: a window of Chromium is at least 500 pixels wide.
LISTENER = """<script>
const errors = [], changes = [];
addEventListener("error", (event) => errors.push(event.message || "cannot load"), true);
addEventListener("unhandledrejection", (event) => errors.push(`${event.reason}`));
addEventListener("securitypolicyviolation", (event) => errors.push(`blocked ${event.blockedURI}`));
for (const level of ["error", "warn"]) console[level] = (...words) => errors.push(words.join(" "));
const watched = window.matchMedia.bind(window);
window.matchMedia = (query) => {
  const media = watched(query);
  media.addEventListener = (_, listener) => changes.push([query, listener]);
  return media;
};

const shapes = (selector) =>
  [...document.querySelectorAll(selector)].map((each) => {
    const { width, height } = each.getBoundingClientRect();
    return { width, height };
  });
const ground = (element) => {
  const box = element.closest("g.slice");
  if (box) return getComputedStyle(box.querySelector("path.surface")).fill;
  for (let each = element; each; each = each.parentElement) {
    const color = getComputedStyle(each).backgroundColor;
    if (!/^rgba\\(.*, 0\\)$/.test(color)) return color;
  }
};
const texts = () => {
  const found = {};
  for (const element of document.querySelectorAll("body, body *:not(script, noscript)")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const outer = element.closest("g[class], [class]");
    found[`${outer?.getAttribute("class")} ${element.tagName}`] = [color, ground(element)];
  }
  return found;
};
const grounds = () => ["body", ".plot .main-svg"].map((name) => {
  const { backgroundColor } = getComputedStyle(document.querySelector(name) || document.body);
  return backgroundColor;
});
addEventListener("load", () => setTimeout(() => {
  const facts = {
    errors,
    requests: performance.getEntriesByType("resource").map(({ name }) => name),
    ran: window.ran || null,
    elements: [...document.querySelectorAll("a, img, svg image")].map(({ outerHTML }) => outerHTML),
    window: innerWidth,
    width: document.documentElement.clientWidth,
    scrolled: document.documentElement.scrollWidth,
    types: shapes("#types .point path"),
    sizes: shapes("#sizes .point path"),
    field: shapes("#field .point path"),
    tree: shapes("#tree .slice path.surface"),
    words: [...document.querySelectorAll(".plot")].map(({ textContent }) => textContent),
    grounds: grounds(),
    texts: texts(),
  };
  document.documentElement.style.setProperty("--card", "rgb(1, 2, 3)");
  for (const [query, listener] of changes) if (/prefers-color-scheme/.test(query)) listener();
  facts.changed = grounds();
  parent.postMessage(JSON.stringify(facts), "*");
}, 500));
</script>"""

AROUND = """<!DOCTYPE html>
<body style="margin: 0"><pre></pre><script>
const tell = (text) => {{ document.querySelector("pre").textContent = text; }};
addEventListener("message", ({{ data }}) => tell(data));
</script><iframe src="page.html" style="border: 0; width: {width}px; height: 3000px"></iframe>"""

Facts = dict[str, Any]
Look = Callable[..., Facts]


@pytest.fixture(scope="session")
def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail(f"none of {', '.join(names)} is on the PATH: apt-get install chromium")
    return found


@pytest.fixture
def look(chromium: str, tmp_path: Path) -> Look:
    """Opens a page of that width in pixels, and returns what LISTENER found in it."""

    def open_page(html: str, width: int = 1280, scheme: str = "light") -> Facts:
        listening = html.replace("<head>", f"<head>{LISTENER}", 1)
        assert listening != html
        (tmp_path / "page.html").write_text(listening, encoding="utf-8")
        (tmp_path / "around.html").write_text(AROUND.format(width=width), encoding="utf-8")
        command = [
            chromium,
            *FLAGS,
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
            "--window-size=1700,1200",
            "--virtual-time-budget=10000",
            "--dump-dom",
            (tmp_path / "around.html").as_uri(),
        ]
        run = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=True)
        facts = re.search("<pre>(.+?)</pre>", run.stdout, re.DOTALL)
        assert facts, run.stderr
        return json.loads(unescape(facts[1]))

    return open_page


def drawn(shapes: list[dict[str, float]]) -> int:
    """How many of the shapes are visible."""
    return sum(shape["width"] > 0 and shape["height"] > 0 for shape in shapes)


def nothing_went_wrong(facts: Facts) -> None:
    assert facts["errors"] == []
    assert [url for url in facts["requests"] if not url.startswith("data:")] == []
    assert facts["scrolled"] <= facts["width"]


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", REPORTS)
def test_nothing_goes_wrong(look: Look, name: str, width: int) -> None:
    facts = look(page(REPORTS[name]()), width)
    assert facts["window"] == width
    nothing_went_wrong(facts)


def test_each_number_has_its_mark(look: Look) -> None:
    report = usual()
    facts = look(page(report))
    assert drawn(facts["types"]) == 7  # keys of four types, bytes of three: one value is empty
    counts = charts_of(report)["sizes"]["counts"].values()
    assert drawn(facts["sizes"]) == sum(count > 0 for group in counts for count in group) >= 30
    assert drawn(facts["field"]) == 40
    assert drawn(facts["tree"]) == 6  # the prefix, four below, and what is in none of them


def test_bars_are_as_long_as_their_numbers(look: Look) -> None:
    facts = look(page(usual()))
    json_keys, text_keys = (bar["width"] for bar in facts["types"][:2])
    assert json_keys == pytest.approx(2 * text_keys, rel=0.02)
    heights = [bar["height"] for bar in facts["field"]]
    assert max(heights) == pytest.approx(min(heights), rel=0.1)


def test_a_thousand_sub_prefixes_are_drawn(look: Look) -> None:
    facts = look(page(extreme()))
    assert len(facts["tree"]) == 1 + 1000 + 1


def test_without_keys_there_are_no_charts_and_no_errors(look: Look) -> None:
    facts = look(page(report_on({})))
    nothing_went_wrong(facts)
    assert [drawn(facts[name]) for name in ("types", "sizes", "field", "tree")] == [0] * 4
    assert "nothing P" in "".join(facts["texts"])


def test_hostile_keys_are_text(look: Look) -> None:
    facts = look(page(hostile()))
    assert facts["ran"] is None
    assert facts["elements"] == []
    words = "".join(facts["words"])
    assert "a>&lt;<b>$title</" in words  # a sub-prefix: what is up to a slash
    assert HOSTILE in words  # the name of the field


def luminance(color: str) -> float:
    """The relative luminance of WCAG 2, 0 to 1."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(colors: list[str]) -> float:
    darker, lighter = sorted(map(luminance, colors))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_all_texts_can_be_read(look: Look, scheme: str) -> None:
    report = usual()
    report["findings"][1]["keys"] = 5  # the color of an anomaly, too
    facts = look(page(report), scheme=scheme)
    faint = {name: pair for name, pair in facts["texts"].items() if contrast(pair) < LEAST_CONTRAST}
    assert faint == {}
    assert {"alert STRONG", "bartext text", "xtick text", "slicetext text"} <= {
        re.sub(".*(alert|bartext|xtick|slicetext).* ", r"\1 ", name) for name in facts["texts"]
    }


def test_a_dark_scheme_makes_a_dark_page(look: Look) -> None:
    html = page(usual())
    light, dark = (map(luminance, look(html, scheme=name)["grounds"]) for name in SCHEMES)
    assert min(light) > 0.85
    assert max(dark) < 0.03


def test_charts_follow_when_the_scheme_changes(look: Look) -> None:
    facts = look(page(usual()))
    assert facts["grounds"][1] == "rgb(255, 255, 255)"
    assert facts["changed"][1] == "rgb(1, 2, 3)"
