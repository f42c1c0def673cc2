"""Nothing that was acknowledged is lost: an etcd killed again and again under load."""

import threading
from collections.abc import Callable
from contextlib import closing
from threading import Event

from conftest import FORGETFUL, Etcd

from etcdlab.bulk import BulkWriter, Outcome, Tally
from etcdlab.connect import TRANSPORTS, Settings, connect
from etcdlab.limits import MAX_TXN_OPS
from etcdlab.payloads import KINDS, Payloads
from etcdlab.verify import Verdict, check_of, keys_of

KEYS = 500_000
KILLS = 20
PREFIX = b"kill"


class Load:
    """Keys on their way into one etcd, from two workers over each transport."""

    def __init__(self, etcd: Etcd) -> None:
        self.payloads = Payloads(1, KINDS, 32)
        self.settings = [Settings([etcd.url], transport, timeout=5.0) for transport in TRANSPORTS]

    def write(self, indexes: list[int] | range, on_progress: Callable[[Tally], object]) -> Outcome:
        return BulkWriter(
            connect=lambda worker: connect(self.settings[worker % len(TRANSPORTS)]),
            items=lambda indexes: list(
                zip(keys_of(PREFIX, indexes), map(self.payloads.value, indexes), strict=True)
            ),
            workers=2 * len(TRANSPORTS),
            batch=MAX_TXN_OPS,
            timeout=30.0,
            stop=Event(),
        ).write(indexes, on_progress)

    def verify(self) -> Verdict:
        with closing(connect(self.settings[0])) as client:
            check = check_of(self.settings[0], PREFIX, range(KEYS), self.payloads.value)
            return Verdict(check.read([client], lambda keys, total: None).found)


class Killer(threading.Thread):
    """Kills an etcd with SIGKILL and starts it again, at even steps of a load's progress."""

    def __init__(self, etcd: Etcd) -> None:
        super().__init__()
        self.acknowledged = 0
        self.kills = 0
        self.done = Event()
        self._etcd = etcd

    def run(self) -> None:
        while self.kills < KILLS and not self.done.wait(0.02):
            if self.acknowledged >= KEYS * (self.kills + 1) // (KILLS + 1):
                self.kills += 1
                self._etcd.kill()
                self._etcd.start()

    def see(self, tally: Tally) -> None:
        self.acknowledged = tally.acknowledged


def test_twenty_kills_lose_nothing_that_was_acknowledged(start_etcd: Callable[..., Etcd]) -> None:
    etcd = start_etcd()
    load, killer = Load(etcd), Killer(etcd)
    killer.start()
    outcome = load.write(range(KEYS), killer.see)
    killer.done.set()
    killer.join()
    assert killer.kills == KILLS
    assert (outcome.tally.acknowledged, outcome.tally.failed) == (KEYS, 0)
    assert outcome.tally.retries >= KILLS

    verdict = load.verify()
    assert (verdict.different, verdict.extra) == (0, 0)
    with closing(connect(load.settings[0])) as client:
        version = client.status().version
    if version not in FORGETFUL:
        assert verdict.is_right, f"{verdict.missing} keys were acknowledged and are missing"

    outcome = load.write(list(verdict.wrong()), lambda tally: None)
    assert outcome.tally.acknowledged == verdict.missing
    assert load.verify().is_right
