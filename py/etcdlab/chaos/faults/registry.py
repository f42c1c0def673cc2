"""The faults by their names, as -faults takes them. A new one goes into a module beside this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from etcdlab.chaos.faults.client_kill import kill_client
from etcdlab.chaos.faults.compaction import compaction
from etcdlab.chaos.faults.context import FaultContext
from etcdlab.chaos.faults.disk_full import QUOTA, fill_disk
from etcdlab.chaos.faults.members import (
    freeze_follower,
    freeze_leader,
    kill_all,
    kill_follower,
    kill_leader,
)
from etcdlab.chaos.faults.network import bad_network, partition


@dataclass(frozen=True)
class Fault:
    """A fault function: it injects, waits, and undoes what it did.

    A fault with etcd `flags` gets a cluster of its own, whose members are started with them.
    """

    inject: Callable[[FaultContext], None]
    flags: tuple[str, ...] = ()


FAULTS = {
    "kill-follower": Fault(kill_follower),
    "kill-leader": Fault(kill_leader),
    "kill-all": Fault(kill_all),
    "freeze-follower": Fault(freeze_follower),
    "freeze-leader": Fault(freeze_leader),
    "partition": Fault(partition),
    "refuse": Fault(partial(bad_network, mode="refuse")),
    "hang": Fault(partial(bad_network, mode="hang")),
    "reset": Fault(partial(bad_network, mode="reset")),
    "delay": Fault(partial(bad_network, mode="delay")),
    "truncate": Fault(partial(bad_network, mode="truncate")),
    "disk-full": Fault(fill_disk, (f"--quota-backend-bytes={QUOTA}",)),
    "compaction": Fault(compaction),
    "kill-client": Fault(kill_client),
}
