"""Watches of the whole store, and its history: what a fresh watch tells of the past."""

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
    """One event."""

    revision: int
    type: str
    key: bytes
    value: bytes


@dataclass
class Watched:
    """What a watch from `start` on said, and between which revisions it said that it could
    not, as they were compacted; `problem` is why it ended too soon, if it did."""

    name: str
    start: int
    events: list[WatchedEvent] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    problem: str = ""

    @property
    def next_revision(self) -> int:
        """The one it has to go on with."""
        after_gap = self.gaps[-1][1] + 1 if self.gaps else self.start
        return max(after_gap, self.events[-1].revision + 1 if self.events else self.start)


class Watcher(Thread):
    """Watches the store from a revision on, until an event is the last one wanted."""

    def __init__(
        self, name: str, client: Client, start: int, is_last: Callable[[WatchedEvent], bool]
    ) -> None:
        super().__init__(name=f"watcher {name}", daemon=True)
        self.watched = Watched(name, start)
        self._client = client
        self._is_last = is_last

    def run(self) -> None:
        """Watch; a compaction is noted, and watched on after it."""
        with closing(self._client):
            try:
                while self._go_on():
                    pass
            except LabError as error:
                self.watched.problem = str(error)

    def wait(self) -> Watched:
        """What it saw, once it has seen it all or its time is over."""
        self.join(DEADLINE)
        if self.is_alive():
            self.watched.problem = f"not at its end {DEADLINE:g} s after the load"
        return self.watched

    def _go_on(self) -> bool:
        """Watch until the end (False) or until the watch is canceled (True)."""
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


class History:
    """All events from a revision on, read before they are compacted."""

    def __init__(self, connect: Callable[[], Client], start: int) -> None:
        self.watched = Watched("history", start)
        self._connect = connect

    def read(self, revision: int) -> None:
        """Go on up to that revision, which exists; LabError when that takes too long."""
        start = self.watched.next_revision
        if start > revision:
            return
        fresh = Watcher("history", self._connect(), start, lambda e: e.revision >= revision)
        fresh.start()
        found = fresh.wait()
        if found.problem or found.gaps:
            raise LabError(f"history from revision {start} on: {found.problem or 'compacted'}")
        self.watched.events += [event for event in found.events if event.revision <= revision]
