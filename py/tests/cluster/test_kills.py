"""An etcd that is killed again and again under load loses nothing that it acknowledged."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from etcd_fixture import FORGETFUL, Etcd

from etcdlab.client.api import Client
from etcdlab.client.connect import TRANSPORTS, Settings, connect
from etcdlab.dataset.payloads import KINDS, Payloads
from etcdlab.limits import MAX_TXN_OPS
from etcdlab.load.job import DataSetJob
from etcdlab.load.writer import BulkWriter, Outcome, Tally
from etcdlab.scan.verify import Verification, verification_scan

PREFIX = b"kill"


class OverAllTransports(DataSetJob):
    def connect(self, thread: int) -> Client:
        return connect(replace(self.settings, transport=TRANSPORTS[thread % len(TRANSPORTS)]))


class Load:
    """A load of one etcd, from two threads over each transport."""

    def __init__(self, etcd: Etcd, keys: int) -> None:
        self.keys = keys
        self.job = OverAllTransports(
            settings=Settings([etcd.url], timeout=5.0), batch=MAX_TXN_OPS,
            threads=2 * len(TRANSPORTS), timeout=30.0,
            prefix=PREFIX, payloads=Payloads(1, KINDS, 32),
        )  # fmt: skip

    def write(self, indexes: list[int] | range, on_progress: Callable[[Tally], object]) -> Outcome:
        return BulkWriter(self.job, None, Event()).write(indexes, on_progress)

    def verify(self) -> Verification:
        with closing(connect(self.job.settings)) as client:
            check = verification_scan(
                self.job.settings, PREFIX, range(self.keys), self.job.payloads.value
            )
            return Verification(check.read([client], lambda keys, total: None).aggregate)


class Killer(threading.Thread):
    """Kills an etcd and starts it again, at even steps of a load's progress."""

    def __init__(self, etcd: Etcd, keys: int, times: int) -> None:
        super().__init__()
        self._keys, self._times = keys, times
        self.acknowledged = 0
        self.kills = 0
        self.done = Event()
        self._etcd = etcd

    def run(self) -> None:
        while self.kills < self._times and not self.done.wait(0.02):
            if self.acknowledged >= self._keys * (self.kills + 1) // (self._times + 1):
                self.kills += 1
                self._etcd.kill()
                self._etcd.start()

    def see(self, tally: Tally) -> None:
        self.acknowledged = tally.acknowledged


@pytest.mark.parametrize(
    ("keys", "kills"), [(20_000, 2), pytest.param(500_000, 20, marks=pytest.mark.slow)]
)
def test_kills_lose_nothing_that_was_acknowledged(
    start_etcd: Callable[..., Etcd], keys: int, kills: int
) -> None:
    etcd = start_etcd()
    load, killer = Load(etcd, keys), Killer(etcd, keys, kills)
    killer.start()
    outcome = load.write(range(keys), killer.see)
    killer.done.set()
    killer.join()
    assert killer.kills == kills
    assert (outcome.tally.acknowledged, outcome.tally.failed) == (keys, 0)
    assert outcome.tally.retries >= kills

    verification = load.verify()
    assert (verification.different, verification.extra) == (0, 0)
    with closing(connect(load.job.settings)) as client:
        version = client.status().version
    if version not in FORGETFUL:
        assert verification.is_right, (
            f"{verification.missing} keys were acknowledged and are missing"
        )

    outcome = load.write(list(verification.wrong()), lambda tally: None)
    assert outcome.tally.acknowledged == verification.missing
    assert load.verify().is_right
