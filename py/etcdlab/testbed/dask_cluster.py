"""A temporary Dask cluster on this machine: a scheduler, and workers that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from distributed import Client

from etcdlab import ROOT
from etcdlab.errors import LabError
from etcdlab.executor.dask_executor import quiet_dask
from etcdlab.executor.executors import DASK
from etcdlab.polling import until
from etcdlab.testbed.ports import free_urls

# Seconds until an idle scheduler, and a worker without a scheduler, end by themselves, for the
# case that the process that started them was killed.
IDLE_SECONDS, ORPHAN_SECONDS = 300, 10
START_DEADLINE = 30.0  # seconds
LOOK_EVERY = 0.02  # seconds

# Dask's profiler looks at all threads every 10 ms. In Python 3.11 before 3.11.9 that can block
# the worker for ever: https://github.com/python/cpython/issues/106883
_SETTINGS = {
    "PYTHONPATH": str(ROOT / "py"),
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}


class DaskCluster:
    """The cluster's processes, by address, and a client that asks what they do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scheduler = _free_address()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._client: Client | None = None

    @property
    def executor(self) -> str:
        """The cluster as a value of -executor."""
        return self._scheduler.replace("tcp://", DASK)

    def start(self, workers: int) -> None:
        """Start the scheduler and so many workers; LabError if they are not up in time."""
        quiet_dask()
        self._run("scheduler", self._scheduler, f"--idle-timeout={IDLE_SECONDS}")
        try:
            self._client = Client(self._scheduler, timeout=START_DEADLINE, set_as_default=False)
        except OSError as error:
            raise LabError(f"no Dask scheduler came up: {self._last_words('scheduler')}") from error
        for _ in range(workers):
            self.add_worker()

    def add_worker(self) -> None:
        """Start one more worker; LabError if it is not up in time."""
        address = _free_address()
        flags = ("--nthreads=1", "--no-nanny", f"--death-timeout={ORPHAN_SECONDS}")
        self._run("worker", address, self._scheduler, *flags)
        process = self._processes[address]

        def is_decided() -> bool:
            return process.poll() is not None or address in self.tasks()

        if not until(is_decided, START_DEADLINE, LOOK_EVERY) or process.poll() is not None:
            raise LabError(f"no Dask worker came up: {self._last_words('worker')}")

    def tasks(self) -> dict[str, Sequence[str]]:
        """Return the tasks that each worker has now, by its address."""
        assert self._client is not None
        return dict(self._client.processing())

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of its processes so far."""
        times = (psutil.Process(each.pid).cpu_times() for each in self._processes.values())
        return sum(each.user + each.system for each in times)

    def kill(self, address: str) -> None:
        """End one process with SIGKILL."""
        self._processes[address].kill()
        self._processes[address].wait()

    def close(self) -> None:
        """Kill all processes: they hold nothing to save, and take long to shut down."""
        if self._client:
            self._client.close()
        for address in self._processes:
            self.kill(address)

    def _run(self, what: str, address: str, *flags: str) -> None:
        """Start one process in a session of its own, which Ctrl-C does not reach."""
        place = urlsplit(address)
        port = "worker-port" if what == "worker" else "port"
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard"]
        command += [f"--host={place.hostname}", f"--{port}={place.port}", *flags]
        with (self._folder / f"{what}.log").open("ab") as log:
            self._processes[address] = subprocess.Popen(
                command,
                cwd=self._folder,
                env=os.environ | _SETTINGS | {"TMPDIR": str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _last_words(self, what: str) -> str:
        lines = (self._folder / f"{what}.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "no reason given"


def _free_address() -> str:
    (url,) = free_urls(1)
    return url.replace("http://", "tcp://")


@contextmanager
def dask_cluster(workers: int) -> Iterator[DaskCluster]:
    """Run a cluster with so many workers; end it and remove its files on exit."""
    with tempfile.TemporaryDirectory(prefix="etcd-dask-") as folder:
        cluster = DaskCluster(Path(folder))
        with closing(cluster):
            cluster.start(workers)
            yield cluster
