"""The faker, killed in the middle of a load: what it left is right, and it can go on."""

from __future__ import annotations

import subprocess
import time
from contextlib import closing

import orjson

from etcdlab.bench.rounds import script
from etcdlab.chaos.faults.context import FaultContext
from etcdlab.client.connect import TRANSPORTS
from etcdlab.errors import LabError
from etcdlab.keys import child, prefix_range

KEYS = 12_000
RATE = 3000  # keys a second, so that it is in the middle for a while
FIRST_KEYS_DEADLINE = 20.0  # seconds
RUN_DEADLINE = 60.0


def kill_client(stage: FaultContext) -> None:
    """SIGKILL for the faker under load; then let it resume, and verify."""
    transport = TRANSPORTS[stage.injection.victim % len(TRANSPORTS)]
    prefix = child(b"faker", stage.load.prefix)
    command = script(
        "etcd_faker.py",
        f"-endpoints={','.join(stage.cluster.endpoints)}",
        f"-prefix={prefix.decode()}",
        f"-n={KEYS}",
        "-c=4",
        f"-transport={transport}",
        "-o=json",
    )
    faker = subprocess.Popen(
        [*command, f"-rate={RATE}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for_keys(stage, prefix)
        time.sleep(stage.injection.seconds / 4)
    finally:
        faker.kill()
        status = faker.wait()
    left, _ = _run([*command, "-verify"])
    if status >= 0 or not 0 < left["missing"] < KEYS:
        raise LabError(f"kill-client: the faker was not in the middle of its load: {left}")
    resumed, resumed_status = _run([*command, "-resume"])
    verified, verified_status = _run([*command, "-verify"])
    stage.acknowledged += left["right"] + resumed["acknowledged"]
    if left["different"] or left["extra"]:
        stage.findings.append(f"the killed faker left {left}")
    if resumed_status or verified_status or verified["right"] != KEYS:
        stage.findings.append(f"resumed with status {resumed_status}: {verified}")


def _wait_for_keys(stage: FaultContext, prefix: bytes) -> None:
    key, end = prefix_range(child(prefix, b""))
    deadline = time.monotonic() + FIRST_KEYS_DEADLINE
    with closing(stage.cluster.client(stage.victim)) as client:
        while not client.range(key, end, count_only=True).count:
            if time.monotonic() > deadline:
                raise LabError("kill-client: the faker does not write")
            time.sleep(0.05)


def _run(command: list[str]) -> tuple[dict[str, int], int]:
    """The JSON that it prints, and its status."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=RUN_DEADLINE)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"kill-client: the faker does not end in {RUN_DEADLINE:g} s") from error
    if not done.stdout:
        raise LabError(f"kill-client: {done.stderr.decode(errors='replace').strip()}")
    return orjson.loads(done.stdout), done.returncode
