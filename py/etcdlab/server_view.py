"""What a member says of itself: its status, and the metrics that a load changes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from etcdlab.connect import Settings, base_urls, connect
from etcdlab.errors import LabError
from etcdlab.http_pages import page

_METRICS = {
    "etcd_mvcc_db_total_size_in_bytes": "db_size",
    "etcd_mvcc_db_total_size_in_use_in_bytes": "db_size_in_use",
    "etcd_server_quota_backend_bytes": "quota",
    "process_resident_memory_bytes": "resident_memory",
    "etcd_server_leader_changes_seen_total": "leader_changes",
}
_FSYNC = "etcd_disk_wal_fsync_duration_seconds"


@dataclass(frozen=True)
class ServerView:
    """One member at one moment. Sizes are in bytes; None is what it does not say.

    `fsyncs` counts writes of its log that took at most so many seconds.
    """

    endpoint: str
    db_size: int | None = None
    db_size_in_use: int | None = None
    quota: int | None = None
    resident_memory: int | None = None
    leader_changes: int | None = None
    fsyncs: tuple[tuple[float, float], ...] = ()


def look(settings: Settings) -> list[ServerView]:
    """The view of each endpoint's member, as far as it answers."""
    return [_look_at(settings, url) for url in base_urls(settings.endpoints, settings.tls)]


def _look_at(settings: Settings, url: str) -> ServerView:
    sizes: dict[str, int] = {}
    try:
        with closing(connect(settings, endpoints=[url])) as client:
            status = client.status()
            sizes = {"db_size": status.db_size, "db_size_in_use": status.db_size_in_use}
    except LabError:
        pass  # a member that is down, or lets only root ask: the load goes on
    return _view(url, _metrics(settings, url), sizes)


def _metrics(settings: Settings, url: str) -> str:
    """The page of metrics of the member there; empty where there is none."""
    return page(url, "/metrics", settings.tls, settings.connect_timeout, settings.timeout)


def _view(url: str, metrics: str, sizes: dict[str, int]) -> ServerView:
    """What the page of metrics says; of sizes that are known better, those."""
    from prometheus_client.parser import text_string_to_metric_families

    # Most of the page is of no interest here, and parsing it takes a while.
    names = (*_METRICS, _FSYNC)
    wanted = "\n".join(line for line in metrics.splitlines() if line.startswith(names))
    values: dict[str, int] = {}
    fsyncs = []
    for family in text_string_to_metric_families(wanted + "\n"):
        for sample in family.samples:
            if sample.name in _METRICS:
                values[_METRICS[sample.name]] = int(sample.value)
            elif sample.name == f"{_FSYNC}_bucket":
                fsyncs.append((float(sample.labels["le"]), sample.value))
    return ServerView(url, fsyncs=tuple(sorted(fsyncs)), **values | sizes)


def cpu_seconds(settings: Settings) -> float:
    """How long all members together have kept a processor busy; nan where one does not say."""
    total = 0.0
    for url in base_urls(settings.endpoints, settings.tls):
        metrics = _metrics(settings, url)
        found = re.search(r"^process_cpu_seconds_total (\S+)$", metrics, re.MULTILINE)
        total += float(found[1]) if found else math.nan
    return total


def fsync_quantile(before: ServerView, after: ServerView, share: float) -> float:
    """Seconds that this share of log writes between the two did not exceed.

    As Prometheus' histogram_quantile has it: evenly spread within a bucket. nan when
    there were none, or a member that was restarted counts anew.
    """
    earlier = dict(before.fsyncs)
    counts = [(limit, count - earlier.get(limit, 0)) for limit, count in after.fsyncs]
    if not counts or counts[-1][1] <= 0 or any(count < 0 for _, count in counts):
        return math.nan
    rank = share * counts[-1][1]
    below, so_far = 0.0, 0.0
    for limit, count in counts:
        if count >= rank:
            if math.isinf(limit):
                return below
            return below + (limit - below) * (rank - so_far) / (count - so_far)
        below, so_far = limit, count
    return math.nan


def free_space(views: Iterable[ServerView]) -> int | None:
    """Bytes left to the fullest member before its quota; None where none says so.

    Pages that are free inside the file are used again before it grows.
    """
    rooms = [
        view.quota - view.db_size_in_use
        for view in views
        if view.quota and view.quota > 0 and view.db_size_in_use is not None
    ]
    return min(rooms, default=None)
