"""TLS, users and several endpoints over both transports; etcdctl sets them up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trustme
from etcd_fixture import Etcd
from prefork import Prefork

from etcdlab import ROOT
from etcdlab.client.connect import TRANSPORTS, Settings, connect
from etcdlab.client.tls import Tls
from etcdlab.client.types import Range
from etcdlab.errors import ReplyTooLarge
from etcdlab.keys import prefix_range
from etcdlab.testbed.ports import free_urls

EtcdctlPy = Callable[..., tuple[int, str, str]]


@pytest.fixture
def etcdctl_py(prefork: Prefork) -> EtcdctlPy:
    """Runs etcdctl.py over a transport, with words and variables; status, stdout and stderr."""

    def run(transport: str, *words: str, **variables: str) -> tuple[int, str, str]:
        done = subprocess.run(
            prefork.quick(["etcdctl.py", f"--transport={transport}", *words]),
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_users(start_etcd: Callable[..., Etcd], etcdctl_py: EtcdctlPy, transport: str) -> None:
    etcd = start_etcd()
    at = f"--endpoints={etcd.url}"
    for words in (["user", "add", "root:secret"], ["user", "grant-role", "root", "root"]):
        etcd.etcdctl(*words)
    etcd.etcdctl("auth", "enable")
    assert etcdctl_py(transport, at, "--user=root:secret", "put", "a", "1")[:2] == (0, "OK\n")
    status, printed, _ = etcdctl_py(transport, at, "--user=root", "--password=secret", "get", "a")
    assert (status, printed) == (0, "a\n1\n")
    assert etcdctl_py(transport, at, "get", "a", ETCDCTL_USER="root:secret")[:2] == (0, "a\n1\n")
    status, printed, error = etcdctl_py(transport, at, "--user=root:wrong", "get", "a")
    assert (status, printed) == (2, "")
    assert error == "Error: etcdserver: authentication failed, invalid user ID or password\n"
    status, printed, error = etcdctl_py(transport, at, "get", "a")
    assert (status, printed, error) == (1, "", "Error: etcdserver: user name is empty\n")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_certificates(tls_etcd: tuple[str, Path], etcdctl_py: EtcdctlPy, transport: str) -> None:
    endpoint, certificate = tls_etcd
    https, cacert = f"--endpoints=https://{endpoint}", f"--cacert={certificate}"
    for flags in (
        [https, cacert],
        [f"--endpoints={endpoint}", cacert],
        [https, "--insecure-skip-tls-verify"],
        [f"--endpoints={endpoint}", "--insecure-transport=false", "--insecure-skip-tls-verify"],
    ):
        assert etcdctl_py(transport, *flags, "put", "a", "1") == (0, "OK\n", "")
    for flags in ([https], [f"--endpoints=http://{endpoint}"]):
        status, printed, error = etcdctl_py(transport, *flags, "--dial-timeout=1s", "get", "a")
        assert (status, printed) == (1, "")
        assert error.startswith("Error: ") and error.count("\n") == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_reply_above_the_limit_is_refused_over_tls_too(
    tls_etcd: tuple[str, Path], transport: str
) -> None:
    endpoint, certificate = tls_etcd
    settings = Settings([f"https://{endpoint}"], transport, tls=Tls(str(certificate)))
    with closing(connect(settings)) as client:
        client.put_all([(b"large/%d" % index, b"x" * 1000) for index in range(9)])
        op = Range(*prefix_range(b"large/"), limit=9)
        with pytest.raises(ReplyTooLarge, match="a reply of more than 5000 bytes"):
            client.ask_page(op, 5000)
        assert len(client.ask_page(op, 1 << 20).decode().keys) == 9


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_dead_endpoint_before_a_live_one(
    etcd: Etcd, etcdctl_py: EtcdctlPy, transport: str
) -> None:
    (dead,) = free_urls(1)
    endpoints = f"--endpoints={dead.removeprefix('http://')},{etcd.url}"
    assert etcdctl_py(transport, endpoints, "put", "a", "1") == (0, "OK\n", "")


def test_only_what_is_needed_is_imported(etcd: Etcd) -> None:
    def imported(transport: str, *words: str) -> set[str]:
        command = [sys.executable, "-X", "importtime", ROOT / "py" / "etcdctl.py"]
        flags = [f"--endpoints={etcd.url}", f"--transport={transport}"]
        done = subprocess.run([*command, *flags, *words], capture_output=True, text=True)
        assert done.returncode == 0
        return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

    for transport, words, needed, unneeded in (
        ("gateway", ["get", "a"], {"requests"}, {"grpc", "etcd3", "faker", "tabulate", "tqdm"}),
        ("native", ["get", "a"], {"grpc"}, {"requests", "orjson", "faker", "tabulate"}),
        ("gateway", ["version"], set(), {"requests", "orjson", "grpc", "ssl"}),
    ):
        modules = imported(transport, *words)
        assert needed <= modules
        assert not unneeded & modules


@pytest.fixture(scope="module")
def tls_etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """host:port of an etcd with a certificate, and the path of its authority's."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    files = [f"--{name}-file={folder / name}.pem" for name in ("cert", "key")]
    etcd = Etcd(folder, *files, scheme="https")
    yield f"127.0.0.1:{etcd.port}", folder / "ca.pem"
    etcd.stop()
