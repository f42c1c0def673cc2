"""The faults: each does its harm to the cluster under load, waits, and undoes it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from etcdlab.chaos.cluster import Member
from etcdlab.chaos.faults.client_kill import kill_client
from etcdlab.chaos.faults.context import FaultContext
from etcdlab.chaos.faults.disk_full import fill_disk
from etcdlab.keys import ZERO
from etcdlab.testbed.proxy import Mode

_COMPACTION_PAUSE = 0.15  # seconds
_QUOTA = 8 << 20  # bytes


def kill(stage: FaultContext, *members: Member) -> None:
    """SIGKILL, and start again on the same data."""
    for member in members:
        member.etcd.kill()
    stage.wait()
    for member in members:
        member.etcd.start()


def freeze(stage: FaultContext, member: Member) -> None:
    """SIGSTOP for longer than an election takes: it wakes up in a world that has gone on."""
    member.etcd.freeze()
    stage.wait()
    member.etcd.thaw()


def partition(stage: FaultContext) -> None:
    """A member that its clients reach, and its peers do not."""
    stage.cluster.partition(stage.victim)
    stage.wait()
    stage.cluster.mend()


def bad_network(stage: FaultContext, mode: Mode) -> None:
    """Harm between clients and one member."""
    proxy = stage.victim.clients
    proxy.set_mode(mode)
    stage.wait()
    proxy.set_mode("pass")


def compaction(stage: FaultContext) -> None:
    """Compact again and again while others scan, and break connections, so that watches
    come back for revisions that may be gone."""
    deadline = time.monotonic() + stage.injection.seconds
    with closing(stage.cluster.client(stage.victim)) as client:
        while time.monotonic() < deadline:
            revision = client.range(ZERO, count_only=True).revision
            stage.load.history.read(revision)
            client.compact(revision)
            for member in stage.cluster.members:
                member.clients.cut()
            time.sleep(_COMPACTION_PAUSE)


@dataclass(frozen=True)
class Fault:
    """What to inject; `flags` are those of a cluster of its own, if it needs one."""

    inject: Callable[[FaultContext], None]
    flags: tuple[str, ...] = field(default=())


def _follower(stage: FaultContext) -> Member:
    return stage.cluster.follower(stage.injection.victim)


FAULTS = {
    "kill-follower": Fault(lambda stage: kill(stage, _follower(stage))),
    "kill-leader": Fault(lambda stage: kill(stage, stage.cluster.leader())),
    "kill-all": Fault(lambda stage: kill(stage, *stage.cluster.members)),
    "freeze-follower": Fault(lambda stage: freeze(stage, _follower(stage))),
    "freeze-leader": Fault(lambda stage: freeze(stage, stage.cluster.leader())),
    "partition": Fault(partition),
    "refuse": Fault(partial(bad_network, mode="refuse")),
    "hang": Fault(partial(bad_network, mode="hang")),
    "reset": Fault(partial(bad_network, mode="reset")),
    "delay": Fault(partial(bad_network, mode="delay")),
    "truncate": Fault(partial(bad_network, mode="truncate")),
    "disk-full": Fault(fill_disk, (f"--quota-backend-bytes={_QUOTA}",)),
    "compaction": Fault(compaction),
    "kill-client": Fault(kill_client),
}
