"""Every script ends bad input with the right status and one line, and leaves nothing half done.

The tables are in `bad_input/`. Bash runs each row in an empty folder, with py/ and scripts/ on
PATH and these variables:

  $LIVE     the URL of an etcd, in which only rows that say so may leave keys
  $HTTPS    the URL of an etcd that accepts TLS only
  $REFUSED  a URL where nothing listens
  $SILENT, $PAGE, …  URLs of servers that are not etcd (bad_input/servers.py)
  $GIVEN    a folder of bad files (bad_input/files.py)
  $PLACES   checkouts in odd places (bad_input/surroundings.py)
  $BOUND    the prefix of a command for which files' permissions count, even if root runs it

The scripts of most rows run in forks (prefork.py); Row.needs_an_interpreter tells which do not.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from bad_input import endpoints, files, flags, replies, sizes, surroundings, tools, variables
from bad_input.row import Row
from bad_input.servers import servers
from etcd_fixture import Etcd
from prefork import Prefork

from etcdlab import ROOT
from etcdlab.testbed.ports import free_urls

THEMES = (flags, tools, variables, endpoints, files, sizes, replies, surroundings)
ROWS = [row for theme in THEMES for row in theme.ROWS]
SCRIPTS = sorted(path.name for folder in ("py", "scripts") for path in (ROOT / folder).glob("*.*"))
# Takes root's capability to read and write any file.
BOUND = "setpriv --bounding-set=-all --inh-caps=-all"
DEADLINE = 60.0  # seconds for one row


class End(NamedTuple):
    """How a row ended; `left` names the files in its folder."""

    status: int
    printed: str
    said: str
    left: list[str]


@pytest.mark.parametrize("row", ROWS, ids=[row.command for row in ROWS])
def test_bad_input_is_one_line_and_the_right_status(
    row: Row, surrounding: dict[str, str], prefork: Prefork, request: pytest.FixtureRequest
) -> None:
    is_live = "$LIVE" in row.command
    etcd: Etcd | None = request.getfixturevalue("etcd") if is_live else None
    path = surrounding["PATH"]
    if not row.needs_an_interpreter:
        path = f"{prefork.commands}:{path}"
    folder = request.getfixturevalue("tmp_path")
    status, printed, said, left = run(row.command, surrounding | {"PATH": path}, folder)
    told = f"{row.command}\nstatus {status}, printed {printed[-2000:]!r}, said:\n{said[-3000:]}"
    assert status == row.status, told
    assert row.words in said and said.count("\n") == (row.lines if row.words else 0), told
    assert said.endswith("\n") or not said, told
    assert row.printed in printed and bool(printed) == bool(row.printed), told
    assert left == sorted(row.leaves), told
    if etcd:
        assert bool(etcd.items(b"")) == row.writes, told


def run(command: str, environment: dict[str, str], folder: Path) -> End:
    """Run a command line; kill its processes after DEADLINE."""
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env=environment | {"ETCD_STATE": str(folder / "state")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        printed, said = process.communicate(timeout=DEADLINE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    texts = (each.decode(errors="replace") for each in (printed, said))
    return End(process.returncode, *texts, sorted(path.name for path in folder.iterdir()))


def test_there_are_many_rows_and_every_script_is_in_several() -> None:
    assert len({row.command for row in ROWS}) == len(ROWS) >= 150
    often = Counter(script for row in ROWS for script in set(row.scripts))
    assert {script for script in SCRIPTS if often[script] >= 3} == set(SCRIPTS) - {"lib.sh"}


@pytest.fixture(scope="module")
def surrounding(
    shared_etcd: Etcd, tls_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The variables of every row."""
    given = tmp_path_factory.mktemp("given")
    files.make(given)
    path = [Path(sys.executable).parent, ROOT / "py", ROOT / "scripts", *os.defpath.split(":")]
    places = tmp_path_factory.mktemp("places")
    surroundings.make(places, ROOT)
    with servers() as urls:
        yield os.environ | urls | {
            "PATH": ":".join(map(str, path)),
            "VENV": sys.prefix,
            "LIVE": shared_etcd.url,
            "HTTPS": tls_url,
            "REFUSED": free_urls(1)[0],
            "GIVEN": str(given),
            "PLACES": str(places),
            "BOUND": BOUND if os.geteuid() == 0 else "",
        }  # fmt: skip


@pytest.fixture(scope="module")
def tls_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The https:// URL of an etcd whose certificate nobody trusts."""
    etcd = Etcd(tmp_path_factory.mktemp("tls"), "--auto-tls", scheme="https")
    yield etcd.url
    etcd.stop()
