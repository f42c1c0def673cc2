"""Watches of the whole store, each in a thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from threading import Thread
from typing import NamedTuple

from etcdlab.client.api import Client
from etcdlab.client.resuming_watch import resuming_watch
from etcdlab.client.types import Watch, WatchReply
from etcdlab.errors import LabError
from etcdlab.keys import ZERO

DEADLINE = 30.0  # seconds


class WatchedEvent(NamedTuple):
    """One event: `type` is PUT or DELETE, whose value is empty."""

    revision: int
    type: str
    key: bytes
    value: bytes


@dataclass
class Watched:
    """The events that a watch saw from revision `start` on.

    `gaps` are the first and last revisions of what it missed because it was compacted;
    `problem` says why the watch ended too soon, if it did.
    """

    name: str
    start: int
    events: list[WatchedEvent] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    problem: str = ""

    @property
    def next_revision(self) -> int:
        """The revision to resume the watch from."""
        after_gap = self.gaps[-1][1] + 1 if self.gaps else self.start
        return max(after_gap, self.events[-1].revision + 1 if self.events else self.start)


class Watcher(Thread):
    """Watches the store from revision `start` on, up to the event for which `is_last` is true."""

    def __init__(
        self, name: str, client: Client, start: int, is_last: Callable[[WatchedEvent], bool]
    ) -> None:
        super().__init__(name=f"watcher {name}", daemon=True)
        self.watched = Watched(name, start)
        self._client = client
        self._is_last = is_last

    def run(self) -> None:
        """Watch, and resume after a compaction, which is a gap."""
        with closing(self._client):
            try:
                while self._go_on():
                    pass
            except LabError as error:
                self.watched.problem = str(error)

    def wait(self) -> Watched:
        """Wait for the last event, at most DEADLINE; return what was seen."""
        self.join(DEADLINE)
        if self.is_alive():
            self.watched.problem = f"not at its end {DEADLINE:g} s after the load"
        return self.watched

    def _go_on(self) -> bool:
        """Watch until the last event (False), or until the watch is to be made again (True)."""
        request = Watch(ZERO, ZERO, self.watched.next_revision)
        for reply in resuming_watch(
            self._client, request, seen=request.revision > self.watched.start
        ):
            events = [
                WatchedEvent(e.kv.mod_revision, e.type, e.kv.key, e.kv.value) for e in reply.events
            ]
            self.watched.events += events
            if any(map(self._is_last, events)):
                return False
            if reply.canceled:
                return self._canceled(reply)
        return False

    def _canceled(self, reply: WatchReply) -> bool:
        if not reply.compact_revision:
            self.watched.problem = f"canceled: {reply.cancel_reason or 'no reason given'}"
            return False
        self.watched.gaps.append((self.watched.next_revision, reply.compact_revision - 1))
        return True
