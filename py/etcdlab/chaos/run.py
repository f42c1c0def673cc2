"""Inject faults into one cluster, each under traffic, and validate what is there afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain

from etcdlab.chaos import observe
from etcdlab.chaos.cluster import Cluster
from etcdlab.chaos.faults.context import FaultContext
from etcdlab.chaos.faults.registry import FAULTS
from etcdlab.chaos.schedule import Injection
from etcdlab.chaos.traffic import Traffic
from etcdlab.chaos.validate import (
    State,
    first_of,
    validate_keys,
    validate_leases,
    validate_members,
    validate_refused,
    validate_reports,
    validate_unknown,
    validate_watch,
)
from etcdlab.chaos.watchers import Watched
from etcdlab.client.connect import connect
from etcdlab.dataset.payloads import Payloads
from etcdlab.keys import child
from etcdlab.scan.reclaim import delete


@dataclass
class Result:
    """What one injection did.

    `findings` has a line for everything that is wrong: the `lost` and `wrong` keys, and
    `other` lines about anything else. `expired` counts the leases whose keepers said that
    they were lost, `stall` is the longest time without an acknowledgement in seconds.
    """

    fault: str
    acknowledged: int = 0
    failed: int = 0
    retries: int = 0
    reads: int = 0
    events: int = 0
    expired: int = 0
    lost: int = 0
    wrong: int = 0
    other: int = 0
    stall: float = 0.0
    findings: list[str] = field(default_factory=list)


class ChaosRun:
    """Injections into one cluster; each also validates the keys of the one before it."""

    def __init__(self, cluster: Cluster, payloads: Payloads) -> None:
        self.version = cluster.version
        self._cluster = cluster
        self._payloads = payloads
        self._before: dict[bytes, bytes] = {}
        self._prefix_before = b""

    def run(self, injection: Injection, prefix: bytes, seconds: float) -> Result:
        """Inject the fault while traffic writes under `prefix` for so many seconds.

        LabError if the cluster does not heal, or the traffic does not end.
        """
        with Traffic(self._cluster, prefix, self._payloads) as traffic:
            begin = time.monotonic()
            context = FaultContext(self._cluster, traffic, injection, traffic.write(seconds))
            time.sleep(injection.delay)
            FAULTS[injection.fault].inject(context)
            traffic.finish(context.writers)
            end = time.monotonic()
            self._cluster.wait_healed()
            traffic.end()
            result = self._validate(context)
            result.stall = traffic.model.longest_stall(begin, end)
        self._clear(traffic)
        return result

    def _validate(self, context: FaultContext) -> Result:
        traffic, model = context.traffic, context.traffic.model
        last = observe.mark_end(self._cluster, traffic)
        state = observe.state(self._cluster, last)
        traffic.history.read(last)
        watched = [watcher.wait() for watcher in traffic.watchers]
        lost, wrong = validate_keys(
            self._before | model.values, {*self._before, *model.acknowledged}, state
        )
        other = self._other_findings(context, last, state, watched)
        named = {"lost": lost, "wrong": wrong}
        return Result(
            context.injection.fault,
            acknowledged=traffic.tally.acknowledged + context.acknowledged,
            failed=traffic.tally.failed,
            retries=traffic.tally.retries,
            reads=sum(reader.reads for reader in traffic.readers),
            events=sum(len(each.events) for each in watched),
            expired=sum(len(keeper.lost) for keeper in traffic.keepers),
            lost=len(lost),
            wrong=len(wrong),
            other=len(other),
            findings=[
                f"{what}: {len(keys)} keys, first {first_of(keys)}"
                for what, keys in named.items()
                if keys
            ]
            + other,
        )

    def _other_findings(
        self, context: FaultContext, last: int, state: State, watched: Sequence[Watched]
    ) -> list[str]:
        cluster, traffic, model = self._cluster, context.traffic, context.traffic.model
        prefix = child(traffic.prefix, b"")
        history = traffic.history.watched.events
        known = {*model.values, *_all(traffic.leased.values()), traffic.last_key}
        said_lost = _all(keeper.lost for keeper in traffic.keepers)
        alive = observe.alive_leases(cluster, traffic)
        return [
            *context.findings,
            *traffic.crashes,
            *_idle(traffic),
            *_all(reader.findings for reader in traffic.readers),
            *validate_refused(model.refused(), state),
            *validate_unknown(prefix, known, state),
            *_all(validate_watch(each, history) for each in watched),
            *validate_leases(traffic.leased, alive, said_lost, state),
            *validate_reports(prefix, observe.reports(cluster, traffic), history),
            *validate_members(observe.member_states(cluster, last)),
        ]

    def _clear(self, traffic: Traffic) -> None:
        """Keep the traffic's keys for the next injection, and delete those of the one before."""
        with closing(connect(self._cluster.settings("native"))) as client:
            for lease in traffic.leased:
                if client.time_to_live(lease).ttl > 0:
                    client.revoke(lease)
            if self._prefix_before:
                delete(client, self._cluster.settings("native"), self._prefix_before)
        self._prefix_before = traffic.prefix
        self._before = {key: traffic.model.values[key] for key in traffic.model.acknowledged}


def _idle(traffic: Traffic) -> list[str]:
    """Find parts of the traffic that did nothing, and so prove nothing."""
    done = {
        "write was acknowledged": traffic.tally.acknowledged,
        "key was read": sum(reader.reads for reader in traffic.readers),
        "report was made": sum(len(reporter.reports) for reporter in traffic.reporters),
    }
    return [f"no {what} under load" for what, count in done.items() if not count]


def _all(parts: Iterable[Iterable]) -> list:
    return list(chain.from_iterable(parts))
