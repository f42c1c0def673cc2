"""No acknowledged key is lost when faults are injected into a cluster under load."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from etcd_fixture import FORGETFUL, etcd_folder

from etcdlab import ROOT

CHAOS = [sys.executable, str(ROOT / "py/etcd_chaos.py")]
# The fast tier injects the first one, the slow tier all.
FAULTS = ("kill-leader", "partition", "truncate", "reset", "compaction", "kill-client")
KILLED = ("kill-leader",)  # of FAULTS, those by which a FORGETFUL etcd loses keys
DEADLINE = 240  # seconds, on a machine that is busy


def environment(folder: Path) -> dict[str, str]:
    """An environment in which all that the harness leaves is in the folder, or names it."""
    return os.environ | {"TMPDIR": str(folder), "ETCD_BIN": str(etcd_folder())}


def left_in(folder: Path) -> list[str]:
    """Return the files in the folder, and the processes whose command line names it."""
    found = [str(path) for path in folder.iterdir()]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if os.fsencode(folder) in command:
            found.append(command.decode(errors="replace"))
    return found


@pytest.mark.parametrize("faults", [FAULTS[:1], pytest.param(FAULTS, marks=pytest.mark.slow)])
def test_faults_lose_nothing_and_leave_nothing(tmp_path: Path, faults: tuple[str, ...]) -> None:
    command = [*CHAOS, "-seed=1", "-rounds=1", "-seconds=4", "-o=json"]
    command += [f"-faults={','.join(faults)}"]
    done = subprocess.run(
        command, env=environment(tmp_path), capture_output=True, timeout=DEADLINE, text=True
    )
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    rows = {row["fault"]: row for row in told["faults"]}
    assert sorted(rows) == sorted(faults) and told["seed"] == 1
    for fault, row in rows.items():
        assert row["times"] == 1 and row["acknowledged"] > 0 and row["failed"] == 0, row
        assert row["reads"] > 0 and row["events"] > 0, row
        if not (told["etcd"] in FORGETFUL and fault in KILLED):
            assert (row["lost"], row["wrong"], row["other"]) == (0, 0, 0), done.stderr
    assert all(rows[fault]["retries"] for fault in {"truncate", "reset"}.intersection(faults))
    assert done.returncode == (1 if told["findings"] else 0)
    assert "Traceback" not in done.stderr
    assert left_in(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_it_can_be_ended_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    with subprocess.Popen(
        [*CHAOS, "-faults=freeze-leader"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as chaos:
        assert chaos.stderr is not None
        while "1 of 2" not in chaos.stderr.readline():
            assert chaos.poll() is None
        time.sleep(2)  # into the load, perhaps into the fault
        chaos.send_signal(number)
        out, error = chaos.communicate(timeout=60)
    assert (chaos.returncode, out) == (status, "")
    assert "Traceback" not in error
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("-faults=kill-leader,fire", "-faults: "),
        ("-faults=", "-faults: "),
        ("-rounds=0", "-rounds: must be above zero"),
        ("-seed=x", "-seed: not a whole number: 'x'"),
        ("-seconds=0", "-seconds: "),
        ("-o=csv", "-o: table or json, not 'csv'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(flag: str, said: str) -> None:
    done = subprocess.run([*CHAOS, flag], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"etcd_chaos.py: {said}") and done.stderr.count("\n") == 1


def test_a_folder_without_an_etcd_is_one_line_and_status_2(tmp_path: Path) -> None:
    done = subprocess.run(
        CHAOS, env=os.environ | {"ETCD_BIN": str(tmp_path)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"etcd_chaos.py: ETCD_BIN: no etcd in '{tmp_path}'\n"
