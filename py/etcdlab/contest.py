"""Tools that take turns, so that a machine's moods meet all of them alike."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from statistics import median

import orjson

from etcdlab.cli import note
from etcdlab.connect import TRANSPORTS
from etcdlab.errors import LabError
from etcdlab.files import write_whole
from etcdlab.flags import count_value, one_of, workers_value
from etcdlab.progress import progress_bar

_SCRIPTS = Path(__file__).resolve().parents[1]

Figures = dict[str, float]
"""Of one run, by what they are."""


@dataclass
class Contender:
    """One tool with its settings, and what its runs gave.

    `read` makes figures of what a run prints; `seconds`, `memory MB` and `CPU s` of the
    process are added to them.
    """

    name: str
    settings: dict[str, int]
    command: list[str]
    read: Callable[[str], Figures]
    environment: dict[str, str] = field(default_factory=dict)
    runs: list[Figures] = field(default_factory=list)

    def middle(self, name: str) -> float:
        """The median of a figure; nan where the tool does not say."""
        values = [figures[name] for figures in self.runs if name in figures]
        return median(values) if values else nan

    def run(self) -> None:
        """Run once more."""
        text, figures = measured(self.command, self.environment)
        self.runs.append(self.read(text) | figures)


def take_turns(contenders: Sequence[Contender], rounds: int, prepare: Callable[[], object]) -> None:
    """Let each run so often, one after the other; `prepare` is called before each run."""
    with progress_bar(rounds * len(contenders), "runs") as bar:
        for _ in range(rounds):
            for contender in contenders:
                bar.set_postfix_str(contender.name)
                prepare()
                contender.run()
                bar.update()


def measured(command: Sequence[str], environment: dict[str, str]) -> tuple[str, Figures]:
    """What a command prints, and what it took; LabError with its last error if it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, stdout=out, stderr=errors, env=dict(os.environ) | environment
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            lines = errors.read().decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else "no reason given"
            name = Path(command[0]).name
            raise LabError(f"{name} ended with {process.returncode}: {reason}")
        figures = {
            "seconds": seconds,
            "memory MB": usage.ru_maxrss / 1000,
            "CPU s": usage.ru_utime + usage.ru_stime,
        }
        return out.read().decode(errors="replace"), figures


def script(name: str, *flags: str) -> list[str]:
    """The command of another of the lab's scripts."""
    return [sys.executable, str(_SCRIPTS / name), *flags]


def hosts(endpoints: Sequence[str]) -> str:
    """The endpoints as the Go tools take them, without a scheme."""
    return ",".join(endpoint.partition("://")[2] for endpoint in endpoints)


def save(path: Path, facts: dict[str, object], contenders: Sequence[Contender]) -> None:
    """Write every run's figures, all of them or nothing."""
    tools = [{"tool": each.name, **each.settings, "runs": each.runs} for each in contenders]
    data = orjson.dumps(facts | {"tools": tools}, option=orjson.OPT_INDENT_2)
    write_whole(path, data + b"\n")
    note(f"the figures of every run are in {path}")


def counts_value(text: str) -> list[int]:
    """Whole numbers above zero."""
    return [count_value(part) for part in text.split(",")]


def threads_value(text: str) -> list[int]:
    """Counts that this machine can have threads for."""
    return [workers_value(part) for part in text.split(",")]


def transports_value(text: str) -> list[str]:
    """Names of transports."""
    return [one_of(*TRANSPORTS)(part) for part in text.split(",")]


def program_value(text: str) -> str:
    """The path of a program."""
    if not os.access(text, os.X_OK) or Path(text).is_dir():
        raise ValueError(f"not a program: {text!r}")
    return str(Path(text).resolve())
