"""etcds of the lab's own, for a while: found, started, hurt and ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from etcdlab import ROOT
from etcdlab.errors import LabError
from etcdlab.polling import until
from etcdlab.testbed.ports import free_urls

HEALTHY_DEADLINE = 20  # seconds
STOP_DEADLINE = 5


def find_etcdctl(endpoint: str) -> Path:
    """The etcdctl that belongs to the etcd at that base URL, as the shell scripts find it."""
    script = '. scripts/lib.sh; find_etcdctl; printf "%s\\n" "${ETCDCTL_WORDS[@]}"'
    done = subprocess.run(
        ["bash", "-c", script, "find_etcdctl"],
        cwd=ROOT,
        env=os.environ | {"ETCD_ENDPOINT": endpoint},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise LabError(done.stderr.strip().removeprefix("find_etcdctl: "))
    words = done.stdout.splitlines()
    if len(words) != 1 or not Path(words[0]).is_file():
        raise LabError("no etcdctl found on this machine: run 'make venv', or set ETCD_BIN")
    return Path(words[0])


def etcd_beside(etcdctl: Path) -> Path:
    """The etcd program in the folder that etcdctl is in."""
    found = shutil.which(str(etcdctl))
    etcd = Path(found or etcdctl).with_name("etcd")
    if not os.access(etcd, os.X_OK):
        raise LabError(f"{etcd}: no etcd program beside etcdctl, and none to be started")
    return etcd


class EtcdProcess:
    """One etcd in a folder of its own, which outlives the process: data and log are there."""

    def __init__(self, program: Path, folder: Path, client: str, *flags: str) -> None:
        """`client` is the base URL where it listens to clients; nothing runs yet."""
        self.url = client
        self._log = folder / "log"
        self._command = [
            str(program),
            f"--data-dir={folder / 'data'}",
            f"--listen-client-urls={client}",
            *flags,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it; wait_healthy() waits until it answers."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def wait_healthy(self, seconds: float = HEALTHY_DEADLINE) -> None:
        """Wait until it says that it is healthy; LabError when it does not in time."""
        if not until(lambda: not self._runs() or self.is_healthy(), seconds) or not self._runs():
            lines = self._log.read_text(errors="replace").splitlines() or ["it printed nothing"]
            raise LabError(f"{self._command[0]}: not healthy in time: {lines[-1]}")

    def is_healthy(self) -> bool:
        """Ask it for its health, for a second at most."""
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False
            return session.get(f"{self.url}/health", timeout=1).ok
        return False

    def stop(self) -> None:
        """Have it end; by force when it takes long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would, frozen or not."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Have it stand still, with its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None


def alone(client: str, peer: str) -> list[str]:
    """Return the flags of an etcd that is a cluster by itself, by its base URLs."""
    return [
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


@contextmanager
def scratch_etcd(program: Path, *flags: str) -> Iterator[str]:
    """Run that etcd program in a folder of its own; yields its base URL."""
    with tempfile.TemporaryDirectory(prefix="etcd-scratch-") as folder:
        client, peer = free_urls(2)
        etcd = EtcdProcess(program, Path(folder), client, *alone(client, peer), *flags)
        try:
            etcd.start()
            etcd.wait_healthy()
            yield client
        finally:
            etcd.stop()


def _environment() -> dict[str, str]:
    """This process's, without the settings that an etcd would take from it."""
    kept = "ETCD_UNSUPPORTED_ARCH"
    return {k: v for k, v in os.environ.items() if k == kept or not k.startswith("ETCD_")}
