"""An etcd for a few moments, with nothing in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from etcdlab.errors import LabError

HEALTHY_DEADLINE = 20  # seconds
END_DEADLINE = 5


def etcd_beside(etcdctl: Path) -> Path:
    """The etcd program in the folder that etcdctl is in."""
    found = shutil.which(str(etcdctl))
    etcd = Path(found or etcdctl).with_name("etcd")
    if not os.access(etcd, os.X_OK):
        raise LabError(f"{etcd}: no etcd program beside etcdctl, and none to be started")
    return etcd


@contextmanager
def scratch_etcd(program: Path, *flags: str) -> Iterator[str]:
    """Run that etcd program in a folder of its own; yields its base URL."""
    with tempfile.TemporaryDirectory(prefix="etcd-scratch-") as folder:
        client, peer = (f"http://127.0.0.1:{port}" for port in _free_ports(2))
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    str(program),
                    f"--data-dir={folder}/data",
                    f"--listen-client-urls={client}",
                    f"--advertise-client-urls={client}",
                    f"--listen-peer-urls={peer}",
                    f"--initial-advertise-peer-urls={peer}",
                    f"--initial-cluster=default={peer}",
                    *flags,
                ],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            _wait_healthy(process, client, log)
            yield client
        finally:
            _end(process)


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; asked for together, so that they differ."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in listeners:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in listeners]


def _environment() -> dict[str, str]:
    """This process's, without the settings that an etcd would take from it."""
    kept = "ETCD_UNSUPPORTED_ARCH"
    return {k: v for k, v in os.environ.items() if k == kept or not k.startswith("ETCD_")}


def _wait_healthy(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + HEALTHY_DEADLINE
    with requests.Session() as session:
        session.trust_env = False
        while process.poll() is None and time.monotonic() < deadline:
            try:
                reply = session.get(f"{endpoint}/health", timeout=1)
                if reply.status_code == requests.codes.ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)
    lines = log.read_text(errors="replace").splitlines() or ["it printed nothing"]
    raise LabError(f"{process.args[0]}: not healthy in time: {lines[-1]}")  # type: ignore[index]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
