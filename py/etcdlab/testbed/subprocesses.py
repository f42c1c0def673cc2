"""The lab's scripts and other programs as subprocesses, measured."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from etcdlab import ROOT
from etcdlab.client.connect import Settings, environment_of
from etcdlab.errors import LabError

Figures = dict[str, float]
"""What was measured of one run, by name."""


class MeasuredProcess:
    """A running command: what it prints, how long it takes, what it uses.

    `environment` is added to this process's own.
    """

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._name = Path(command[0]).name
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - until close()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._begin = time.monotonic()
        self._process = subprocess.Popen(
            command, stdout=self._out, stderr=self._errors, env=dict(os.environ) | environment
        )

    def is_over(self) -> bool:
        """True once it has ended; finish() returns how."""
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

    def finish(self) -> tuple[str, Figures]:
        """Wait for its end; return its stdout and its figures.

        The figures are `seconds`, `memory MB` (the peak) and `CPU s`. Raises LabError with
        its last line on stderr if it fails.
        """
        _, status, usage = os.wait4(self._process.pid, 0)
        seconds = time.monotonic() - self._begin
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode:
            lines = self._read(self._errors).strip().splitlines()
            reason = lines[-1] if lines else "no reason given"
            raise LabError(f"{self._name} ended with {self._process.returncode}: {reason}")
        figures = {
            "seconds": seconds,
            "memory MB": usage.ru_maxrss / 1000,
            "CPU s": usage.ru_utime + usage.ru_stime,
        }
        return self._read(self._out), figures

    def _read(self, file: IO[bytes]) -> str:
        file.seek(0)
        return file.read().decode(errors="replace")

    def close(self) -> None:
        """Kill it if it still runs, and close its output."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self._out.close()
        self._errors.close()


def run_measured(command: Sequence[str], environment: dict[str, str]) -> tuple[str, Figures]:
    """Run a command to its end; see MeasuredProcess.finish."""
    with closing(MeasuredProcess(command, environment)) as process:
        return process.finish()


def script(name: str, *flags: str) -> list[str]:
    """The command that runs another of the lab's scripts."""
    return [sys.executable, str(ROOT / "py" / name), *flags]


def tidy(settings: Settings, prefix: str) -> None:
    """Delete the keys under the prefix and give their space back, with etcd_tidy.py."""
    run_measured(script("etcd_tidy.py", f"-prefix={prefix}"), environment_of(settings))
