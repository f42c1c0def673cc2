"""README.md: its commands are run, and print what it shows; it names every script."""

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

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
README = (ROOT / "README.md").read_text()

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
    """Each command of a block and what the README shows for it."""
    # A line of etcdctl's alone is what a walkthrough prints.
    parts = re.split(r"^\$ (?!etcdctl )(.*)\n", block, flags=re.MULTILINE)
    assert parts[0] == ""
    return list(zip(parts[1::2], parts[2::2], strict=True))


SHOWN = [command for block in BLOCK.findall(README) for command in commands(block)]
# What has tests of its own, and need not be seen as the README has it at every change.
SLOW = re.compile(r"make (bench|bench-report|dask-demo|parity)\b")


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
    assert skeleton(printed) == skeleton(expected), f"$ {command}\n{printed}"


def test_every_command_prints_what_is_shown(checkout: Checkout) -> None:
    shown = [command for command in SHOWN if not SLOW.match(command[0])]
    assert len(shown) > 15
    for command, expected in shown:
        check(checkout, command, expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "expected"), [command for command in SHOWN if SLOW.match(command[0])]
)
def test_a_command_that_takes_long_prints_what_is_shown(
    checkout: Checkout, command: str, expected: str
) -> None:
    checkout.run("make up")
    check(checkout, command, expected)


def test_other_commands_are_not_shown() -> None:
    """A fence of another kind would show what nothing runs: `make test` runs this."""
    others = re.findall(r"^```(?!console)\w*\n(.*?)^```$", BLOCK.sub("", README), re.M | re.S)
    assert others == ["make test\n"]


def test_every_script_is_named() -> None:
    for script in SCRIPTS:
        assert f"{script.name}`" in README


def test_every_target_and_setting_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for name in re.findall(r"^([A-Z_]+) \?=", makefile, re.MULTILINE):
        assert f"`{name}`" in README
    for script in SCRIPTS:
        for name in re.findall(r"^#   ([A-Z_]+)  ", script.read_text(), re.MULTILINE):
            assert f"`{name}`" in README
