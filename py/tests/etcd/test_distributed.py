"""Loads and scans on an executor do and find what threads do and find."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from threading import Event

import pytest
from etcd_fixture import Etcd

from etcdlab.cli.progress import ScanProgress
from etcdlab.client.connect import TRANSPORTS, Settings, connect, connections
from etcdlab.dataset.keys import runs_of
from etcdlab.dataset.payloads import KINDS, Payloads
from etcdlab.errors import LabError, ServerError
from etcdlab.executor import dask_executor, task_pool
from etcdlab.executor.executors import Executor
from etcdlab.executor.flags import executor_of
from etcdlab.keys import prefix_range
from etcdlab.load.distributed import SHARD_KEYS, DistributedWriter, LoadShard, writer_on
from etcdlab.load.job import DataSetJob
from etcdlab.load.writer import BulkWriter, Tally
from etcdlab.report.document import Origin, Report, build_report
from etcdlab.report.summary import Summary
from etcdlab.scan.aggregate import Scan
from etcdlab.scan.distributed import distributed_scan, run_scan
from etcdlab.scan.verify import Verification, verification_scan


def job_on(etcd: Etcd, transport: str = "native", **more: object) -> DataSetJob:
    """Return a job that puts values of seed 5 under p/."""
    plain = DataSetJob(
        settings=Settings([etcd.url], transport), batch=100, threads=3, timeout=20.0,
        prefix=b"p", payloads=Payloads(5, KINDS, 24),
    )  # fmt: skip
    return DataSetJob(**(vars(plain) | more))


def distributed(
    executor: Executor, job: DataSetJob, indexes: range | list[int], **more: float
) -> DistributedWriter:
    """Return a writer that does the job in shards."""
    return DistributedWriter(executor, job, len(indexes), Event(), **more)


def how_many(etcd: Etcd) -> int:
    """Count the keys under p/, which may not fit into one reply."""
    return len(etcd.etcdctl("get", "p/", "--prefix", "--keys-only").split())


def expected(indexes: range | list[int]) -> list[tuple[bytes, bytes]]:
    """Return the keys of the indexes, with their values of seed 5."""
    payloads = Payloads(5, KINDS, 24)
    return [(b"p/%08d" % index, payloads.value(index)) for index in indexes]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_load_is_what_threads_would_have_written(
    etcd: Etcd, executor: Executor, transport: str
) -> None:
    indexes = range(7, 5007)
    shown: list[Tally] = []
    writer = distributed(executor, job_on(etcd, transport), indexes)
    outcome = writer.write(indexes, shown.append)
    assert etcd.items(b"p/") == expected(indexes)
    assert outcome.failures == [] and shown[-1] == outcome.tally
    assert outcome.tally.acknowledged == 5000 and outcome.tally.failed == 0
    assert outcome.tally.bytes == sum(len(key) + len(value) for key, value in expected(indexes))
    assert outcome.tally.requests == outcome.latencies.count >= 50
    assert outcome.tally.sent > 0 and outcome.tally.received > 0


def test_what_is_missing_is_written_and_the_rest_deleted(etcd: Etcd, executor: Executor) -> None:
    some = [*range(50), *range(100, 700, 7), 999]
    outcome = distributed(executor, job_on(etcd), some).write(some, lambda tally: None)
    assert etcd.items(b"p/") == expected(some)
    etcd.put(b"p/other", b"")
    job = job_on(etcd, payloads=None)
    deleted = distributed(executor, job, some).write(iter(some), lambda tally: None)
    assert deleted.tally.acknowledged == outcome.tally.acknowledged == len(some)
    assert etcd.items(b"p/") == [(b"p/other", b"")]


def test_leases_rates_and_durations(etcd: Etcd, executor: Executor) -> None:
    with closing(connect(Settings([etcd.url]))) as client:
        leases = tuple(client.grant(500).id for _ in range(2))
        job = job_on(etcd, leases=leases, batch=1)
        distributed(executor, job, range(40)).write(range(40), lambda tally: None)
        bound = [client.time_to_live(lease, keys=True).keys for lease in leases]
        assert all(bound) and sum(map(len, bound)) == 40
    begin = time.monotonic()
    paced = job_on(etcd, rate=200.0, batch=10)
    distributed(executor, paced, range(300)).write(range(300), lambda tally: None)
    assert time.monotonic() - begin > 1.2
    writer = DistributedWriter(executor, job_on(etcd), None, Event(), duration=1.0)
    outcome = writer.write(iter(range(10**9)), lambda tally: None)
    assert 1.0 <= outcome.seconds < 10 and outcome.tally.acknowledged > 0
    assert how_many(etcd) == outcome.tally.acknowledged


def test_no_more_shards_once_stopped(etcd: Etcd, executor: Executor) -> None:
    writer = distributed(executor, job_on(etcd), range(10**6))
    outcome = writer.write(range(10**6), lambda tally: tally.acknowledged and writer.stop.set())
    assert 0 < outcome.tally.acknowledged < 10**6
    assert how_many(etcd) == outcome.tally.acknowledged


def test_an_etcd_that_refuses_ends_the_load_and_is_told(
    executor: Executor, start_etcd: Callable[..., Etcd]
) -> None:
    etcd = start_etcd("--quota-backend-bytes=3000000")
    indexes = range(4 * SHARD_KEYS)
    outcome = distributed(executor, job_on(etcd, timeout=1.0), indexes).write(
        indexes, lambda tally: None
    )
    (failure,) = outcome.failures
    assert isinstance(failure.error, ServerError) and failure.error.is_out_of_space
    assert failure.keys == outcome.tally.failed > 0 and len(failure.first) == 3
    # The request that goes beyond the quota is carried out, and refused all the same.
    there, tally = how_many(etcd), outcome.tally
    assert tally.acknowledged <= there <= tally.acknowledged + tally.failed < len(indexes)


def report_scan(etcd: Etcd, prefix: bytes, **more: object) -> Scan[Summary]:
    """Return a scan of a prefix, in small pages."""
    key, end = prefix_range(prefix)
    settings = Settings([etcd.url], "native")
    plain = Scan(settings, key, end, 500, 2, partial(Summary, prefix, ("price",), 2, 5))
    return Scan(**(vars(plain) | more))


@pytest.fixture(scope="module")
def full_etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """Start an etcd with consecutive keys, clusters with gaps between them, and odd keys."""
    etcd = Etcd(tmp_path_factory.mktemp("full"))
    payloads = Payloads(2, KINDS, 9)
    keys = [b"s/%08d" % index for index in range(60_000)]
    keys += [b"s/%09d/%04d" % (index // 900 * 7_654_321, index % 900) for index in range(20_000)]
    keys += [b"s/" + bytes([byte]) for byte in range(256)] + [b"s/", b"s/a\x00", b"r", b"t"]
    with closing(connect(Settings([etcd.url], "native"))) as client:
        items = [(key, payloads.value(index)) for index, key in enumerate(dict.fromkeys(keys))]
        for begin in range(0, len(items), 128):
            client.put_all(items[begin : begin + 128])
    yield etcd
    etcd.stop()


@pytest.mark.parametrize("prefix", [b"s/", b"", b"nothing/", b"s/000000000/"])
def test_a_report_is_the_one_of_threads(full_etcd: Etcd, executor: Executor, prefix: bytes) -> None:
    scan = report_scan(full_etcd, prefix)
    counts: list[tuple[int, int]] = []
    with connections(scan.settings, scan.readers) as clients:
        whole = scan.read(clients, lambda keys, total: None)
    parts = distributed_scan(executor, scan, lambda *count: counts.append(count))
    assert told(parts.aggregate) == told(whole.aggregate)
    assert parts.revision == whole.revision and parts.endpoint == full_etcd.url
    assert sum(keys for keys, _ in counts) == whole.aggregate.keys
    assert {total for _, total in counts} == {whole.aggregate.keys}


@pytest.mark.parametrize("start", [0, 99_990_000])
def test_a_verification_is_the_one_of_threads(etcd: Etcd, executor: Executor, start: int) -> None:
    expected = range(start, start + 30_000)
    job = job_on(etcd)
    distributed(executor, job, expected).write(expected, lambda tally: None)
    gone = [*expected[7:9], *expected[20_000:20_300:3]]
    distributed(executor, job_on(etcd, payloads=None), gone).write(gone, lambda tally: None)
    for key in (b"p/%08d" % expected[77], b"p/other", b"p/1", b"q", b"p"):
        etcd.put(key, b"")
    check = verification_scan(job.settings, b"p", expected, Payloads(5, KINDS, 24).value)
    with connections(job.settings, 2) as clients:
        whole = Verification(check.read(clients, lambda keys, total: None).aggregate)
    parts = Verification(distributed_scan(executor, check, lambda keys, total: None).aggregate)
    assert list(parts.wrong()) == list(whole.wrong()) == sorted([*gone, expected[77]])
    for each in (parts, whole):
        counts = each.right, each.missing, each.different, each.extra
        assert counts == (30_000 - len(gone) - 1, len(gone), 1, 2) and not each.is_right
        assert each.first["extra"] == [b"p/1", b"p/other"]
        assert each.first["missing"] == [b"p/%08d" % index for index in gone[:3]]


def told(summary: Summary) -> Report:
    """Return all that a report says of a summary."""
    report = build_report(summary, Origin("", "", "", 1, 0.0))
    del report["taken"]
    return report


def test_a_report_on_a_revision_that_was_compacted(etcd: Etcd, executor: Executor) -> None:
    with closing(connect(Settings([etcd.url]))) as client:
        client.put_all([(b"c/%d" % index, b"") for index in range(100)])
        client.put_all([(b"c/%d" % index, b"x") for index in range(100)])
        revision = client.range(b"c/1").revision
        client.compact(revision)
        with pytest.raises(ServerError) as caught:
            distributed_scan(
                executor, report_scan(etcd, b"c/", revision=revision - 1), lambda *_: None
            )
    assert caught.value.is_compacted


@pytest.mark.slow
def test_without_workers_or_without_a_scheduler_a_load_ends_and_counts_what_it_lost(
    etcd: Etcd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_pool, "WORKERS_TIMEOUT", 0.3)
    monkeypatch.setattr(dask_executor, "SCHEDULER_TIMEOUT", 1)
    from etcdlab.testbed.dask_cluster import dask_cluster

    with dask_cluster(1) as cluster:
        with executor_of(cluster.executor) as executor:
            cluster.kill(next(iter(cluster.tasks())))
            writer = distributed(executor, job_on(etcd), range(900))
            outcome = writer.write(range(900), lambda tally: None)
        (failure,) = outcome.failures
        assert "has no workers any more" in str(failure.error)
        assert failure.keys == outcome.tally.failed > 0
        assert failure.first == [b"p/00000000", b"p/00000001", b"p/00000002"]
        with pytest.raises(LabError, match="has no workers: start some with 'dask worker'"):
            executor_of(cluster.executor).__enter__()
    with pytest.raises(LabError, match="no scheduler answers"):
        executor_of(cluster.executor).__enter__()


def test_threads_need_no_shards(etcd: Etcd) -> None:
    with executor_of("threads") as executor:
        writer = writer_on(executor, job_on(etcd), 900, Event())
        assert isinstance(writer, BulkWriter)
        writer.write(range(900), lambda tally: None)
        read = run_scan(report_scan(etcd, b"p/"), executor, ScanProgress(is_shown=False))
    assert read.aggregate.keys == 900 and read.endpoint == etcd.url


def test_what_travels_is_small(etcd: Etcd) -> None:
    shard = LoadShard(job_on(etcd), runs_of(range(10**9, 10**9 + SHARD_KEYS)), SHARD_KEYS)
    assert len(pickle.dumps(shard)) < 1000
    assert [*map(len, runs_of([1, 2, 3, 7, 9, 10]))] == [3, 1, 2] and runs_of([]) == []
