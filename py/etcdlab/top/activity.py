"""What the members of a cluster are doing: figures, since one look at them and the next."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any

from etcdlab.client.connect import Settings
from etcdlab.client.endpoints import is_loopback, port_of
from etcdlab.client.member_stats import MemberStats, quantile, read_alarms, read_metrics
from etcdlab.top.containers import Container, Containers

PATIENCE = 2.0  # seconds that a member may take to answer: it may be busy
_COUNTED = ("puts", "ranges", "txns", "deletes")
# A process seems to begin a second sooner or later where the system rounds when it was booted.
_ROUNDING = 1.0

Figures = dict[str, Any]
"""Of one member; in bytes, seconds, per second, shares of one; None is what is not known."""


@dataclass(frozen=True)
class Look:
    """What a member said, when (by the monotonic clock), and the cluster's alarms."""

    moment: float
    view: MemberStats
    alarms: tuple[str, ...] | None = None


class Activity:
    """The members of a cluster, each compared with what it said when it last answered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, connect_timeout=PATIENCE, timeout=PATIENCE)
        self._urls = settings.endpoints
        self._before: dict[str, Look] = {}
        self._containers = Containers(self._urls[0])

    def close(self) -> None:
        """Ask for nothing any more."""
        self._containers.close()

    def look(self) -> list[Figures]:
        """The figures of each member, in the order of the endpoints."""
        containers = self._containers.look()
        looks = look_at_all(self._settings, self._urls)
        furthest = furthest_of(looks)
        members = []
        for url, look in zip(self._urls, looks, strict=True):
            container = containers.get(port_of(url)) if is_loopback(url) else None
            members.append(figures(url, self._before.get(url), look, furthest, container))
            if look:
                self._before[url] = look
        return members


def look_at_all(settings: Settings, urls: Sequence[str]) -> list[Look | None]:
    """A look at each member, all at once; None where it says nothing in time."""
    looks: list[Look | None] = [None] * len(urls)

    def look_at(index: int, url: str) -> None:
        view = read_metrics(settings, url)
        if view.applied is None:
            return
        looks[index] = look = Look(time.monotonic(), view)
        looks[index] = replace(look, alarms=read_alarms(settings, url))

    # Nobody waits for them in the end, so that Ctrl-C ends the script at once.
    threads = [Thread(target=look_at, args=each, daemon=True) for each in enumerate(urls)]
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return list(looks)


def furthest_of(looks: Iterable[Look | None]) -> int:
    """The index of the last raft entry that any member has committed."""
    return max((look.view.committed or 0 for look in looks if look), default=0)


def figures(
    url: str, before: Look | None, look: Look | None, furthest: int, container: Container | None
) -> Figures:
    """A member's figures at a look, and its rates since the one before it."""
    view = look.view if look else MemberStats(url)
    spent = look.moment - before.moment if look and before and is_same(before, look) else None
    earlier = before.view if before and spent else MemberStats(url)

    def rate(name: str) -> float | None:
        now, then = getattr(view, name), getattr(earlier, name)
        return None if now is None or then is None or not spent else (now - then) / spent

    def p99(name: str) -> float | None:
        then = getattr(earlier, name)
        value = quantile(then, getattr(view, name), 0.99) if then else math.nan
        return None if math.isnan(value) else value

    return {
        "endpoint": url,
        "state": state_of(look),
        "seconds": spent,
        "cpu": rate("cpu_seconds"),
        "resident_memory_bytes": view.resident_memory,
        "db_size_bytes": view.db_size,
        "db_size_in_use_bytes": view.db_size_in_use,
        "quota_bytes": view.quota,
        "quota_share": view.db_size / view.quota if view.db_size and view.quota else None,
        "lag_entries": None if view.applied is None else max(0, furthest - view.applied),
        "alarms": look.alarms if look else None,
        **{f"{name}_per_second": rate(name) for name in _COUNTED},
        "wal_fsync_p99_seconds": p99("fsyncs"),
        "backend_commit_p99_seconds": p99("commits"),
        "watchers": view.watchers,
        "container_cpu": container.cpu if container else None,
        "container_memory_bytes": container.memory if container else None,
    }


def is_same(before: Look, after: Look) -> bool:
    """Whether it is the same process, which counts on, and not one that was started since."""
    if abs((after.view.started or 0.0) - (before.view.started or 0.0)) > _ROUNDING:
        return False
    names = (*_COUNTED, "cpu_seconds")
    pairs = [(getattr(before.view, name), getattr(after.view, name)) for name in names]
    return all((then or 0) <= (now or 0) for then, now in pairs)


def state_of(look: Look | None) -> str:
    """What a member is to its cluster."""
    if look is None:
        return "down"
    if not look.view.has_leader:
        return "leaderless"
    if look.view.is_leader:
        return "leader"
    return "learner" if look.view.is_learner else "follower"
