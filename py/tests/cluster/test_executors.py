"""Executors: which there are, and what happens if one dies or was never there."""

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
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from etcdlab import ROOT
from etcdlab.client.auth import Login
from etcdlab.client.connect import Settings
from etcdlab.errors import (
    ConnectionLost,
    LabError,
    ReplyTooLarge,
    ServerError,
    Unreachable,
    Untrusted,
    UsageError,
)
from etcdlab.executor import dask_executor, flags
from etcdlab.executor.dask_executor import Dask
from etcdlab.executor.executors import Executor
from etcdlab.executor.flags import check_executor, executor_of, executor_value
from etcdlab.executor.task_pool import MAX_DEATHS, TaskPool
from etcdlab.load.latency import Latencies
from etcdlab.polling import until

if TYPE_CHECKING:
    from etcdlab.testbed.dask_cluster import DaskCluster


def kill_one(cluster: DaskCluster | None) -> None:
    """Kill a worker that has tasks: one of the cluster, or else a process of ours."""
    if cluster is None:
        multiprocessing.active_children()[0].kill()
        return
    tasks = cluster.tasks()
    cluster.kill(max(tasks, key=lambda worker: len(tasks[worker])))


def test_tasks_of_a_worker_that_dies_are_carried_out_by_another(
    executor: Executor, request: pytest.FixtureRequest
) -> None:
    is_dask = isinstance(executor, Dask)
    cluster: DaskCluster | None = request.getfixturevalue("cluster") if is_dask else None
    naps = iter([0.7, 0.71, 0.72, 0.73])
    killer = Thread(target=lambda: (time.sleep(0.4), kill_one(cluster)))
    begun = []

    def next_nap() -> float | None:
        if len(begun) == 1 and not killer.ident:
            executor.submit(abs, 1).result()  # there are workers
            killer.start()
        begun.append(1)
        return next(naps, None)

    done = [each for each in TaskPool(executor, time.sleep).run(next_nap) if each]
    killer.join()
    assert sorted(done) == [(0.7, None), (0.71, None), (0.72, None), (0.73, None)]
    if cluster:
        cluster.add_worker()


def test_a_task_that_kills_every_worker_is_given_up() -> None:
    with executor_of("processes", 1) as executor:
        task = TaskPool(executor, os._exit)
        with pytest.raises(LabError, match=f"workers died {MAX_DEATHS + 1} times, and nothing"):
            list(task.run(one_of([3])))
        assert task.unfinished == [3]


def test_a_thread_of_this_process_carries_out_tasks() -> None:
    with executor_of("threads") as executor:
        done = [each for each in TaskPool(executor, abs).run(one_of([-1, 2])) if each]
    assert sorted(done) == [(-1, 1), (2, 2)]


def one_of(tasks: list[int]) -> Callable[[], int | None]:
    """Return a function that returns the tasks one by one, then None."""
    rest = iter(tasks)
    return lambda: next(rest, None)


@pytest.mark.slow
@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64])
def test_who_is_no_scheduler_is_found_out(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_executor, "SCHEDULER_TIMEOUT", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            for _ in range(2):
                held.append(server.accept()[0])
                held[-1].sendall(reply)

        held: list[socket.socket] = []
        thread = Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(LabError, match="no scheduler answers: start one"):
            executor_of(f"dask://127.0.0.1:{server.getsockname()[1]}").__enter__()
        for connection in held:
            connection.close()


@pytest.mark.slow
def test_a_worker_without_the_lab_is_told(cluster: DaskCluster) -> None:
    with executor_of(cluster.executor) as executor:
        future = executor.submit(pickle.loads, b"cnowhere\nthing\n.")
        told = executor.explained(future.exception() or OSError())
        assert "a worker has no module nowhere: start it in the lab's venv" in str(told)
        failed = executor.explained(executor.submit(int, "x").exception() or OSError())
        assert str(failed).startswith(f"{cluster.executor}: a worker failed: ValueError: invalid")
        assert not executor.has_died(ValueError()) and not executor.has_died(BrokenProcessPool())


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
    # One token will do for all tasks of a process.
    assert pickle.loads(pickle.dumps(Login("root", "secret"))) is login


@pytest.mark.parametrize("name", ["thread", "dask", "dask://", "dask://a", "dask://http://a:1",
                                  "dask://a:1/", "dask://a:99999", "tcp://a:1"])  # fmt: skip
def test_what_is_no_executor(name: str) -> None:
    with pytest.raises(ValueError, match="not "):
        executor_value(name)


def test_which_executors_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(executor: str, given: str = "", **settings: object) -> None:
        values = Namespace(executor=executor_value(executor), given={given})
        check_executor(values, Settings(["http://127.0.0.1:2379"], **settings))  # type: ignore[arg-type]

    is_there = True
    monkeypatch.setattr(flags, "find_spec", lambda name: is_there or None)
    login = Login("root", "secret")
    check("processes", "workers", login=login)
    check("dask://localhost:1", login=login)
    check("dask://far:1", login=login, plain_password=True)
    check("dask://far:1")
    with pytest.raises(UsageError, match="dask://far:1: the password would go there in plain"):
        check("dask://far:1", login=login)
    for name in ("threads", "dask://a:1"):
        with pytest.raises(UsageError, match="-workers: only with -executor=processes"):
            check(name, "workers")
    is_there = False
    with pytest.raises(UsageError, match="-executor=dask://a:1 needs Dask: run 'make dask'"):
        check("dask://a:1")


def test_workers_end_with_whoever_started_them(tmp_path: Path) -> None:
    """Not even kill -9 of the parent leaves a process behind."""
    script = (
        "import json, os, sys, time\n"
        "from etcdlab.executor.flags import executor_of\n"
        "if __name__ == '__main__':\n"
        "    with executor_of('processes', 2) as executor:\n"
        "        pids = {executor.submit(os.getpid).result() for _ in range(50)}\n"
        "        print(json.dumps(sorted(pids)), flush=True)\n"
        "        executor.submit(time.sleep, 600)\n"
        "        os.kill(os.getpid(), 9)\n"
    )
    (tmp_path / "main.py").write_text(script)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "py")}
    done = subprocess.run(
        [sys.executable, tmp_path / "main.py"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == -9 and done.stderr == ""
    places = [Path(f"/proc/{pid}") for pid in json.loads(done.stdout)]
    assert until(lambda: not any(place.exists() for place in places), 10)
