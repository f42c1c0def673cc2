"""etcdctl.py against etcdctl: the same bytes, the same exit status, over both transports."""

from __future__ import annotations

import os
import re
import select
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from etcd_fixture import Etcd, etcd_folder
from prefork import Prefork

from etcdlab import ROOT
from etcdlab.etcdctl.errors import PANIC
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import unquote

LISTS = {
    name: [
        line
        for line in (Path(__file__).parent / name).read_text().splitlines()
        if line and not line.startswith("#")
    ]
    for name in ("etcdctl_cases.txt", "etcdctl_admin_cases.txt")
}
ROUTES = ("etcdctl", "gateway", "native")
DEADLINE = 30.0  # seconds for one command
WHOLE = 40  # one line in so many is run by an interpreter of its own
QUIET = 0.2  # seconds without output, after which no more belongs together
MARK = re.compile(
    r"\[(?:(?P<since>[0-9.]+)\+|<(?P<before>[0-9.]+)|(?P<word>stderr|unordered)"
    r"|until=(?P<until>[^\]]+))\] "
)
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')

# What differs from run to run, or between two equal clusters.
VOLATILE = [
    (rb"etcdctl version: [0-9.]+", b"etcdctl version: VERSION"),
    (rb'(took = |took |"took":"|"Took" : )[0-9.]+[^ms]*m?s', rb"\1TIME"),
    (rb" {2,}(?=(MEMBER|CLUSTER|M\d)\b)", b" "),  # an ID with fewer digits
    (rb"remaining\(\d+s\)", b"remaining(Ns)"),
    (rb'("ttl":|"TTL" : |"TTL":)\d+', rb"\1N"),
    (rb'("(dbSize|dbSizeInUse|raftIndex|raftAppliedIndex)":)\d+', rb"\1N"),
    (rb'("(DBSize|DBSizeInUse|RaftIndex|RaftAppliedIndex)" : )\d+', rb"\1N"),
    (rb", [0-9.]+ [kM]?B, ([0-9.]+ [kM]?B, \d+%, )?", b", SIZES, "),
    (rb", (true|false), (true|false), (\d+), \d+, \d+, ", rb", \1, \2, \3, "),
]


@dataclass(frozen=True)
class Result:
    stdout: bytes
    status: int


@dataclass
class Case:
    """One line of the list."""

    line: str
    until: bytes = b""
    since: tuple[int, ...] = ()
    before: tuple[int, ...] = (4,)
    with_stderr: bool = False
    is_unordered: bool = False
    name: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    stdin: str | None = None


