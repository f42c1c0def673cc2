"""etcd programs and processes: find, start, freeze, kill and stop them."""

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
    """Return the etcdctl for the etcd at that base URL, as the shell scripts find it.

    LabError if there is none on this machine.
    """
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
    """Return the etcd program in etcdctl's folder; LabError if there is none."""
    found = shutil.which(str(etcdctl))
    etcd = Path(found or etcdctl).with_name("etcd")
    if not os.access(etcd, os.X_OK):
        raise LabError(f"{etcd}: no etcd program beside etcdctl, and none to be started")
    return etcd


class EtcdProcess:
    """An etcd with its data and log in a folder, so that it can be started again on them."""

    def __init__(self, program: Path, folder: Path, client: str, *flags: str) -> None:
        """Prepare the etcd, which listens for clients at the base URL `client`; start() runs it."""
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
        """Run it; see wait_healthy()."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def wait_healthy(self, seconds: float = HEALTHY_DEADLINE) -> None:
        """Wait until it is healthy; LabError if it ends before, or is not in so many seconds."""
        if not until(lambda: not self._runs() or self.is_healthy(), seconds) or not self._runs():
            lines = self._log.read_text(errors="replace").splitlines() or ["it printed nothing"]
            raise LabError(f"{self._command[0]}: not healthy in time: {lines[-1]}")

    def is_healthy(self) -> bool:
        """Ask for its health, with a timeout of a second."""
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False
            return session.get(f"{self.url}/health", timeout=1).ok
        return False

    def stop(self) -> None:
        """End it with SIGTERM, or with SIGKILL if that takes long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it with SIGKILL, frozen or not."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop it with SIGSTOP; its connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue it after freeze()."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None


def alone(client: str, peer: str) -> list[str]:
    """Return the flags of a cluster of one member, with its base URLs for clients and peers."""
    return [
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


@contextmanager
def scratch_etcd(program: Path, *flags: str) -> Iterator[str]:
    """Run an empty etcd with these flags, and yield its base URL; remove it on exit."""
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
    """Return this process's environment without the variables that etcd takes as flags."""
    kept = "ETCD_UNSUPPORTED_ARCH"
    return {k: v for k, v in os.environ.items() if k == kept or not k.startswith("ETCD_")}
