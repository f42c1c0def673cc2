"""README.md and docs/: every command is run and prints what is shown; every link leads on.

A line `...` in an output stands for lines that the page leaves out.
"""

import os
import random
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from scripts import SCRIPTS

from etcdlab import ROOT

README = "README.md"
# The text of each page, by its path from the root.
PAGES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in [ROOT / README, *sorted(ROOT.glob("docs/*.md"))]
}
EVERYTHING = "\n".join(PAGES.values())
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "..."

MOST_LINES = 250  # of the README
WIDTH = 100  # of all pages, outside tables and fences

# Lines whose numbers are a function of the command alone, and must be right.
EXACT = re.compile(
    r'^(json|text|binary|other|total|price|"Count"|loaded|datasets/json|\{)\b|status'
)
# What runs beside etcd differs with its version or with where it comes from.
CAUTION = re.compile(r"^etcd_up\.sh: etcd 3\.5\.0 to 3\.5\.2 can lose ")
# A busy machine takes long enough for a word on how far it is.
PROGRESS = re.compile(r"^etcd_(faker|reporter)\.py: \d+ of \d+ keys,")
# How many steps of a histogram there are is chance.
STEP = re.compile(r"^ *<= [0-9.]+ ms ")
FRAMES = str.maketrans("│─┌┬┐├┼┤└┴┘", "|-" + "+" * 9)  # tables of some etcdctl builds
VOLATILE = [
    (re.compile(r"from (PATH|the PyPI wheel)"), "from SOMEWHERE"),
    (re.compile(r"\b[0-9a-f]{14,16}\b"), "ID"),
    (re.compile(r"\b(true|false)\b"), "BOOL"),
    (re.compile(r"(\d+\.)?\d+ [kM]B\b"), "SIZE"),
    (re.compile(r"\d+(\.\d+)*k?"), "0"),
]


def commands(block: str) -> list[tuple[str, str]]:
    """Each command of a block and what the page shows for it."""
    # A line of etcdctl's alone is what a walkthrough prints.
    parts = re.split(r"^\$ (?!etcdctl )(.*)\n", block, flags=re.MULTILINE)
    assert parts[0] == ""
    return list(zip(parts[1::2], parts[2::2], strict=True))


SHOWN = [
    (page, command, expected)
    for page, text in PAGES.items()
    for kind, block in FENCE.findall(text)
    if kind == "console"
    for command, expected in commands(block)
]
# What has tests of its own, and need not be seen as a page has it at every change.
SLOW = re.compile(r"make (bench|bench-report|chaos|dask-demo|parity)\b")
QUICK = [each for each in SHOWN if not SLOW.match(each[1])]


def skeleton(output: str) -> list[str]:
    """The lines of an output without what changes from run to run."""
    lines = output.translate(FRAMES).splitlines()
    by_chance = (CAUTION, PROGRESS, STEP)
    lines = [line for line in lines if not any(pattern.match(line) for pattern in by_chance)]
    for number, line in enumerate(lines):
        if not EXACT.search(line):
            for pattern, stand_in in VOLATILE:
                line = pattern.sub(stand_in, line)
        lines[number] = re.sub(r"( |-)\1*", r"\1", line).strip()
    return lines


def free_port() -> int:
    """A port that is free, as are the others that three members have."""
    while True:
        port = random.randrange(1100, 2300, 2)
        with ExitStack() as stack, suppress(OSError):
            for offset in (0, 1, 20000, 20001, 30000, 30001):
                probe = stack.enter_context(socket.socket())
                probe.bind(("127.0.0.1", port + offset))
            return port