def version_of(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def parse(line: str) -> Case:
    case = Case(line)
    while match := MARK.match(line):
        if match["since"]:
            case.since = version_of(match["since"])
        elif match["before"]:
            case.before = version_of(match["before"])
        elif match["word"] == "stderr":
            case.with_stderr = True
        elif match["word"]:
            case.is_unordered = True
        else:
            case.until = match["until"].encode()
        line = line[match.end() :]
    if match := re.match(r"([LM]\d) := ", line):
        case.name = match[1]
        line = line[match.end() :]
    tokens = TOKEN.findall(line)
    while match := re.fullmatch(r"([A-Z_]+)=(.*)", tokens[0]):
        case.variables[match[1]] = match[2]
        tokens = tokens[1:]
    if "<<<" in tokens:
        where = tokens.index("<<<")
        case.stdin = tokens[where + 1]
        del tokens[where : where + 2]
    case.words = tokens
    return case


class Route:
    """One way to run the list: real etcdctl, or etcdctl.py over a transport."""

    def __init__(self, name: str, etcd: Etcd, prefork: Prefork) -> None:
        self._name = name
        self._runs = 0
        _, minor, *_ = etcdctl_version()
        self._like = f"3.{max(minor, min(Release))}"
        self._host = etcd.url.removeprefix("http://")
        self._placeholders = {"EP": self._host, "MIB": "x" * 1024 * 1024}
        theirs = etcd_folder() / "etcdctl"
        self._whole = theirs if name == "etcdctl" else ROOT / "py" / "etcdctl.py"
        self._quick = theirs if name == "etcdctl" else prefork.commands / "etcdctl.py"
        members = etcd.etcdctl("member", "list", "-w=json")
        found = re.search(r'"cluster_id":(\d+),"member_id":(\d+)', members)
        assert found
        self._same: list[tuple[bytes, bytes]] = []
        for name, number in (("CLUSTER", int(found[1])), ("MEMBER", int(found[2]))):
            self._call_the_same(number, name)
        self._same += [(b"%d" % etcd.port, b"PORT"), (b"%d" % etcd.peer_port, b"PEER")]

    def _call_the_same(self, number: int, name: str) -> None:
        self._same += [(b"%d" % number, name.encode()), (b"%016x" % number, name.encode())]
        self._same += [(b"%x" % number, name.encode())]

    def run(self, case: Case) -> Result:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("ETCDCTL")
        }
        if self._name != "etcdctl":
            environment |= {"ETCDCTL_TRANSPORT": self._name, "ETCDCTL_LIKE": self._like}
        if not any("--endpoints" in word for word in case.words):
            environment["ETCDCTL_ENDPOINTS"] = self._host
        environment |= {name: self._fill(value) for name, value in case.variables.items()}
        self._runs += 1
        program = self._whole if self._runs % WHOLE == 0 else self._quick
        command = [os.fsencode(program), *map(self._bytes, case.words)]
        stdin = self._bytes(case.stdin) if case.stdin else b""
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if case.with_stderr else subprocess.DEVNULL,
        )
        timer = threading.Timer(DEADLINE, process.kill)
        timer.start()
        try:
            stdout = self._talk(process, stdin, case.until)
        finally:
            timer.cancel()
        if case.name:
            self._keep_id(case, stdout)
        found = self._comparable(stdout)
        if case.is_unordered:
            found = b" ".join(sorted(re.split(rb"[\s,{}\[\]\"]+", found)))
        return Result(found, process.returncode)

    def _talk(self, process: subprocess.Popen[bytes], stdin: bytes, until: bytes) -> bytes:
        if not until:
            return process.communicate(stdin)[0]
        assert process.stdin and process.stdout
        process.stdin.write(stdin)
        process.stdin.flush()
        stdout = b""
        while until not in stdout and (some := os.read(process.stdout.fileno(), 65536)):
            stdout += some
        # The rest of what belongs to it may come a line at a time.
        while select.select([process.stdout], [], [], QUIET)[0] and (
            some := os.read(process.stdout.fileno(), 65536)
        ):
            stdout += some
        process.terminate()
        process.wait()
        return stdout + process.communicate()[0]

    def _fill(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: self._placeholders[match[1]], text)

    def _bytes(self, token: str) -> bytes:
        return unquote(token) if token.startswith('"') else self._fill(token).encode()

    def _keep_id(self, case: Case, stdout: bytes) -> None:
        found = re.search(rb"(?:lease |Member +|\"ID\"(?: : |:))([0-9a-f]+)", stdout)
        assert found, stdout
        is_hex = stdout.startswith((b"lease", b"Member")) or "--hex" in case.words
        number = int(found[1], 16 if is_hex else 10)
        self._placeholders[case.name] = f"{number:x}"
        self._call_the_same(number, case.name)

    def _comparable(self, stdout: bytes) -> bytes:
        for text, name in self._same:
            stdout = re.sub(rb"(?<![0-9a-f])%b(?![0-9a-f])" % text, name, stdout)
        if b" TOOK " in stdout:  # a column as wide as durations are long
            stdout = re.sub(b"( |-|\xe2\x94\x80)+", b" ", stdout)
            stdout = re.sub(rb" [0-9.]+\S*s ", b" TIME ", stdout)
        for pattern, stand_in in VOLATILE:
            stdout = re.sub(pattern, stand_in, stdout)
        return stdout


