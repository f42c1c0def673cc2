"""No script touches a key outside its prefix, however near that key is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import etcd3
import pytest
from etcd_fixture import Etcd, etcd_folder
from prefork import Prefork

from etcdlab import ROOT
from etcdlab.client.connect import TRANSPORTS

# What the scripts write under; p and p\xff try the ends of byte ranges.
PREFIXES = (
    b"p",
    b"p\xff",
    b"datasets",
    b"datasets/loadtest",
    b"walk",
    b"compare",
    b"bench",
    b"bench/faker",
    b"bench/report",
    b"bench/executors",
    b"dask-demo",
)
KEYS_AT_THE_EDGES = (
    b"\x00",
    b"\x00\x00",
    b"\x01",
    b"/",
    b"//",
    b"0",
    b"\xfe",
    b"\xff",
    b"\xff\xff",
)
LEASE_SECONDS = 3600
PUTS = 100  # in a transaction

Fences = dict[bytes, tuple[bytes, int, int, int, int]]


def around(prefix: bytes) -> list[bytes]:
    """Return keys just before and after those under `prefix/`, and lookalikes."""
    before_last, last = prefix[:-1], prefix[-1]
    lookalikes = (
        prefix.upper(),
        prefix.title(),
        b"/" + prefix + b"/x",
        b" " + prefix,
        b"x" + prefix,
    )
    ends = [b"", b"\x00", b"-1", b".", b".\xff", b"0", b"00", b"\xff", b"-", b"s", b"s/00000000"]
    neighbours = [before_last + bytes([last - 1]) + b"\xff", before_last or b"o"]
    if last < 0xFF:
        neighbours.append(before_last + bytes([last + 1]))
    return [*neighbours, *lookalikes, *(prefix + end for end in ends)]


def put_up(etcd: Etcd) -> Fences:
    """Write keys around every prefix, some with a lease; return them as etcd holds them."""
    keys = {*KEYS_AT_THE_EDGES, *(key for prefix in PREFIXES for key in around(prefix))}
    with etcd3.client(port=etcd.port) as client:
        lease = client.lease(LEASE_SECONDS)
        numbered = list(enumerate(sorted(keys)))
        for some in (numbered, numbered[::2]):  # every other one twice
            puts = [
                client.transactions.put(key, b"fence %d" % number, lease if number % 3 else None)
                for number, key in some
            ]
            for begin in range(0, len(puts), PUTS):
                client.transaction([], puts[begin : begin + PUTS], [])
    return {key: kv for key, kv in held(etcd).items() if key in keys}


def held(etcd: Etcd) -> Fences:
    """Read all keys with python-etcd3: value, create and mod revision, version, lease."""
    with etcd3.client(port=etcd.port) as client:
        reply = client.get_range_response(b"\x00", b"\x00")
        return {
            kv.key: (kv.value, kv.create_revision, kv.mod_revision, kv.version, kv.lease)
            for kv in reply.kvs
        }


def run(etcd: Etcd, prefork: Prefork, folder: Path, *words: str | bytes) -> int:
    """Run a script, and return its exit status; pytest shows its output if the test fails."""
    script, *flags = words
    environment = os.environ | {
        "ETCD_ENDPOINT": etcd.url,
        "ETCDCTL": str(etcd_folder() / "etcdctl"),
        "STRING_COUNT": "9",
        "JSON_COUNT": "9",
        "BLOB_COUNT": "3",
    }
    command = prefork.quick([os.fsencode(ROOT) + b"/" + os.fsencode(script), *flags])
    return subprocess.run(command, env=environment, cwd=folder, timeout=170).returncode


def faker(prefix: bytes, transport: str) -> list[list[str | bytes]]:
    """Commands that write, verify, delete some keys, write what is missing, and delete all."""
    common = ["py/etcd_faker.py", b"-prefix=" + prefix, f"-transport={transport}", "-c=3"]
    return [
        [*common, "-n=300"],
        [*common, "-n=300", "-verify"],
        [*common, "-n=99", "-start=9", "-delete"],
        [*common, "-n=400", "-resume"],
        [*common, "-n=400", "-delete"],
    ]


def tidy(prefix: bytes, transport: str) -> list[list[str | bytes]]:
    """Commands that write, report, and give the space back."""
    flags = [b"-prefix=" + prefix, f"-transport={transport}"]
    return [
        ["py/etcd_faker.py", "-n=300", *flags],
        ["py/etcd_reporter.py", *flags],
        ["py/etcd_tidy.py", *flags],
    ]


BENCH: list[str | bytes] = ["-runs=1", "-c=1", "-n=200", "-out=bench.json", "-transports=gateway"]
RUNS: dict[str, list[list[str | bytes]]] = {
    **{
        f"{make.__name__} {prefix!r} {transport}": make(prefix, transport)
        for make in (faker, tidy)
        for transport, prefixes in zip(TRANSPORTS, ((b"p", b"p\xff"), (b"p/",)), strict=True)
        for prefix in prefixes
    },
    "load_fake_data.py": [["py/load_fake_data.py"]],
    "load_fake_data.sh": [["scripts/load_fake_data.sh"]],
    "etcd_compare.py": [["py/etcd_compare.py", "-only=values,ranges"]],
    "bench_faker.py": [["py/bench_faker.py", "-seconds=0.2s", *BENCH]],
    "bench_reporter.py": [["py/bench_reporter.py", "-batch=100", *BENCH]],
    "bench_executors.py": [
        ["py/bench_executors.py", "-workers=1", *(flag for flag in BENCH if flag != "-c=1")]
    ],
    "dask_demo.py": [["py/dask_demo.py", "-n=150000", "-transport=native"]],
    "walk_*, by walk_parity.py": [["py/walk_parity.py"]],
}


SLOW = ("bench_executors.py", "dask_demo.py", "walk_*, by walk_parity.py")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in RUNS]
)
def test_keys_beside_the_prefix_stay_as_they_are(
    etcd: Etcd, prefork: Prefork, tmp_path: Path, name: str
) -> None:
    fences = put_up(etcd)
    statuses = [run(etcd, prefork, tmp_path, *words) for words in RUNS[name]]
    after = held(etcd)
    assert {key: after.get(key) for key in fences} == fences
    assert statuses == [0] * len(statuses)
    # Nothing else is left but what the small data sets are.
    others = [key for key in after if key not in fences]
    assert bool(others) == name.startswith("load")
    assert all(key.startswith(b"datasets/") for key in others)


def test_the_prefix_is_all_that_a_reader_sees(etcd: Etcd, prefork: Prefork, tmp_path: Path) -> None:
    put_up(etcd)
    for prefix in (b"p/", b"p\xff/"):
        flags = [b"-prefix=" + prefix, "-o=json"]
        assert run(etcd, prefork, tmp_path, "py/etcd_faker.py", "-n=50", flags[0]) == 0
        expected = sum(key.startswith(prefix) for key in held(etcd))
        script = os.fsencode(ROOT / "py/etcd_reporter.py")
        command = [script, b"-endpoints=" + etcd.url.encode(), *flags]
        printed = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        assert b'"keys": %d' % expected in printed or b'"keys":%d' % expected in printed
