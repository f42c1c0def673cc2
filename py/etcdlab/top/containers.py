"""CPU and memory of the containers that members run in, if `make up` took Docker."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass

import orjson

from etcdlab import ROOT

_SCRIPT = ROOT / "scripts" / "etcd_stats.sh"
_DOCKER_TIMEOUT = 10.0  # seconds; `docker stats` takes two
# Those of https://pkg.go.dev/github.com/docker/go-units, with powers of 1024 for memory.
_UNITS = {"": 1, "k": 1000, "K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_BINARY_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_SIZE = re.compile(r"([0-9.]+)\s*([kKMGT]?)(i?)B")


@dataclass(frozen=True)
class Container:
    """CPU as a share of one core, memory in bytes; None where Docker has no figure."""

    cpu: float | None
    memory: int | None


class Containers:
    """The containers of the etcd at a base URL, by published port."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._found: dict[int, Container] = {}
        self._is_docker = True  # until a run prints nothing

    def look(self) -> dict[int, Container]:
        """Return Docker's last figures, and have newer ones read for a later look."""
        if self._process and self._process.poll() is not None:
            printed, _ = self._process.communicate()
            self._is_docker = bool(printed)
            self._found = read_stats(printed)
            self._process = None
        elif self._process and time.monotonic() - self._started > _DOCKER_TIMEOUT:
            self.close()
            self._found = {}
        if self._is_docker and not self._process:
            self._ask()
        return self._found

    def _ask(self) -> None:
        self._started = time.monotonic()
        try:
            self._process = subprocess.Popen(
                [_SCRIPT],
                env=os.environ | {"ETCD_ENDPOINT": self._url},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:  # no bash, or no scripts/: etcd's own figures are enough
            self._is_docker = False

    def close(self) -> None:
        """Kill the `docker stats` that runs."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def read_stats(printed: bytes) -> dict[int, Container]:
    """Parse the output of etcd_stats.sh: containers by port.

    For each container it has a line `PORT ID`, then a line of JSON with the start of the ID.
    """
    ports: dict[str, int] = {}
    found = {}
    for line in printed.splitlines():
        with suppress(ValueError, LookupError, TypeError):
            if not line.startswith(b"{"):
                published, container = line.decode().split()
                ports[container] = int(published)
                continue
            stats = orjson.loads(line)
            (port,) = (ports[each] for each in ports if each.startswith(stats["ID"]))
            found[port] = Container(_share(stats["CPUPerc"]), _size(stats["MemUsage"]))
    return found


def _share(text: str) -> float | None:
    """A percentage such as 12.50%; None for dashes, where Docker has no figure."""
    with suppress(ValueError):
        return float(text.rstrip("%")) / 100
    return None


def _size(text: str) -> int | None:
    """The first of two sizes such as 39.9MiB / 15.6GiB, in bytes; None for dashes."""
    if not (match := _SIZE.match(text)):
        return None
    units = _BINARY_UNITS if match[3] else _UNITS
    return int(float(match[1]) * units[match[2]])
