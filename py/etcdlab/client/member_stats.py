"""A member's statistics: from its status and its page of metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from etcdlab.client.connect import Settings, connect
from etcdlab.client.http import is_healthy, page
from etcdlab.errors import LabError

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

# The names are the same from etcd 3.4 on.
_METRICS = {
    "etcd_mvcc_db_total_size_in_bytes": "db_size",
    "etcd_mvcc_db_total_size_in_use_in_bytes": "db_size_in_use",
    "etcd_server_quota_backend_bytes": "quota",
    "process_resident_memory_bytes": "resident_memory",
    "etcd_server_leader_changes_seen_total": "leader_changes",
    "etcd_server_is_leader": "is_leader",
    "etcd_server_is_learner": "is_learner",
    "etcd_server_has_leader": "has_leader",
    "etcd_server_proposals_committed_total": "committed",
    "etcd_server_proposals_applied_total": "applied",
    "etcd_mvcc_put_total": "puts",
    "etcd_mvcc_range_total": "ranges",
    "etcd_mvcc_txn_total": "txns",
    "etcd_mvcc_delete_total": "deletes",
    "etcd_debugging_mvcc_watcher_total": "watchers",
}
_SECONDS = {
    "process_start_time_seconds": "started",
    "process_cpu_seconds_total": "cpu_seconds",
}
_DURATIONS = {
    "etcd_disk_wal_fsync_duration_seconds": "fsyncs",
    "etcd_disk_backend_commit_duration_seconds": "commits",
}

# https://etcd.io/docs/v3.5/op-guide/maintenance/: those that a member can raise.
_ALARMS = ((), ("NOSPACE",), ("CORRUPT",), ("NOSPACE", "CORRUPT"))

Durations = tuple[tuple[float, float], ...]
"""A histogram: sorted pairs of seconds, and how many took at most as long."""


@dataclass(frozen=True)
class MemberStats:
    """One member at one moment; sizes are in bytes, and what is unknown is None.

    `started` is a Unix time, from which on counters count. `committed` and `applied` are
    indexes of the raft log. `fsyncs` are the log's writes, `commits` the database's.
    """

    endpoint: str
    db_size: int | None = None
    db_size_in_use: int | None = None
    quota: int | None = None
    resident_memory: int | None = None
    leader_changes: int | None = None
    is_leader: int | None = None
    is_learner: int | None = None
    has_leader: int | None = None
    committed: int | None = None
    applied: int | None = None
    puts: int | None = None
    ranges: int | None = None
    txns: int | None = None
    deletes: int | None = None
    watchers: int | None = None
    started: float | None = None
    cpu_seconds: float | None = None
    fsyncs: Durations = ()
    commits: Durations = ()


def read_member_stats(settings: Settings) -> list[MemberStats]:
    """Return the statistics of each endpoint's member, as far as it answers."""
    return [_member_stats(settings, url) for url in settings.endpoints]


def _member_stats(settings: Settings, url: str) -> MemberStats:
    sizes: dict[str, Any] = {}
    try:
        with closing(connect(replace(settings, endpoints=[url]))) as client:
            status = client.status()
            sizes = {"db_size": status.db_size, "db_size_in_use": status.db_size_in_use}
    except LabError:
        pass  # a member that is down, or tells its status to root only: the load goes on
    return replace(read_metrics(settings, url), **sizes)


def read_metrics(settings: Settings, url: str) -> MemberStats:
    """Return what the member's page of metrics says; nothing if there is none."""
    from prometheus_client.parser import text_string_to_metric_families

    metrics = page(url, "/metrics", settings.tls, settings.connect_timeout, settings.timeout)
    # Parsing the whole page takes a while.
    names = (*_METRICS, *_SECONDS, *_DURATIONS)
    wanted = "\n".join(line for line in metrics.splitlines() if line.startswith(names))
    try:
        return _view(url, text_string_to_metric_families(wanted + "\n"))
    except ValueError:
        return MemberStats(url)


def _view(url: str, families: Iterable[Metric]) -> MemberStats:
    values: dict[str, Any] = {}
    for sample in (sample for family in families for sample in family.samples):
        if sample.name in _METRICS:
            values[_METRICS[sample.name]] = int(sample.value)
        elif sample.name in _SECONDS:
            values[_SECONDS[sample.name]] = sample.value
        elif field := _DURATIONS.get(sample.name.removesuffix("_bucket")):
            values.setdefault(field, []).append((float(sample.labels["le"]), sample.value))
    for field in _DURATIONS.values():
        values[field] = tuple(sorted(values.get(field, ())))
    return MemberStats(url, **values)


def read_alarms(settings: Settings, url: str) -> tuple[str, ...] | None:
    """Return the alarms that the member at `url` knows; None if it does not say.

    /health needs no user, but names at most one alarm, and none in etcd 3.4: so the alarms
    are found by excluding them until the member is healthy.
    """
    patience = settings.connect_timeout, settings.timeout
    for alarms in _ALARMS:
        if (is_well := is_healthy(url, alarms, settings.tls, *patience)) is None:
            return None
        if is_well:
            return alarms
    return None


def cpu_seconds(settings: Settings) -> float:
    """Return the CPU seconds of all members together; nan if one does not say."""
    seconds = [read_metrics(settings, url).cpu_seconds for url in settings.endpoints]
    return sum(math.nan if each is None else each for each in seconds)


def quantile(before: Durations, after: Durations, share: float) -> float:
    """Return the quantile, in seconds, of what was added between two histograms.

    `share` is 0.99 for the 99th percentile. Interpolates within a bucket, as Prometheus'
    histogram_quantile does. nan if nothing was added, or if the counters were reset.
    """
    earlier = dict(before)
    counts = [(limit, count - earlier.get(limit, 0)) for limit, count in after]
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


def free_space(views: Iterable[MemberStats]) -> int | None:
    """Return the bytes that the fullest member has left to its quota; None if unknown.

    Free pages inside the file count, since etcd uses them before the file grows.
    """
    rooms = [
        view.quota - view.db_size_in_use
        for view in views
        if view.quota and view.quota > 0 and view.db_size_in_use is not None
    ]
    return min(rooms, default=None)
