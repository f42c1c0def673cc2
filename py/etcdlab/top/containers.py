"""What Docker says of the containers that members run in, where `make up` took Docker."""

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
_PATIENCE = 10.0  # seconds; Docker watches a container for two
# https://pkg.go.dev/github.com/docker/go-units, whose sizes of memory are in powers of 1024.
_UNITS = {"": 1, "k": 1000, "K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_BINARY_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_SIZE = re.compile(r"([0-9.]+)\s*([kKMGT]?)(i?)B")


@dataclass(frozen=True)
class Container:
    """Its share of one core, and bytes of memory; None is what Docker does not say."""

    cpu: float | None
    memory: int | None


class Containers:
    """The containers of the etcd at a base URL, by the port that each publishes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._found: dict[int, Container] = {}
        self._is_docker = True  # until it is known better

    def look(self) -> dict[int, Container]:
        """What Docker said last; newer figures are asked for, and are there at a later look."""
        if self._process and self._process.poll() is not None:
            told, _ = self._process.communicate()
            self._is_docker = bool(told)
            self._found = read_stats(told)
            self._process = None
        elif self._process and time.monotonic() - self._started > _PATIENCE:
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
        except OSError:  # no bash, or nothing but py/: the members' own figures are enough
            self._is_docker = False

    def close(self) -> None:
        """End what was asked for."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def read_stats(told: bytes) -> dict[int, Container]:
    """The containers, by port, from what etcd_stats.sh printed.

    First there is a line `PORT ID` to each, then a line of JSON, which has part of the ID.
    """
    ports: dict[str, int] = {}
    found = {}
    for line in told.splitlines():
        with suppress(ValueError, LookupError, TypeError):
            if not line.startswith(b"{"):
                port, container = line.decode().split()
                ports[container] = int(port)
                continue
            stats = orjson.loads(line)
            (port,) = (ports[each] for each in ports if each.startswith(stats["ID"]))
            found[port] = Container(_share(stats["CPUPerc"]), _size(stats["MemUsage"]))
    return found


def _share(text: str) -> float | None:
    """A percentage such as 12.50%; None where Docker has none, and writes dashes."""
    with suppress(ValueError):
        return float(text.rstrip("%")) / 100
    return None


def _size(text: str) -> int | None:
    """The first of two sizes such as 39.9MiB / 15.6GiB; None as above."""
    if not (match := _SIZE.match(text)):
        return None
    units = _BINARY_UNITS if match[3] else _UNITS
    return int(float(match[1]) * units[match[2]])
