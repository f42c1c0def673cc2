"""Engines: the same work by processes and by a Dask cluster, whoever dies meanwhile."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from conftest import Etcd

from etcdlab import dispatch, engines
from etcdlab.bulk import Tally
from etcdlab.connect import TRANSPORTS, Settings, connect, connections
from etcdlab.dask_cluster import DaskCluster, dask_cluster
from etcdlab.dispatch import DEATHS, Dispatch
from etcdlab.engines import Engine, check_executor, engine_of, executor_value
from etcdlab.errors import (
    ConnectionLost,
    LabError,
    ReplyTooLarge,
    ServerError,
    Unreachable,
    Untrusted,
    UsageError,
)
from etcdlab.job import Job
from etcdlab.keys import prefix_range
from etcdlab.latency import Latencies
from etcdlab.login import Login
from etcdlab.payloads import KINDS, Payloads
from etcdlab.report import Origin, report_of
from etcdlab.spread_load import MOST_KEYS, Shard, SpreadWriter, runs_of
from etcdlab.spread_scan import spread_survey
from etcdlab.survey import Survey

NAMES = ("processes", "dask")


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    """One in which a task is given up when its worker dies, for others to hand it out again."""
    allowed = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"
    os.environ[allowed] = "0"
    try:
        with dask_cluster(2) as cluster:
            yield cluster
    finally:
        del os.environ[allowed]


@pytest.fixture(params=NAMES)
def engine(request: pytest.FixtureRequest, cluster: DaskCluster) -> Iterator[Engine]:
    """Two workers."""
    name = cluster.executor if request.param == "dask" else request.param
    with engine_of(name, 2) as engine:
        assert engine is not None and engine.workers == 2
        yield engine


def job_on(etcd: Etcd, transport: str = "native", **more: object) -> Job:
    """Puts under p/, of seed 5."""
    plain = Job(Settings([etcd.url], transport), b"p", 5, KINDS, 24, 100, 3, 20.0)
    return Job(**(vars(plain) | more))


def spread(engine: Engine, job: Job, indexes: range | list[int], **more: float) -> SpreadWriter:
    """Does the job for those indexes."""
    return SpreadWriter(engine, job, len(indexes), Event(), **more)


def how_many(etcd: Etcd) -> int:
    """Keys under p/, which may be more than fit into a reply."""
    return len(etcd.etcdctl("get", "p/", "--prefix", "--keys-only").split())


def expected(indexes: range | list[int]) -> list[tuple[bytes, bytes]]:
    """What the keys of seed 5 hold."""
    payloads = Payloads(5, KINDS, 24)
    return [(b"p/%08d" % index, payloads.value(index)) for index in indexes]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_load_is_what_threads_would_have_written(
    etcd: Etcd, engine: Engine, transport: str
) -> None:
    indexes = range(7, 5007)
    shown: list[Tally] = []
    writer = spread(engine, job_on(etcd, transport), indexes)
    outcome = writer.write(indexes, shown.append)
    assert etcd.items(b"p/") == expected(indexes)
    assert outcome.failures == [] and shown[-1] == outcome.tally
    assert outcome.tally.acknowledged == 5000 and outcome.tally.failed == 0
    assert outcome.tally.bytes == sum(len(key) + len(value) for key, value in expected(indexes))
    assert outcome.tally.requests == outcome.latencies.count >= 50
    assert outcome.tally.sent > 0 and outcome.tally.received > 0


def test_what_is_missing_is_written_and_the_rest_deleted(etcd: Etcd, engine: Engine) -> None:
    some = [*range(50), *range(100, 700, 7), 999]
    outcome = spread(engine, job_on(etcd), some).write(some, lambda tally: None)
    assert etcd.items(b"p/") == expected(some)
    etcd.put(b"p/other", b"")
    job = job_on(etcd, is_delete=True)
    deleted = spread(engine, job, some).write(iter(some), lambda tally: None)
    assert deleted.tally.acknowledged == outcome.tally.acknowledged == len(some)
    assert etcd.items(b"p/") == [(b"p/other", b"")]


def test_leases_rates_and_durations(etcd: Etcd, engine: Engine) -> None:
    with closing(connect(Settings([etcd.url]))) as client:
        leases = tuple(client.grant(500).id for _ in range(2))
        job = job_on(etcd, leases=leases, batch=1)
        spread(engine, job, range(40)).write(range(40), lambda tally: None)
        bound = [client.time_to_live(lease, keys=True).keys for lease in leases]
        assert all(bound) and sum(map(len, bound)) == 40
    begin = time.monotonic()
    paced = job_on(etcd, rate=200.0, batch=10)
    spread(engine, paced, range(300)).write(range(300), lambda tally: None)
    assert time.monotonic() - begin > 1.2
    writer = SpreadWriter(engine, job_on(etcd), None, Event(), duration=1.0)
    outcome = writer.write(iter(range(10**9)), lambda tally: None)
    assert 1.0 <= outcome.seconds < 10 and outcome.tally.acknowledged > 0
    assert how_many(etcd) == outcome.tally.acknowledged


def test_no_more_shards_once_stopped(etcd: Etcd, engine: Engine) -> None:
    writer = spread(engine, job_on(etcd), range(10**6))
    outcome = writer.write(range(10**6), lambda tally: tally.acknowledged and writer.stop.set())
    assert 0 < outcome.tally.acknowledged < 10**6
    assert how_many(etcd) == outcome.tally.acknowledged


def test_an_etcd_that_refuses_ends_the_load_and_is_told(
    engine: Engine, start_etcd: Callable[..., Etcd]
) -> None:
    etcd = start_etcd("--quota-backend-bytes=3000000")
    indexes = range(4 * MOST_KEYS)
    outcome = spread(engine, job_on(etcd, timeout=1.0), indexes).write(indexes, lambda tally: None)
    (failure,) = outcome.failures
    assert isinstance(failure.error, ServerError) and failure.error.is_out_of_space
    assert failure.keys == outcome.tally.failed > 0 and len(failure.first) == 3
    # The request that goes beyond the quota is carried out, and refused all the same.
    there, tally = how_many(etcd), outcome.tally
    assert tally.acknowledged <= there <= tally.acknowledged + tally.failed < len(indexes)


def survey_of(etcd: Etcd, prefix: bytes, **more: object) -> Survey:
    """All of a prefix, in small pages."""
    key, end = prefix_range(prefix)
    settings = Settings([etcd.url], "native")
    plain = Survey(settings, prefix, key, end, ("price",), 2, 5, batch=500, readers=2)
    return Survey(**(vars(plain) | more))


@pytest.fixture(scope="module")
def full_etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """One with keys in a row, in clusters with deserts between them, and odd ones."""
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
def test_a_report_is_the_one_of_threads(full_etcd: Etcd, engine: Engine, prefix: bytes) -> None:
    survey = survey_of(full_etcd, prefix)
    counts: list[tuple[int, int]] = []
    with connections(survey.settings, survey.readers) as clients:
        whole = survey.read(clients, lambda keys, total: None)
    parts = spread_survey(engine, survey, lambda *count: counts.append(count))
    assert told(parts.summary) == told(whole.summary)
    assert parts.revision == whole.revision and parts.endpoint == full_etcd.url
    assert sum(keys for keys, _ in counts) == whole.summary.keys
    assert {total for _, total in counts} == {whole.summary.keys}


def told(summary: object) -> object:
    """All that a report says of it."""
    report = report_of(summary, Origin("", "", "", 1, 0.0))  # type: ignore[arg-type]
    del report["taken"]
    return report


def test_a_report_on_a_revision_that_was_compacted(etcd: Etcd, engine: Engine) -> None:
    with closing(connect(Settings([etcd.url]))) as client:
        client.put_all([(b"c/%d" % index, b"") for index in range(100)])
        client.put_all([(b"c/%d" % index, b"x") for index in range(100)])
        revision = client.range(b"c/1").revision
        client.compact(revision)
        with pytest.raises(ServerError) as caught:
            spread_survey(engine, survey_of(etcd, b"c/", revision=revision - 1), lambda *_: None)
    assert caught.value.is_compacted


def kill_one(engine: Engine, cluster: DaskCluster) -> None:
    """End a worker that has something to do."""
    if isinstance(engine, engines.Processes):
        multiprocessing.active_children()[0].kill()
        return
    tasks = cluster.tasks()
    cluster.kill(max(tasks, key=lambda worker: len(tasks[worker])))


def test_tasks_of_a_worker_that_dies_are_carried_out_by_another(
    engine: Engine, cluster: DaskCluster
) -> None:
    naps = iter([0.7, 0.71, 0.72, 0.73])
    killer = Thread(target=lambda: (time.sleep(0.4), kill_one(engine, cluster)))
    begun = []

    def next_nap() -> float | None:
        if len(begun) == 1 and not killer.ident:
            engine.submit(abs, 1).result()  # there are workers
            killer.start()
        begun.append(1)
        return next(naps, None)

    done = [each for each in Dispatch(engine, time.sleep).run(next_nap) if each]
    killer.join()
    assert sorted(done) == [(0.7, None), (0.71, None), (0.72, None), (0.73, None)]
    if isinstance(engine, engines.Dask):
        cluster.add_worker()


def test_a_task_that_kills_every_worker_is_given_up() -> None:
    with engine_of("processes", 1) as engine:
        assert engine is not None
        task = Dispatch(engine, os._exit)
        with pytest.raises(LabError, match=f"workers died {DEATHS + 1} times, and nothing"):
            list(task.run(one_of([3])))
        assert task.unfinished == [3]


def one_of(tasks: list[int]) -> Callable[[], int | None]:
    """Hands out tasks, then none."""
    rest = iter(tasks)
    return lambda: next(rest, None)


def test_without_workers_or_without_a_scheduler_a_load_ends_and_counts_what_it_lost(
    etcd: Etcd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "PATIENCE", 0.3)
    monkeypatch.setattr(engines, "PATIENCE", 1)
    with dask_cluster(1) as cluster:
        with engine_of(cluster.executor) as engine:
            assert engine is not None
            cluster.kill(next(iter(cluster.tasks())))
            writer = spread(engine, job_on(etcd), range(900))
            outcome = writer.write(range(900), lambda tally: None)
        (failure,) = outcome.failures
        assert "has no workers any more" in str(failure.error)
        assert failure.keys == outcome.tally.failed > 0
        assert failure.first == [b"p/00000000", b"p/00000001", b"p/00000002"]
        with pytest.raises(LabError, match="has no workers: start some with 'dask worker'"):
            engine_of(cluster.executor).__enter__()
    with pytest.raises(LabError, match="no scheduler answers"):
        engine_of(cluster.executor).__enter__()


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64])
def test_who_is_no_scheduler_is_found_out(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            for _ in range(2):
                held.append(server.accept()[0])
                held[-1].sendall(reply)

        held: list[socket.socket] = []
        thread = Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(LabError, match="no scheduler answers: start one"):
            engine_of(f"dask://127.0.0.1:{server.getsockname()[1]}").__enter__()
        for connection in held:
            connection.close()


def test_a_worker_without_the_lab_is_told(cluster: DaskCluster) -> None:
    with engine_of(cluster.executor) as engine:
        assert engine is not None
        future = engine.submit(pickle.loads, b"cnowhere\nthing\n.")
        told = engine.explained(future.exception() or OSError())
        assert "a worker has no module nowhere: start it in the lab's venv" in str(told)
        failed = engine.explained(engine.submit(int, "x").exception() or OSError())
        assert str(failed).startswith(f"{cluster.executor}: a worker failed: ValueError: invalid")
        assert not engine.has_died(ValueError()) and not engine.has_died(BrokenProcessPool())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LabError("x"), 1), (UsageError("x"), 2), (Unreachable("http://a:1", "no"), 3),
        (Untrusted("http://a:1", "no"), 1), (ConnectionLost("http://a:1", "gone"), 1),
        (ReplyTooLarge("http://a:1", 5), 1),
        (ServerError("http://a:1", 8, "etcdserver: mvcc: database space exceeded"), 1),
    ],
)  # fmt: skip
def test_an_error_is_the_same_in_another_process(error: LabError, status: int) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and again.status == status
    assert again.with_advice == error.with_advice and vars(again) == vars(error)


def test_latencies_and_logins_travel() -> None:
    here, there = Latencies(), Latencies()
    here.record(0.5)
    there.record(0.002)
    there.record(2.0)
    here.merge(pickle.loads(pickle.dumps(there)))
    assert here.count == 3 and here.maximum == 2.0
    assert here.quantile(0.5) == pytest.approx(0.5, rel=0.02)
    assert len(here.histogram().splitlines()) > 30
    here.record(3.0)
    login = pickle.loads(pickle.dumps(Login("root", "secret")))
    assert (login.name, login.password) == ("root", "secret")


def test_what_travels_is_small(etcd: Etcd) -> None:
    shard = Shard(job_on(etcd), runs_of(range(10**9, 10**9 + MOST_KEYS)), MOST_KEYS)
    assert len(pickle.dumps(shard)) < 1000
    assert [*map(len, runs_of([1, 2, 3, 7, 9, 10]))] == [3, 1, 2] and runs_of([]) == ()


@pytest.mark.parametrize("name", ["thread", "dask", "dask://", "dask://a", "dask://http://a:1",
                                  "dask://a:1/", "dask://a:99999", "tcp://a:1"])  # fmt: skip
def test_what_is_no_engine(name: str) -> None:
    with pytest.raises(ValueError, match="not "):
        executor_value(name)


def test_which_engines_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(executor: str, given: str = "", **settings: object) -> None:
        values = Namespace(executor=executor_value(executor), given={given})
        check_executor(values, Settings(["http://127.0.0.1:2379"], **settings))  # type: ignore[arg-type]

    login = Login("root", "secret")
    check("processes", "workers", login=login)
    check("dask://localhost:1", login=login)
    check("dask://far:1", login=login, plain_password=True)
    check("dask://far:1")
    with pytest.raises(UsageError, match="dask://far:1: the password would go there in plain"):
        check("dask://far:1", login=login)
    for name in ("threads", "dask://a:1"):
        with pytest.raises(UsageError, match="-workers: of -executor=processes"):
            check(name, "workers")
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="-executor=dask://a:1 needs Dask: run 'make dask'"):
        check("dask://a:1")


def test_workers_end_with_whoever_started_them(tmp_path: Path) -> None:
    """Not even kill -9 leaves a process behind."""
    script = (
        "import json, os, sys, time\n"
        "from etcdlab.engines import engine_of\n"
        "if __name__ == '__main__':\n"
        "    with engine_of('processes', 2) as engine:\n"
        "        pids = {engine.submit(os.getpid).result() for _ in range(50)}\n"
        "        print(json.dumps(sorted(pids)), flush=True)\n"
        "        engine.submit(time.sleep, 600)\n"
        "        os.kill(os.getpid(), 9)\n"
    )
    (tmp_path / "main.py").write_text(script)
    package = Path(engines.__file__).resolve().parents[1]
    environment = os.environ | {"PYTHONPATH": str(package)}
    done = subprocess.run(
        [sys.executable, tmp_path / "main.py"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == -9 and done.stderr == ""
    deadline = time.monotonic() + 10
    for pid in json.loads(done.stdout):
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
