"""The bulk writer against real etcds that are killed, limited or full."""

from collections.abc import Callable
from threading import Event

import pytest
from conftest import Etcd

from etcdlab.bulk import MAX_TXN_OPS, BulkWriter, puts_per_request
from etcdlab.errors import UsageError
from etcdlab.gateway import Gateway


def writer(
    etcd: Etcd, *, value_bytes: int = 10, batch: int = 16, timeout: float = 20.0
) -> BulkWriter:
    return BulkWriter(
        connect=lambda worker: Gateway([etcd.url], timeout=5.0),
        item=lambda index: (b"k/%08d" % index, (b"%08d" % index).ljust(value_bytes)),
        workers=4,
        batch=batch,
        timeout=timeout,
        stop=Event(),
    )


def expected(n: int) -> list[tuple[bytes, bytes]]:
    return [(b"k/%08d" % index, (b"%08d" % index).ljust(10)) for index in range(n)]


@pytest.mark.parametrize(("n", "batch"), [(1, 128), (1009, 128), (256, 128), (7, 1)])
def test_all_of_it_is_there(etcd: Etcd, n: int, batch: int) -> None:
    seen: list[int] = []
    outcome = writer(etcd, batch=batch).write(n, seen.append)
    assert (outcome.tally.acknowledged, outcome.tally.failed, outcome.errors) == (n, 0, [])
    assert outcome.tally.bytes == n * 20
    assert seen[-1] == n
    assert etcd.items(b"") == expected(n)


def test_an_etcd_killed_and_started_again_loses_nothing(
    start_etcd: Callable[..., Etcd],
) -> None:
    etcd = start_etcd()
    killed: list[int] = []

    def kill_once(done: int) -> None:
        if done > 500 and not killed:
            etcd.kill()
            etcd.start()
            killed.append(done)

    outcome = writer(etcd).write(20_000, kill_once)
    assert killed and killed[0] < 20_000
    assert (outcome.tally.acknowledged, outcome.tally.failed) == (20_000, 0)
    assert outcome.tally.retries > 0
    assert etcd.items(b"k/") == expected(20_000)


def test_an_etcd_that_stays_away_ends_the_load_with_a_count(
    start_etcd: Callable[..., Etcd],
) -> None:
    etcd = start_etcd()
    loader = writer(etcd, timeout=0.5)
    outcome = loader.write(200_000, lambda done: etcd.kill() if done > 500 else None)
    assert outcome.tally.failed > 0
    assert outcome.tally.acknowledged + outcome.tally.failed <= 200_000
    assert outcome.errors
    etcd.start()
    keys = [key for key, _ in etcd.items(b"k/")]
    # What was sent and never answered may be there as well.
    assert outcome.tally.acknowledged <= len(keys)
    assert len(keys) <= outcome.tally.acknowledged + outcome.tally.failed


def test_a_server_with_a_small_limit_gets_smaller_transactions(
    start_etcd: Callable[..., Etcd],
) -> None:
    etcd = start_etcd("--max-txn-ops=5")
    loader = writer(etcd, batch=128)
    outcome = loader.write(500, lambda done: None)
    assert (outcome.tally.acknowledged, outcome.tally.failed) == (500, 0)
    assert loader.batch <= 5
    assert etcd.items(b"") == expected(500)


def test_a_full_etcd_ends_the_load_at_once(start_etcd: Callable[..., Etcd]) -> None:
    etcd = start_etcd("--quota-backend-bytes=4194304")
    outcome = writer(etcd, value_bytes=50_000).write(1000, lambda done: None)
    assert outcome.tally.acknowledged < 1000
    assert "database space exceeded" in outcome.errors[0]
    assert outcome.tally.retries == 0
    # Native replies end at 4 MiB, so keys are counted by their own names.
    held = [index for index in range(1000) if etcd.items(b"k/%08d" % index)]
    # etcd looks at its size as it carries a batch out: the one that takes it over the
    # quota is refused, and there all the same.
    tally = outcome.tally
    assert tally.acknowledged <= len(held) <= tally.acknowledged + tally.failed


def test_what_fits_into_a_request() -> None:
    assert puts_per_request(10, 20) == MAX_TXN_OPS
    assert puts_per_request(1_000_000, 20) == 1
    with pytest.raises(UsageError, match="a value of 1572864 bytes is more than etcd takes"):
        puts_per_request(1536 * 1024, 20)


def test_the_largest_value_that_is_let_through_is_one_that_etcd_takes(etcd: Etcd) -> None:
    size = 1536 * 1024 - 512 - 32 - 10
    assert puts_per_request(size, 10) == 1
    gateway = Gateway([etcd.url])
    gateway.put_all([(b"k/00000000", b"\xff" * size)])
    assert gateway.range(b"k/00000000").kvs[0].value == b"\xff" * size
    gateway.close()
