"""Members' statistics, and the space that a data set takes."""

import math
import time
from collections.abc import Callable, Sequence

import pytest
from etcd_fixture import Etcd

from etcdlab.client.connect import Settings, connect
from etcdlab.client.member_stats import MemberStats, free_space, quantile, read_member_stats
from etcdlab.dataset.keys import key_of
from etcdlab.dataset.payloads import KINDS, Payloads
from etcdlab.dataset.size_estimate import estimate
from etcdlab.limits import COMMIT_INTERVAL


def test_a_member_before_and_after_some_writes(start_etcd: Callable[..., Etcd]) -> None:
    etcd = start_etcd("--quota-backend-bytes=123456789")
    settings = Settings([etcd.url, "http://127.0.0.1:1"])
    before, nobody = read_member_stats(settings)
    client = connect(settings)
    for index in range(50):
        client.put_all([(b"k%d" % index, b"x" * 100_000)])
    client.close()
    time.sleep(5 * COMMIT_INTERVAL)
    after = read_member_stats(settings)[0]
    assert (after.endpoint, after.quota, after.leader_changes) == (etcd.url, 123456789, 1)
    assert before.db_size is not None and after.db_size is not None
    assert after.db_size > before.db_size + 5_000_000
    assert after.db_size_in_use is not None and after.db_size_in_use <= after.db_size
    assert after.resident_memory is not None and after.resident_memory > 10_000_000
    assert 0 < quantile(before.fsyncs, after.fsyncs, 0.99) < 8
    assert free_space([after]) == 123456789 - after.db_size_in_use
    assert nobody == MemberStats("http://127.0.0.1:1")
    assert free_space([nobody]) is None


def test_quantiles_are_those_of_what_was_added() -> None:
    before = ((0.001, 5), (0.002, 10), (math.inf, 10))
    after = ((0.001, 5), (0.002, 110), (math.inf, 110))
    assert quantile(before, after, 0.5) == pytest.approx(0.0015)
    assert math.isnan(quantile(before, before, 0.5))
    assert math.isnan(quantile(after, before, 0.5))
    slow = ((0.001, 5), (0.002, 10), (math.inf, 99))
    assert quantile(before, slow, 0.99) == 0.002


@pytest.mark.parametrize(("n", "blob_bytes"), [(20_000, 128), (300, 30_000), (1, 1)])
def test_the_estimate_is_near_what_etcd_takes(
    start_etcd: Callable[..., Etcd], n: int, blob_bytes: int
) -> None:
    etcd = start_etcd()
    settings = Settings([etcd.url])
    payloads = Payloads(1, KINDS, blob_bytes)

    def items(indexes: Sequence[int]) -> list[tuple[bytes, bytes]]:
        return [(key_of(b"estimate", index), payloads.value(index)) for index in indexes]

    (before,) = read_member_stats(settings)
    client = connect(settings)
    for begin in range(0, n, 20):
        client.put_all(items(range(begin, min(n, begin + 20))))
    client.close()
    # etcd writes to its file every tenth of a second: a restart makes sure of it.
    etcd.stop()
    etcd.start()
    (after,) = read_member_stats(settings)
    assert before.db_size_in_use is not None and after.db_size_in_use is not None
    taken = after.db_size_in_use - before.db_size_in_use
    assert taken * 0.8 - 20_000 < estimate(items, range(n)) < taken * 1.25 + 20_000
