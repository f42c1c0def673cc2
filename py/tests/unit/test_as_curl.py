"""etcdctl.py --as-curl: the curl line of a command's request; nothing is sent."""

from __future__ import annotations

import io
import sys

import pytest

from etcdlab.etcdctl.dispatch import dispatch

HOST = "http://127.0.0.1:1"
TXN = 'mod("k") = "0"\n\nput k v\n\nget k\n\n'
TXN_BODY = (
    '{"compare":[{"target":"MOD","key":"aw==","result":"EQUAL","mod_revision":0}],'
    '"success":[{"request_put":{"key":"aw==","value":"dg=="}}],'
    '"failure":[{"request_range":{"key":"aw=="}}]}'
)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACERT", "CERT", "KEY", "USER", "PASSWORD", "ENDPOINTS"):
        monkeypatch.delenv(f"ETCDCTL_{name}", raising=False)


def as_curl(
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    *words: str,
    stdin: str = "",
) -> str:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
    assert dispatch(["--as-curl", f"--endpoints={HOST}", *words], "") == 0
    return capsysbinary.readouterr().out.decode()


@pytest.mark.parametrize(
    ("line", "request_line"),
    [
        ("put k v --lease=7f", 'kv/put {"key":"aw==","value":"dg==","lease":127}'),
        ("get a --prefix --limit=3", 'kv/range {"key":"YQ==","range_end":"Yg==","limit":3}'),
        ("del a b --range", 'kv/deleterange {"key":"YQ==","range_end":"Yg=="}'),
        ("compaction 5", 'kv/compaction {"revision":5}'),
        ("lease grant 5", 'lease/grant {"TTL":5}'),
        ("lease revoke 7f", 'lease/revoke {"ID":127}'),
        ("lease timetolive 7f --keys", 'lease/timetolive {"ID":127,"keys":true}'),
        ("lease keep-alive --once 7f", 'lease/keepalive {"ID":127}'),
        ("lease list", "lease/leases {}"),
        ("endpoint status", "maintenance/status {}"),
        ("endpoint health", 'kv/range {"key":"aGVhbHRo"}'),
        ("member list", 'cluster/member/list {"linearizable":true}'),
    ],
)
def test_a_command_is_one_curl_command(
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    line: str,
    request_line: str,
) -> None:
    path, body = request_line.split(" ", 1)
    printed = as_curl(monkeypatch, capsysbinary, *line.split())
    assert printed == f"curl -sS {HOST}/v3/{path} -d '{body}'\n"


def test_stdin_is_read_as_the_command_reads_it(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    put = as_curl(monkeypatch, capsysbinary, "put", "k", stdin="a\n")
    assert put.endswith("""kv/put -d '{"key":"aw==","value":"YQo="}'\n""")
    txn = as_curl(monkeypatch, capsysbinary, "txn", stdin=TXN)
    assert txn == f"curl -sS {HOST}/v3/kv/txn -d '{TXN_BODY}'\n"


def test_a_watch_ends_by_itself(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert as_curl(monkeypatch, capsysbinary, "watch", "k", "--rev=4") == (
        f"curl -sS -N --max-time 2 {HOST}/v3/watch"
        """ -d '{"create_request":{"key":"aw==","start_revision":4}}'\n"""
    )


def test_no_password_is_asked_for_and_no_certificate_is_read(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("ETCDCTL_USER", "alice")
    monkeypatch.setenv("ETCDCTL_CACERT", "/no such/ca.pem")
    printed = as_curl(monkeypatch, capsysbinary, "get", "k")
    assert printed.startswith(
        """curl -sS --cacert '/no such/ca.pem' -H "Authorization: $TOKEN" http://127.0.0.1:1/"""
    )


def test_what_sends_nothing_is_run(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert as_curl(monkeypatch, capsysbinary, "version").startswith("etcdctl version: 3.7")
