"""The history of the store: all events from one revision on, read before they are compacted."""

from __future__ import annotations

from collections.abc import Callable

from etcdlab.chaos.watchers import Watched, Watcher
from etcdlab.client.api import Client
from etcdlab.errors import LabError


class History:
    """All events from revision `start` on, in `watched`; read() adds to them."""

    def __init__(self, connect: Callable[[], Client], start: int) -> None:
        self.watched = Watched("history", start)
        self._connect = connect

    def read(self, revision: int) -> None:
        """Read on up to a revision that exists, by a new watch.

        LabError if some of it is compacted, or if it takes longer than watchers.DEADLINE.
        """
        start = self.watched.next_revision
        if start > revision:
            return
        fresh = Watcher("history", self._connect(), start, lambda e: e.revision >= revision)
        fresh.start()
        found = fresh.wait()
        if found.problem or found.gaps:
            raise LabError(f"history from revision {start} on: {found.problem or 'compacted'}")
        self.watched.events += [event for event in found.events if event.revision <= revision]
