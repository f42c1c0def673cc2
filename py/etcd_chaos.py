#!/usr/bin/env python3
"""etcd_chaos.py - find out whether faults make etcd lose what it acknowledged.

usage: etcd_chaos.py [flags]        (or: make chaos)

Starts a cluster of three members, each behind proxies, and injects one fault after the other
while writers, readers, watchers, leases and reports are at work over both transports. After
each fault, once the cluster has healed, it validates that

  - acknowledged keys are there with their values, and other keys have theirs or are absent
  - each watch saw every event once and in order
  - leases are alive with their keys, unless their keepers said that they were lost
  - reports agree with the history of the store
  - all members hold the same

Prints a row per fault: keys acknowledged and failed; retries; single keys read; events watched;
leases that their keepers said had expired; acknowledged keys that are lost; keys with a wrong
value; other findings, which are printed to stderr; and the longest time without an
acknowledgement. The seed determines order, victims and durations. It is printed, so that a run
can be repeated.

faults: {faults}

examples:
  py/etcd_chaos.py
  py/etcd_chaos.py -seed 7 -faults kill-leader,partition -rounds 3
  ETCD_BIN=/usr/local/bin py/etcd_chaos.py -o json

exits: 0 nothing was found, 1 something was lost, wrong or found, or the cluster did not heal,
2 wrong usage, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import argparse
import os
import random
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from etcdlab.chaos.cluster import running_cluster
from etcdlab.chaos.faults.registry import FAULTS
from etcdlab.chaos.report import as_json, as_table, is_clean
from etcdlab.chaos.run import ChaosRun, Result
from etcdlab.chaos.schedule import schedule
from etcdlab.cli.flag_types import count_value, int_value, one_of, seconds_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import exit_on_sigterm, note, run
from etcdlab.cli.tables import print_result
from etcdlab.dataset.payloads import KINDS, Payloads
from etcdlab.errors import EXIT_DONE, EXIT_FAILED, UsageError
from etcdlab.testbed.etcd_process import etcd_beside, find_etcdctl

DEFAULT_ENDPOINT = "http://127.0.0.1:2379"
BLOB_BYTES = 64
ANY_SEED = 1_000_000
# Many threads share the interpreter: the default of 5 ms would delay heartbeats in the proxies.
SWITCH_INTERVAL = 0.001  # seconds


def main(arguments: Sequence[str]) -> int:
    """Inject the faults and print what they did; return the exit status."""
    flags = parse(arguments)
    # So that the members are ended as well.
    exit_on_sigterm()
    sys.setswitchinterval(SWITCH_INTERVAL)
    program = find_etcd()
    seed = random.randrange(ANY_SEED) if flags.seed is None else flags.seed  # noqa: S311
    results, version = inject(flags, program, seed)
    if flags.o == "json":
        print_result(as_json(results, seed, version))
    else:
        print(as_table(results))
    return EXIT_DONE if is_clean(results) else EXIT_FAILED


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the flags."""
    names = ",".join(FAULTS)
    flags = Flags((__doc__ or "").replace("{faults}", names.replace(",", ", ")))
    flags.add(
        "seed NUMBER", int_value, "", "determines order, victims, durations (default: random)"
    )
    flags.add("faults FAULTS", faults_value, names, "faults to inject, separated by commas")
    flags.add("rounds COUNT", count_value, "2", "how often to inject each fault")
    flags.add("seconds DURATION", seconds_value, "6s", "how long to write during each fault")
    flags.add("o FORMAT", one_of("table", "json"), "table", "output format: table or json")
    return flags.parse(arguments)


def faults_value(text: str) -> list[str]:
    """Parse names of faults, separated by commas; ValueError for others."""
    return list(dict.fromkeys(one_of(*FAULTS)(part) for part in text.split(",")))


def find_etcd() -> Path:
    """Return the etcd in ETCD_BIN, or else the one beside the etcdctl that the lab uses."""
    if folder := os.environ.get("ETCD_BIN"):
        program = Path(folder).resolve() / "etcd"
        if not os.access(program, os.X_OK):
            raise UsageError(f"ETCD_BIN: no etcd in '{folder}'")
        return program
    return etcd_beside(find_etcdctl(DEFAULT_ENDPOINT))


def inject(flags: argparse.Namespace, program: Path, seed: int) -> tuple[list[Result], str]:
    """Inject the faults in turn; return what they did, and etcd's version."""
    injections = schedule(seed, flags.faults, flags.rounds)
    note(f"-seed {seed}: {', '.join(each.fault for each in injections)}")
    payloads = Payloads(seed, KINDS, BLOB_BYTES)
    results: list[Result] = []
    with ExitStack() as stack:
        shared = None
        for number, injection in enumerate(injections, 1):
            fault = FAULTS[injection.fault]
            if shared is None and not fault.flags:
                shared = ChaosRun(stack.enter_context(running_cluster(program)), payloads)
            with ExitStack() as own:
                current = shared
                if fault.flags:
                    cluster = own.enter_context(running_cluster(program, *fault.flags))
                    current = ChaosRun(cluster, payloads)
                note(f"{number} of {len(injections)}: {injection.fault}, etcd {current.version}")
                result = current.run(injection, b"chaos/%03d" % number, flags.seconds)
            note_findings(result)
            results.append(result)
            if result.findings and current is shared:
                # A new cluster, so that the next fault is not blamed for what is broken now.
                stack.close()
                shared = None
    return results, current.version


def note_findings(result: Result) -> None:
    """Print a line to stderr for each finding."""
    for finding in result.findings:
        note(f"{result.fault}: {finding}")


if __name__ == "__main__":
    run(main)
