"""The store compacted again and again under load."""

from __future__ import annotations

import time
from contextlib import closing

from etcdlab.chaos.faults.context import FaultContext
from etcdlab.keys import ZERO

_PAUSE = 0.15  # seconds


def compaction(context: FaultContext) -> None:
    """Compact while others scan, and break all connections each time.

    Watches then resume from revisions that may be compacted.
    """
    deadline = time.monotonic() + context.injection.seconds
    with closing(context.cluster.client(context.victim)) as client:
        while time.monotonic() < deadline:
            revision = client.range(ZERO, count_only=True).revision
            context.traffic.history.read(revision)
            client.compact(revision)
            for member in context.cluster.members:
                member.clients.cut()
            time.sleep(_PAUSE)
