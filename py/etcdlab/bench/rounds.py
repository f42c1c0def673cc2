"""Tools that take turns, so that a machine's moods meet all of them alike."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from statistics import median
from typing import IO

import orjson

from etcdlab import ROOT
from etcdlab.cli.files import write_whole
from etcdlab.cli.main import note
from etcdlab.cli.progress import progress_bar
from etcdlab.client.connect import Settings, environment_of
from etcdlab.errors import LabError

Figures = dict[str, float]
"""Of one run, by what they are."""


@dataclass
class BenchmarkCase:
    """One tool with its settings, and what its runs gave.

    `read` makes figures of what a run prints; `seconds`, `memory MB` and `CPU s` of the
    process are added to them.
    """

    name: str
    settings: dict[str, int | str]
    command: list[str]
    read: Callable[[str], Figures]
    environment: dict[str, str] = field(default_factory=dict)
    meters: dict[str, Callable[[], float]] = field(default_factory=dict)
    """What goes up meanwhile, by the name of the figure that tells by how much."""
    runs: list[Figures] = field(default_factory=list)

    def middle(self, name: str) -> float:
        """The median of a figure; nan where the tool does not say."""
        values = [figures[name] for figures in self.runs if name in figures]
        return median(values) if values else nan

    def run(self) -> None:
        """Run once more."""
        before = {name: meter() for name, meter in self.meters.items()}
        text, figures = measured(self.command, self.environment)
        risen = {name: meter() - before[name] for name, meter in self.meters.items()}
        self.runs.append(self.read(text) | figures | risen)


def run_rounds(
    contenders: Sequence[BenchmarkCase], rounds: int, prepare: Callable[[], object]
) -> None:
    """Let each run so often, one after the other; `prepare` is called before each run."""
    with progress_bar(rounds * len(contenders), "runs") as bar:
        for _ in range(rounds):
            for contender in contenders:
                bar.set_postfix_str(contender.name)
                prepare()
                contender.run()
                bar.update()


class MeasuredProcess:
    """A command that runs, and what it takes and prints."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._name = Path(command[0]).name
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - until close()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._begin = time.monotonic()
        self._process = subprocess.Popen(
            command, stdout=self._out, stderr=self._errors, env=dict(os.environ) | environment
        )

    def is_over(self) -> bool:
        """Whether it has ended; finish() tells how."""
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

    def finish(self) -> tuple[str, Figures]:
        """What it has printed in the end, and what it took; LabError with its last error if
        it fails."""
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
        """End it if it still runs, and let go of what it printed."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self._out.close()
        self._errors.close()


def measured(command: Sequence[str], environment: dict[str, str]) -> tuple[str, Figures]:
    """What a command prints, and what it took; LabError with its last error if it fails."""
    with closing(MeasuredProcess(command, environment)) as running:
        return running.finish()


def tidy(settings: Settings, prefix: str) -> None:
    """Delete what is under the prefix, and give the space back."""
    measured(script("etcd_tidy.py", f"-prefix={prefix}"), environment_of(settings))


def script(name: str, *flags: str) -> list[str]:
    """The command of another of the lab's scripts."""
    return [sys.executable, str(ROOT / "py" / name), *flags]


def hosts(endpoints: Sequence[str]) -> str:
    """The endpoints as the Go tools take them, without a scheme."""
    return ",".join(endpoint.partition("://")[2] for endpoint in endpoints)


def save(path: Path, facts: dict[str, object], contenders: Sequence[BenchmarkCase]) -> None:
    """Write every run's figures, all of them or nothing."""
    tools = [{"tool": each.name, **each.settings, "runs": each.runs} for each in contenders]
    data = orjson.dumps(facts | {"tools": tools}, option=orjson.OPT_INDENT_2)
    write_whole(path, data + b"\n")
    note(f"the figures of every run are in {path}")