def etcdctl_version() -> tuple[int, ...]:
    printed = subprocess.run([etcd_folder() / "etcdctl", "version"], capture_output=True, text=True)
    found = re.search(r"etcdctl version: ([0-9.]+)", printed.stdout)
    assert found
    return version_of(found[1])


@pytest.fixture(scope="module", params=LISTS)
def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, prefork: Prefork
) -> Iterator[dict[str, dict[str, Result]]]:
    """What each route made of each line of a list, by route and line."""
    etcds = [Etcd(tmp_path_factory.mktemp(name), "--bcrypt-cost=4") for name in ROUTES]
    version = etcdctl_version()
    cases = map(parse, LISTS[request.param])
    cases = [case for case in cases if case.since <= version < case.before]

    def run_all(name: str, etcd: Etcd) -> dict[str, Result]:
        route = Route(name, etcd, prefork)
        return {f"{number}: {case.line}": route.run(case) for number, case in enumerate(cases)}

    with ThreadPoolExecutor(len(ROUTES)) as executor:
        found = list(executor.map(run_all, ROUTES, etcds))
    yield dict(zip(ROUTES, found, strict=True))
    for etcd in etcds:
        etcd.stop()


@pytest.mark.parametrize("route", ROUTES[1:])
def test_same_bytes_and_status(results: dict[str, dict[str, Result]], route: str) -> None:
    expected, got = results["etcdctl"], results[route]
    assert len(expected) > 150
    different = [
        f"{line}\n  etcdctl: {_short(expected[line])}\n  {route}: {_short(got[line])}"
        for line in expected
        if expected[line] != got[line]
    ]
    assert not different, "\n" + "\n".join(different)


def _short(result: Result) -> str:
    stdout = result.stdout if len(result.stdout) < 600 else result.stdout[:600] + b"..."
    return f"status {result.status}, {stdout!r}"


def test_the_lists_are_long() -> None:
    assert sum(map(len, LISTS.values())) >= 700


def test_a_new_password_is_asked_for_twice_unseen(etcd: Etcd) -> None:
    ours, theirs = os.openpty()
    command = [ROOT / "py" / "etcdctl.py", f"--endpoints={etcd.url}", "user", "add", "eve"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    for prompt in (b"Password of eve: ", b"Type password of eve again for confirmation: "):
        while prompt not in seen:
            seen += os.read(ours, 1000)
        os.write(ours, b"secret\n")
    while b"created" not in seen:
        seen += os.read(ours, 1000)
    assert process.wait(DEADLINE) == 0
    os.close(ours)
    assert b"secret" not in seen
    etcd.etcdctl("user", "delete", "eve")


READS = [
    "endpoint status",
    "endpoint status -w json",
    "endpoint status -w fields",
    "[3.6+] endpoint status -w table",
    "[3.6+] --endpoints={EP},http://{EP} endpoint status -w table",
    "[3.6+] member list -w table",
    "[3.6+] endpoint hashkv -w table",
    "[3.6+] endpoint health -w table",
    "alarm list",
    "alarm list -w json",
    "alarm list -w fields",
    "alarm list --hex -w fields",
]


@pytest.mark.parametrize("line", READS)
def test_an_etcd_with_an_alarm_reads_the_same(full_etcd: Etcd, prefork: Prefork, line: str) -> None:
    """All routes ask the same etcd, so that every blank of a table counts but for a duration's.

    The blanks in an alarm's text are the server's: other builds have others. Debian's build of
    3.5.30 draws tables as 3.7 does.
    """
    case = parse(line)
    if etcdctl_version() < case.since:
        return
    expected, *found = (Route(name, full_etcd, prefork).run(case) for name in ROUTES)
    assert expected.stdout or expected.status == PANIC  # 3.4 sends alarms without a header
    assert found == [expected, expected]


@pytest.fixture(scope="module")
def full_etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """An etcd that is out of space."""
    etcd = Etcd(tmp_path_factory.mktemp("full"), "--quota-backend-bytes=2000000")
    etcd.fill()
    yield etcd
    etcd.stop()
