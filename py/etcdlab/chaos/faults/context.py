"""What a fault function is given: the cluster, the traffic, the injection's parameters."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Thread

from etcdlab.chaos.cluster import Cluster, Member
from etcdlab.chaos.schedule import Injection
from etcdlab.chaos.traffic import Traffic


@dataclass
class FaultContext:
    """One injection, with what it acts on.

    A fault adds to `findings` what it finds wrong itself, a line each, and to `acknowledged`
    the number of keys that others than the traffic's writers had acknowledged. `writers` is
    the thread that Traffic.write() returned.
    """

    cluster: Cluster
    traffic: Traffic
    injection: Injection
    writers: Thread
    findings: list[str] = field(default_factory=list)
    acknowledged: int = 0

    @property
    def victim(self) -> Member:
        """Any member, chosen by the schedule."""
        return self.cluster.members[self.injection.victim % len(self.cluster.members)]

    def wait(self) -> None:
        """Sleep for as long as the fault lasts."""
        time.sleep(self.injection.seconds)
