"""Figures of the members of a cluster, with rates from one look to the next."""

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

MEMBER_TIMEOUT = 2.0  # seconds that a member may take to answer
_COUNTERS = ("puts", "ranges", "txns", "deletes")
# Seconds by which the start of one process may vary: systems round the time of their boot.
_ROUNDING = 1.0

Figures = dict[str, Any]
"""Of one member, in bytes, seconds, per second or shares of one; None where unknown."""


@dataclass(frozen=True)
class Look:
    """A member's statistics, their time by the monotonic clock, and the cluster's alarms."""

    moment: float
    stats: MemberStats
    alarms: tuple[str, ...] | None = None


class Activity:
    """The members of a cluster; rates are since each one's last answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, connect_timeout=MEMBER_TIMEOUT, timeout=MEMBER_TIMEOUT)
        self._urls = settings.endpoints
        self._before: dict[str, Look] = {}
        self._containers = Containers(self._urls[0])

    def close(self) -> None:
        """Stop asking Docker."""
        self._containers.close()

    def look(self) -> list[Figures]:
        """The figures of each member, in the order of the endpoints."""
        containers = self._containers.look()
        looks = look_at_all(self._settings, self._urls)
        furthest = last_committed(looks)
        members = []
        for url, look in zip(self._urls, looks, strict=True):
            container = containers.get(port_of(url)) if is_loopback(url) else None
            members.append(figures(url, self._before.get(url), look, furthest, container))
            if look:
                self._before[url] = look
        return members


def look_at_all(settings: Settings, urls: Sequence[str]) -> list[Look | None]:
    """Look at all members at once; None for one that does not answer in time."""
    looks: list[Look | None] = [None] * len(urls)

    def look_at(index: int, url: str) -> None:
        stats = read_metrics(settings, url)
        if stats.applied is None:
            return
        looks[index] = look = Look(time.monotonic(), stats)
        looks[index] = replace(look, alarms=read_alarms(settings, url))

    # Daemons, so that Ctrl-C ends the script at once.
    threads = [Thread(target=look_at, args=each, daemon=True) for each in enumerate(urls)]
    deadline = time.monotonic() + MEMBER_TIMEOUT
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return list(looks)


def last_committed(looks: Iterable[Look | None]) -> int:
    """The index of the last raft entry that any member has committed."""
    return max((look.stats.committed or 0 for look in looks if look), default=0)


def figures(
    url: str, before: Look | None, look: Look | None, furthest: int, container: Container | None
) -> Figures:
    """A member's figures at a look, and its rates since the look before."""
    stats = look.stats if look else MemberStats(url)
    spent = look.moment - before.moment if look and before and is_same(before, look) else None
    earlier = before.stats if before and spent else MemberStats(url)

    def rate(name: str) -> float | None:
        now, then = getattr(stats, name), getattr(earlier, name)
        return None if now is None or then is None or not spent else (now - then) / spent

    def p99(name: str) -> float | None:
        then = getattr(earlier, name)
        value = quantile(then, getattr(stats, name), 0.99) if then else math.nan
        return None if math.isnan(value) else value

    return {
        "endpoint": url,
        "state": state_of(look),
        "seconds": spent,
        "cpu": rate("cpu_seconds"),
        "resident_memory_bytes": stats.resident_memory,
        "db_size_bytes": stats.db_size,
        "db_size_in_use_bytes": stats.db_size_in_use,
        "quota_bytes": stats.quota,
        "quota_share": stats.db_size / stats.quota if stats.db_size and stats.quota else None,
        "lag_entries": None if stats.applied is None else max(0, furthest - stats.applied),
        "alarms": look.alarms if look else None,
        **{f"{name}_per_second": rate(name) for name in _COUNTERS},
        "wal_fsync_p99_seconds": p99("fsyncs"),
        "backend_commit_p99_seconds": p99("commits"),
        "watchers": stats.watchers,
        "container_cpu": container.cpu if container else None,
        "container_memory_bytes": container.memory if container else None,
    }


def is_same(before: Look, after: Look) -> bool:
    """True if both are of one process: the same start, and no counter went down."""
    if abs((after.stats.started or 0.0) - (before.stats.started or 0.0)) > _ROUNDING:
        return False
    names = (*_COUNTERS, "cpu_seconds")
    pairs = [(getattr(before.stats, name), getattr(after.stats, name)) for name in names]
    return all((then or 0) <= (now or 0) for then, now in pairs)


def state_of(look: Look | None) -> str:
    """A member's role: leader, follower, learner, leaderless or down."""
    if look is None:
        return "down"
    if not look.stats.has_leader:
        return "leaderless"
    if look.stats.is_leader:
        return "leader"
    return "learner" if look.stats.is_learner else "follower"
