"""What the benchmark scripts share: their flags, the lab's scripts as cases, the saved file."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from etcdlab import ROOT
from etcdlab.bench.rounds import BenchmarkCase, run_rounds
from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.files import check_writable, write_whole
from etcdlab.cli.flag_types import count_value, file_value, list_of, one_of
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import note
from etcdlab.client.connect import TRANSPORTS, environment_of, need_etcd
from etcdlab.testbed.subprocesses import Figures, script, tidy


def benchmark_flags(contract: str, out: str) -> Flags:
    """The flags of every benchmark; `out` is the default of -out."""
    flags = Flags(contract)
    add_connection(flags, transport=False)
    names = ",".join(TRANSPORTS)
    flags.add("transports NAMES", list_of(one_of(*TRANSPORTS)), names, "which of them")
    flags.add("runs COUNT", count_value, "3", "how often each one runs")
    flags.add("out FILE", file_value, out, "the file for the figures of every run")
    return flags


class Benchmark:
    """A benchmark on one etcd; its cases write under `prefix`."""

    def __init__(self, flags: argparse.Namespace, prefix: str) -> None:
        check_writable(flags.out)
        self.flags = flags
        self.settings = settings_of(flags)
        self.environment = environment_of(self.settings)
        self._version = need_etcd(self.settings)
        self._prefix = prefix
        self._cases: list[BenchmarkCase] = []

    def case(
        self,
        name: str,
        parameters: dict[str, int | str],
        command: Sequence[str],
        read: Callable[[str], Figures],
        counters: dict[str, Callable[[], float]] | None = None,
    ) -> BenchmarkCase:
        """A case that runs one of the lab's scripts; `read` is given its JSON."""
        command = script(*command, "-o=json")
        return BenchmarkCase(name, parameters, command, read, self.environment, counters or {})

    def go_case(
        self,
        program: str,
        parameters: dict[str, int | str],
        flags: Sequence[str],
        read: Callable[[str], Figures],
    ) -> BenchmarkCase:
        """A case that runs a Go program, which takes endpoints without a scheme."""
        hosts = ",".join(endpoint.partition("://")[2] for endpoint in self.settings.endpoints)
        return BenchmarkCase("go", parameters, [program, f"-endpoints={hosts}", *flags], read)

    def go_program(self, given: str | None, name: str) -> str | None:
        """The program given, else the one that `make bench-tools` built, if any.

        That one cannot talk to an etcd with TLS or users.
        """
        state = Path(os.environ.get("ETCD_STATE") or ROOT / ".etcd")
        built = state / "bin" / "bench" / name
        is_plain = not (self.settings.tls or self.settings.login)
        return given or (str(built.resolve()) if is_plain and built.is_file() else None)

    def run(
        self, cases: Sequence[BenchmarkCase], prepare: Callable[[], object] = lambda: None
    ) -> None:
        """Take -runs rounds of the cases; `prepare` is called before each run."""
        run_rounds(cases, self.flags.runs, prepare)
        self._cases += cases

    def tidy(self) -> None:
        """Delete what was written, and give the space back."""
        tidy(self.settings, self._prefix)

    def save(self, **facts: object) -> None:
        """Write the figures of every run to -out, all of them or nothing."""
        tools = [{"tool": case.name, **case.parameters, "runs": case.runs} for case in self._cases]
        result = {"etcd": self._version, **facts, "tools": tools}
        write_whole(self.flags.out, orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")
        note(f"the figures of every run are in {self.flags.out}")
