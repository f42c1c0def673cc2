"""Arbitrary keys and values through etcdctl.py, on both transports; etcdctl is the witness."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from etcd_fixture import Etcd
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from etcdlab.etcdctl.dispatch import dispatch

PLACE = b"any/"
MIB = 1024 * 1024


def run(etcd: Etcd, transport: str, *words: bytes, stdin: bytes = b"") -> bytes:
    """etcdctl.py's stdout, in this process: words may hold NUL here."""
    stdout = io.TextIOWrapper(io.BytesIO())
    arguments = [f"--endpoints={etcd.url}", f"--transport={transport}", *map(os.fsdecode, words)]
    with (
        patch.object(sys, "stdout", stdout),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
    ):
        assert dispatch(arguments, "") == 0
    stdout.flush()
    return stdout.buffer.getvalue()


def witness(etcd: Etcd) -> bytes:
    return etcd.etcdctl("get", PLACE, "--prefix", "-w", "json").encode()


@pytest.fixture(scope="module", params=["gateway", "native"])
def transport(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.dictionaries(st.binary(max_size=40), st.binary(max_size=200), min_size=1, max_size=4)
)
@example(pairs={b"\x00": b"\x00", b"\n": b"\n", b"\xff": b"\xff\xfe", b"-": b"-", b"": b""})
@example(pairs={b"large": bytes(range(256)) * (MIB // 256)})
def test_put_get_del(etcd: Etcd, transport: str, pairs: dict[bytes, bytes]) -> None:
    for key, value in pairs.items():
        words = [b"put", b"--", PLACE + key] + ([] if value else [b""])
        assert run(etcd, transport, *words, stdin=value) == b"OK\n"
    expected = witness(etcd)
    kvs = json.loads(expected)["kvs"]
    assert len(kvs) == len(pairs)
    assert run(etcd, transport, b"get", PLACE, b"--prefix", b"-w", b"json") == expected
    deleted = run(etcd, transport, b"del", PLACE, b"--prefix", b"--prev-kv", b"-w", b"json")
    assert json.loads(deleted)["deleted"] == len(pairs)
    assert json.loads(deleted)["prev_kvs"] == kvs
    assert "kvs" not in json.loads(witness(etcd))
