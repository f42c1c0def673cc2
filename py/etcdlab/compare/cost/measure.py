"""Measure the cost of the same work over the gateway, with python-etcd3 and with etcdctl."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from etcdlab.compare.cost.counters import Counters, counted
from etcdlab.compare.cost.workloads import KINDS, SIDES, VALUE, Worker, shared_keys
from etcdlab.compare.sides import Sides
from etcdlab.limits import MAX_TXN_OPS

THREADS = (1, 8)
_WARM_UP = 3  # operations of each thread before the measurement
_ETCDCTL_RUNS = 5


@dataclass
class Run:
    """One measurement of one kind of work on one side."""

    seconds: float
    latencies: list[float]
    """In seconds, ascending."""
    used: Counters

    @property
    def ops(self) -> int:
        """The number of operations."""
        return len(self.latencies)

    def quantile(self, share: float) -> float:
        """The latency that a share (0 to 1) of operations did not exceed, in seconds."""
        return self.latencies[min(self.ops - 1, int(share * self.ops))]


@dataclass
class Cost:
    """All runs of one kind of work on one side with a number of threads."""

    kind: str
    side: str
    threads: int
    runs: list[Run] = field(default_factory=list)

    def median(self, figure: Callable[[Run], float]) -> float:
        """The median of a figure over the runs."""
        return median(figure(run) for run in self.runs)

    @property
    def rate(self) -> float:
        """Operations per second."""
        return self.median(lambda run: run.ops / run.seconds)

    @property
    def spread(self) -> float:
        """The range of the runs' rates, as a fraction of their median."""
        rates = [run.ops / run.seconds for run in self.runs]
        return (max(rates) - min(rates)) / self.rate

    def per_op(self, figure: Callable[[Counters], float]) -> float:
        """The median of a counter per operation."""
        return self.median(lambda run: figure(run.used) / run.ops)


@dataclass
class EtcdctlCost:
    """Seconds of one etcdctl process per operation, and of one that prints its version."""

    start_up: float
    seconds: dict[str, float]


@dataclass
class Costs:
    """All costs. `noise` is the range of the times of the same arithmetic in every round, as a
    fraction of their median."""

    works: list[Cost]
    etcdctl: EtcdctlCost
    noise: float


def measure(sides: Sides, rounds: int, seconds: float, on_run: Callable[[], object]) -> Costs:
    """Measure all works in turn, `rounds` times, each for `seconds`; call `on_run` after each."""
    costs = [Cost(kind, side, c) for kind in KINDS for c in THREADS for side in SIDES]
    noise: list[float] = []
    with _open_workers(sides) as all_workers:
        for _ in range(rounds):
            noise.append(_arithmetic())
            for cost in costs:
                workers = all_workers[cost.side, cost.threads]
                cost.runs.append(_run(sides, workers, KINDS[cost.kind], seconds))
                on_run()
    return Costs(costs, _etcdctl(sides), (max(noise) - min(noise)) / median(noise))


@contextmanager
def _open_workers(sides: Sides) -> Iterator[dict[tuple[str, int], list[Worker]]]:
    """Yield the workers by (side, threads); the keys that they share are written first."""
    shared = sides.key("shared")
    for key in shared_keys(shared):
        sides.put(key, VALUE)
    number = count()
    with ExitStack() as stack:
        all_workers = {}
        for name, kind in SIDES.items():
            for threads in THREADS:
                workers = [
                    kind(sides.settings, sides.key(f"cost/{next(number)}"), shared)
                    for _ in range(threads)
                ]
                for worker in workers:
                    stack.callback(worker.close)
                all_workers[name, threads] = workers
        yield all_workers


def _run(
    sides: Sides, workers: Sequence[Worker], op: Callable[[Worker], None], seconds: float
) -> Run:
    for worker in workers:
        for _ in range(_WARM_UP):
            op(worker)
    with ThreadPoolExecutor(len(workers)) as executor, counted(sides.settings) as used:
        begin = time.perf_counter()
        latencies = list(executor.map(lambda worker: _repeat(worker, op, begin + seconds), workers))
        took = time.perf_counter() - begin
    return Run(took, sorted(each for one in latencies for each in one), used[0])


def _repeat(worker: Worker, op: Callable[[Worker], None], until: float) -> list[float]:
    """Repeat an operation until `until`, at least once; return the latencies in seconds."""
    latencies: list[float] = []
    now = time.perf_counter()
    while not latencies or now < until:
        op(worker)
        after = time.perf_counter()
        latencies.append(after - now)
        now = after
    return latencies


def _etcdctl(sides: Sides) -> EtcdctlCost:
    key = sides.key("etcdctl")
    puts = b"".join(b"put %b%03d %b\n" % (key, index, VALUE) for index in range(MAX_TXN_OPS))
    put, get, ranged, txn, _ = KINDS
    commands: dict[str, tuple[tuple[str | bytes, ...], bytes]] = {
        put: (("put", key, VALUE), b""),
        get: (("get", key), b""),
        ranged: (("get", sides.key("shared/"), "--prefix"), b""),
        txn: (("txn",), b"\n" + puts + b"\n\n"),
    }

    def seconds(words: tuple[str | bytes, ...], stdin: bytes = b"") -> float:
        begin = time.perf_counter()
        sides.etcdctl.run(*words, stdin=stdin)
        return time.perf_counter() - begin

    def middle(words: tuple[str | bytes, ...], stdin: bytes = b"") -> float:
        return median(seconds(words, stdin) for _ in range(_ETCDCTL_RUNS))

    return EtcdctlCost(
        middle(("version",)), {kind: middle(*command) for kind, command in commands.items()}
    )


def _arithmetic() -> float:
    """Seconds that a fixed computation takes."""
    begin = time.perf_counter()
    sum(index * index for index in range(300_000))
    return time.perf_counter() - begin
