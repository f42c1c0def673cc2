"""What a fault has before it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Thread

from etcdlab.chaos.cluster import Cluster, Member
from etcdlab.chaos.schedule import Injection
from etcdlab.chaos.traffic import Load


@dataclass
class FaultContext:
    """The cluster, the load on it, and what is to be done; findings are the fault's own.

    `acknowledged` are keys of other writers than the load's.
    """

    cluster: Cluster
    load: Load
    injection: Injection
    writers: Thread
    findings: list[str] = field(default_factory=list)
    acknowledged: int = 0

    @property
    def victim(self) -> Member:
        """One of all members."""
        return self.cluster.members[self.injection.victim % len(self.cluster.members)]

    def wait(self) -> None:
        """Let the fault last."""
        time.sleep(self.injection.seconds)
