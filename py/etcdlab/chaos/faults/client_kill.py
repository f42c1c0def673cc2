"""The faker killed while it writes: the keys it left are right, and -resume completes them."""

from __future__ import annotations

import subprocess
import time
from contextlib import closing

import orjson

from etcdlab.chaos.faults.context import FaultContext
from etcdlab.client.connect import TRANSPORTS
from etcdlab.errors import LabError
from etcdlab.keys import child, prefix_range
from etcdlab.polling import until
from etcdlab.testbed.subprocesses import script

KEYS = 12_000
RATE = 3000  # keys a second: four seconds in which it can be killed
FIRST_KEYS_DEADLINE = 20.0  # seconds
RUN_DEADLINE = 60.0


def kill_client(context: FaultContext) -> None:
    """Kill a faker with SIGKILL while it writes; then resume it, and verify all of its keys."""
    transport = TRANSPORTS[context.injection.victim % len(TRANSPORTS)]
    prefix = child(b"faker", context.traffic.prefix)
    command = script(
        "etcd_faker.py",
        f"-endpoints={','.join(context.cluster.endpoints)}",
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
        _wait_for_keys(context, prefix)
        time.sleep(context.injection.seconds / 4)
    finally:
        faker.kill()
        status = faker.wait()
    left, _ = _run([*command, "-verify"])
    if status >= 0 or not 0 < left["missing"] < KEYS:
        raise LabError(f"kill-client: the faker was not in the middle of its load: {left}")
    resumed, resumed_status = _run([*command, "-resume"])
    verified, verified_status = _run([*command, "-verify"])
    context.acknowledged += left["right"] + resumed["acknowledged"]
    if left["different"] or left["extra"]:
        context.findings.append(f"the killed faker left {left}")
    if resumed_status or verified_status or verified["right"] != KEYS:
        context.findings.append(f"resumed with status {resumed_status}: {verified}")


def _wait_for_keys(context: FaultContext, prefix: bytes) -> None:
    key, end = prefix_range(child(prefix, b""))
    with closing(context.cluster.client(context.victim)) as client:
        if not until(lambda: client.range(key, end, count_only=True).count, FIRST_KEYS_DEADLINE):
            raise LabError("kill-client: the faker does not write")


def _run(command: list[str]) -> tuple[dict[str, int], int]:
    """Run the command to its end; return the JSON that it prints, and its exit status."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=RUN_DEADLINE)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"kill-client: the faker does not end in {RUN_DEADLINE:g} s") from error
    if not done.stdout:
        raise LabError(f"kill-client: {done.stderr.decode(errors='replace').strip()}")
    return orjson.loads(done.stdout), done.returncode