class Checkout:
    """A copy of what is checked in, whose etcd listens on free ports."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        tracked = "git ls-files -z --cached --others --exclude-standard"
        copy = f"{tracked} | xargs -0 cp -p --parents -t '{folder}'"
        subprocess.run(["bash", "-c", copy], cwd=ROOT, check=True)
        venv = Path(os.environ.get("VENV") or ROOT / ".venv").resolve()
        (folder / ".venv").symlink_to(venv)
        port = free_port()
        self._ports = {"2379": port, "22379": port + 20000, "32379": port + 30000}
        endpoint = f"http://127.0.0.1:{port}"
        self._environment = os.environ | {
            "ETCD_ENDPOINT": endpoint,
            "ETCDCTL_ENDPOINTS": endpoint,  # for etcdctl by itself
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
        }
        if "ETCD_BIN" not in os.environ:
            self._environment["ETCD_RUNTIME"] = "wheel"
        self._environment.pop("VENV", None)

    def run(self, command: str) -> str:
        """What a person sees on the terminal: stdout and stderr together."""
        command = re.sub(r"\b[23]?2379\b", lambda match: str(self._ports[match[0]]), command)
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            text=True,
        ).stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    copy = Checkout(tmp_path)
    yield copy
    copy.run("scripts/etcd_clean.sh")


def check(checkout: Checkout, command: str, expected: str) -> None:
    printed = checkout.run(command)
    assert "Traceback" not in printed
    lines, shown = skeleton(printed), skeleton(expected)
    if LEFT_OUT in shown:
        cut = shown.index(LEFT_OUT)
        rest = shown[cut + 1 :]
        shown = shown[:cut] + lines[cut : len(lines) - len(rest)] + rest
    assert lines == shown, f"$ {command}\n{printed}"


@pytest.mark.parametrize("page", dict.fromkeys(page for page, _, _ in QUICK))
def test_every_command_prints_what_is_shown(checkout: Checkout, page: str) -> None:
    for where, command, expected in QUICK:
        if where == page:
            check(checkout, command, expected)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "command", "expected"), [x for x in SHOWN if x not in QUICK])
def test_a_command_that_takes_long_prints_what_is_shown(
    checkout: Checkout, page: str, command: str, expected: str
) -> None:
    checkout.run("make up")
    check(checkout, command, expected)


def test_other_commands_are_not_shown() -> None:
    """A fence of another kind would show what nothing runs: `make test` runs this, and
    bats/get_etcd.bats the other."""
    assert len(SHOWN) > 50
    others = [block for kind, block in FENCE.findall(EVERYTHING) if kind != "console"]
    assert others == ["make test\n", "make up ETCD_VERSION=latest\n"]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page: str) -> None:
    prose = FENCE.sub("", PAGES[page])
    links = re.findall(r"\]\(([^)]+)\)", prose) + re.findall(r'src(?:set)?="([^"]+)"', prose)
    for link in links:
        path, _, heading = link.partition("#")
        if not path.startswith("https://"):
            target = (ROOT / page).parent / path if path else ROOT / page
            assert target.exists(), link
            assert not heading or heading in headings(target), link


def headings(page: Path) -> list[str]:
    """The fragments by which one links to the headings of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]


@pytest.mark.parametrize("page", PAGES)
def test_paths_in_the_text_are_there(page: str) -> None:
    roots = "py|scripts|bats|bench|docs|pictures|\\.ci"
    for path in re.findall(rf"`((?:{roots})/[\w./-]*)", PAGES[page]):
        assert (ROOT / path).exists(), path


def test_the_readme_leads_to_every_page() -> None:
    for page in PAGES:
        assert page == README or f"]({page})" in PAGES[README]


def test_the_readme_takes_two_minutes() -> None:
    assert len(PAGES[README].splitlines()) <= MOST_LINES


@pytest.mark.parametrize("page", PAGES)
def test_lines_are_not_wide(page: str) -> None:
    for line in FENCE.sub("", PAGES[page]).splitlines():
        assert len(line) <= WIDTH or line.startswith(("|", "<img")), line


def test_every_script_is_named() -> None:
    for script in SCRIPTS:
        assert f"{script.name}`" in EVERYTHING


def test_every_setting_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    names = re.findall(r"^([A-Z_]+) \?=", makefile, re.MULTILINE)
    for script in SCRIPTS:
        names += re.findall(r"^#   ([A-Z_]+)  ", script.read_text(), re.MULTILINE)
    for name in names:
        assert f"`{name}`" in EVERYTHING
