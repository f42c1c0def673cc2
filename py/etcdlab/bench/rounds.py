"""Interleaved benchmark rounds, so that noise hits every tool alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan
from statistics import median

from etcdlab.cli.progress import progress_bar
from etcdlab.testbed.subprocesses import Figures, run_measured


@dataclass
class BenchmarkCase:
    """One tool with its parameters, and the figures of its runs.

    `read` makes figures of what a run prints; those of the process are added to them, and
    by how much each of `counters` went up meanwhile.
    """

    name: str
    parameters: dict[str, int | str]
    command: list[str]
    read: Callable[[str], Figures]
    environment: dict[str, str] = field(default_factory=dict)
    counters: dict[str, Callable[[], float]] = field(default_factory=dict)
    runs: list[Figures] = field(default_factory=list)

    def median(self, name: str) -> float:
        """The median of a figure; nan where the tool does not give it."""
        values = [figures[name] for figures in self.runs if name in figures]
        return median(values) if values else nan

    def run(self) -> None:
        """Run once more."""
        before = {name: counter() for name, counter in self.counters.items()}
        text, figures = run_measured(self.command, self.environment)
        risen = {name: counter() - before[name] for name, counter in self.counters.items()}
        self.runs.append(self.read(text) | figures | risen)


def run_rounds(cases: Sequence[BenchmarkCase], rounds: int, prepare: Callable[[], object]) -> None:
    """Run every case once a round, in turn; `prepare` is called before each run."""
    with progress_bar(rounds * len(cases), "runs") as bar:
        for _ in range(rounds):
            for case in cases:
                bar.set_postfix_str(case.name)
                prepare()
                case.run()
                bar.update()
