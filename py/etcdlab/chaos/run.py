"""One cluster, and the faults that it goes through: each under load, each judged."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain

from etcdlab.chaos import observe as evidence
from etcdlab.chaos.cluster import Cluster
from etcdlab.chaos.faults.context import FaultContext
from etcdlab.chaos.faults.registry import FAULTS
from etcdlab.chaos.schedule import Injection
from etcdlab.chaos.traffic import Load
from etcdlab.chaos.validate import (
    first_of,
    validate_keys,
    validate_leases,
    validate_members,
    validate_refused,
    validate_reports,
    validate_unknown,
    validate_watch,
)
from etcdlab.client.connect import connect
from etcdlab.dataset.payloads import Payloads
from etcdlab.keys import child
from etcdlab.scan.reclaim import delete


@dataclass
class Result:
    """What one injection did. `findings` are all that is not as it had to be, in words;
    `other` is how many of them are about other things than lost and wrong keys, `expired` how
    many leases their keepers said were lost."""

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
    """Injections into one cluster. Each finds the keys of the one before it."""

    def __init__(self, cluster: Cluster, payloads: Payloads) -> None:
        self.version = cluster.version
        self._cluster = cluster
        self._payloads = payloads
        self._before: dict[bytes, bytes] = {}
        self._place_before = b""

    def run(self, injection: Injection, place: bytes, seconds: float) -> Result:
        """Inject the fault under a load of so many seconds, with its keys under `place`; heal,
        and judge. LabError when the cluster does not heal."""
        with Load(self._cluster, place, self._payloads) as load:
            begin = time.monotonic()
            stage = FaultContext(self._cluster, load, injection, load.write(seconds))
            time.sleep(injection.delay)
            FAULTS[injection.fault].inject(stage)
            load.finish(stage.writers)
            end = time.monotonic()
            self._cluster.wait_healed()
            load.end()
            result = self._judge(stage)
            result.stall = load.model.longest_stall(begin, end)
        self._clear(load)
        return result

    def _judge(self, stage: FaultContext) -> Result:
        cluster, load, model = self._cluster, stage.load, stage.load.model
        last = evidence.mark_end(cluster, load)
        state = evidence.state(cluster, last)
        load.history.read(last)
        history = load.history.watched.events
        watched = [watcher.wait() for watcher in load.watchers]
        lost, wrong = validate_keys(
            self._before | model.values, {*self._before, *model.acknowledged}, state
        )
        place = child(load.prefix, b"")
        known = {*model.values, *_all(load.leased.values()), load.last_key}
        said_lost = _all(keeper.lost for keeper in load.keepers)
        other = [
            *stage.findings,
            *load.crashes,
            *_idle(load),
            *_all(reader.findings for reader in load.readers),
            *validate_refused(model.refused(), state),
            *validate_unknown(place, known, state),
            *_all(validate_watch(each, history) for each in watched),
            *validate_leases(load.leased, evidence.alive_leases(cluster, load), said_lost, state),
            *validate_reports(place, evidence.reports(cluster, load), history),
            *validate_members(evidence.member_states(cluster, last)),
        ]
        named = {"lost": lost, "wrong": wrong}
        return Result(
            stage.injection.fault,
            acknowledged=load.tally.acknowledged + stage.acknowledged,
            failed=load.tally.failed,
            retries=load.tally.retries,
            reads=sum(reader.reads for reader in load.readers),
            events=sum(len(each.events) for each in watched),
            expired=len(said_lost),
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

    def _clear(self, load: Load) -> None:
        """Keep the load's keys for the next one to find, and delete those before them."""
        with closing(connect(self._cluster.settings("native"))) as client:
            for lease in load.leased:
                if client.time_to_live(lease).ttl > 0:
                    client.revoke(lease)
            if self._place_before:
                delete(client, self._cluster.settings("native"), self._place_before)
        self._place_before = load.prefix
        self._before = {key: load.model.values[key] for key in load.model.acknowledged}


def _idle(load: Load) -> list[str]:
    """Parts of a load that did nothing, and so prove nothing."""
    done = {
        "write was acknowledged": load.tally.acknowledged,
        "key was read": sum(reader.reads for reader in load.readers),
        "report was made": sum(len(reporter.reports) for reporter in load.reporters),
    }
    return [f"no {what} under load" for what, count in done.items() if not count]


def _all(parts: Iterable[Iterable]) -> list:
    return list(chain.from_iterable(parts))
