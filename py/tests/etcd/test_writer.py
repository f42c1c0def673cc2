"""The bulk writer on real etcds that are killed, limited, full or gone."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

import pytest
from etcd_fixture import Etcd

from etcdlab.client.api import Client
from etcdlab.client.connect import Settings, connect
from etcdlab.client.gateway import Gateway
from etcdlab.client.lease_keeper import LeaseKeeper
from etcdlab.errors import ServerError
from etcdlab.limits import puts_per_request
from etcdlab.load.job import Item, Job
from etcdlab.load.writer import BulkWriter, Tally
from etcdlab.polling import until


@dataclass(frozen=True, kw_only=True)
class Numbers(Job):
    value_bytes: int

    def items(self, indexes: Sequence[int]) -> Sequence[Item]:
        size = self.value_bytes
        return [(b"k/%08d" % index, (b"%08d" % index).ljust(size)) for index in indexes]


class SlowNumbers(Numbers):
    def send(self, client: Client, items: Sequence[Item], thread: int) -> None:
        time.sleep(0.02)
        super().send(client, items, thread)


def writer(
    *etcds: Etcd,
    value_bytes: int = 10,
    batch: int = 16,
    timeout: float = 20.0,
    threads: int = 4,
    rate: float = 0.0,
    duration: float = 0.0,
    job_class: type[Numbers] = Numbers,
) -> BulkWriter:
    settings = Settings([etcd.url for etcd in etcds], timeout=5.0)
    job = job_class(
        settings=settings, batch=batch, threads=threads, timeout=timeout, rate=rate,
        value_bytes=value_bytes,
    )  # fmt: skip
    return BulkWriter(job, None, Event(), duration)


def ignore(tally: Tally) -> None:
    """Ignore the progress."""


def expected(n: int) -> list[tuple[bytes, bytes]]:
    return [(b"k/%08d" % index, (b"%08d" % index).ljust(10)) for index in range(n)]


@pytest.mark.parametrize(("n", "batch"), [(1, 128), (1009, 128), (256, 128), (7, 1)])
def test_all_of_it_is_there(etcd: Etcd, n: int, batch: int) -> None:
    seen: list[int] = []
    outcome = writer(etcd, batch=batch).write(range(n), lambda tally: seen.append(tally.bytes))
    tally = outcome.tally
    assert (tally.acknowledged, tally.failed, outcome.failures) == (n, 0, [])
    assert tally.bytes == seen[-1] == n * 20
    assert tally.requests == outcome.latencies.count == -(-n // batch)
    assert tally.sent > tally.bytes and tally.received > 0
    assert etcd.items(b"") == expected(n)


def test_an_etcd_that_stays_away_ends_the_load_with_a_count(
    start_etcd: Callable[..., Etcd],
) -> None:
    etcd = start_etcd()
    loader = writer(etcd, timeout=0.5)
    outcome = loader.write(
        range(200_000), lambda tally: etcd.kill() if tally.acknowledged > 500 else None
    )
    tally = outcome.tally
    assert tally.failed > 0
    assert tally.failed == sum(failure.keys for failure in outcome.failures)
    assert all(1 <= len(failure.first) <= 3 for failure in outcome.failures)
    etcd.start()
    keys = [key for key, _ in etcd.items(b"k/")]
    # What was sent and never answered may be there as well.
    assert tally.acknowledged <= len(keys) <= tally.acknowledged + tally.failed


def test_a_server_with_a_small_limit_gets_smaller_transactions(
    start_etcd: Callable[..., Etcd],
) -> None:
    etcd = start_etcd("--max-txn-ops=5")
    loader = writer(etcd, batch=128)
    outcome = loader.write(range(500), ignore)
    assert (outcome.tally.acknowledged, outcome.tally.failed) == (500, 0)
    assert loader.batch <= 5
    assert etcd.items(b"") == expected(500)


def test_a_full_etcd_ends_the_load_at_once(start_etcd: Callable[..., Etcd]) -> None:
    etcd = start_etcd("--quota-backend-bytes=4194304")
    outcome = writer(etcd, value_bytes=50_000).write(range(1000), ignore)
    tally = outcome.tally
    assert tally.acknowledged < 1000
    (failure,) = outcome.failures
    assert isinstance(failure.error, ServerError)
    assert "database space exceeded" in str(failure.error)
    assert "make tidy" in failure.error.advice
    assert tally.retries == 0
    # Native replies end at 4 MiB, so keys are counted by their own names.
    held = [index for index in range(1000) if etcd.items(b"k/%08d" % index)]
    # etcd looks at its size as it carries a batch out: the one that takes it over the
    # quota is refused, and there all the same.
    assert tally.acknowledged <= len(held) <= tally.acknowledged + tally.failed


def test_a_worker_leaves_an_endpoint_that_fails_and_comes_back(
    start_etcd: Callable[..., Etcd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etcdlab.client.retry.FIRST_ABSENCE", 0.5)
    monkeypatch.setattr("etcdlab.client.retry.LONGEST_ABSENCE", 1.0)
    one, other = start_etcd(), start_etcd()
    loader = writer(one, other, threads=1, batch=1, rate=200, duration=60)
    phases: list[int] = []

    def watch(tally: Tally) -> None:
        phase = len(phases)
        if phase == 0 and tally.acknowledged > 20:
            one.kill()
        elif phase == 1 and len(other.items(b"k/")) > 100:
            one.start()
        elif phase == 2 and max(one.items(b"k/")) > max(other.items(b"k/")):
            loader.stop.set()
        else:
            return
        phases.append(tally.acknowledged)

    outcome = loader.write(range(10_000), watch)
    assert (len(phases), outcome.tally.failed, outcome.failures) == (3, 0, [])
    held = {key for key, _ in one.items(b"k/")} | {key for key, _ in other.items(b"k/")}
    assert len(held) == outcome.tally.acknowledged < 10_000


def test_a_rate_is_even_and_latency_counts_from_when_a_request_was_due(etcd: Etcd) -> None:
    outcome = writer(etcd, rate=400, batch=4).write(range(400), ignore)
    assert outcome.tally.acknowledged == 400
    assert 0.95 <= outcome.seconds < 3

    slow = writer(etcd, rate=1000, batch=1, threads=1, job_class=SlowNumbers)
    outcome = slow.write(range(50), ignore)
    # Fifty were due within 50 ms; each took 20 ms: the last one waited for the others.
    assert outcome.latencies.maximum > 0.8
    assert 0.3 < outcome.latencies.quantile(0.5) < outcome.latencies.maximum


def test_a_duration_ends_a_load_without_end(etcd: Etcd) -> None:
    outcome = writer(etcd, duration=0.5).write(iter(range(10**9)), ignore)
    assert 0.5 <= outcome.seconds < 3
    assert len(etcd.items(b"k/")) == outcome.tally.acknowledged > 0


@pytest.mark.parametrize("transport", ["gateway", "native"])
def test_keys_on_leases_stay_for_the_load_and_go_after_it(etcd: Etcd, transport: str) -> None:
    settings = Settings([etcd.url], transport)
    with LeaseKeeper(lambda: connect(settings), ttl=2, count=2) as keeper:
        client = connect(settings)
        for worker, lease in enumerate(keeper.ids):
            client.put_all([(b"t/%d" % worker, b"")], lease)
        time.sleep(3.5)
        assert len(etcd.items(b"t/")) == 2 and not keeper.lost
        client.revoke(keeper.ids[0])
        assert until(lambda: keeper.lost, 5) == {keeper.ids[0]}
        with pytest.raises(ServerError, match="lease not found"):
            client.put_all([(b"t/9", b"")], keeper.ids[0])
        client.delete_all([b"t/0", b"t/2"])
        client.close()
    assert until(lambda: not etcd.items(b"t/"), 15) and etcd.leases() == []


def test_what_fits_into_a_request_is_taken(etcd: Etcd) -> None:
    size = 1536 * 1024 - 512 - 32 - 10
    assert puts_per_request(size, 10) == 1
    gateway = Gateway([etcd.url])
    gateway.put_all([(b"k/00000000", b"\xff" * size)])
    assert gateway.range(b"k/00000000").kvs[0].value == b"\xff" * size
    gateway.close()
