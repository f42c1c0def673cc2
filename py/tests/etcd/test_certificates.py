"""Bad certificates are refused over both transports, with a line that says why."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
import trustme
from etcd_fixture import Etcd
from prefork import Prefork
from servers import Server

from etcdlab import ROOT
from etcdlab.client.connect import TRANSPORTS
from etcdlab.testbed.ports import free_urls

Servers = dict[str, str]
Reporter = Callable[..., tuple[int, list[str]]]


def issue(authority: trustme.CA, folder: Path, name: str, host: str, *dates: datetime) -> None:
    """Write a certificate, with these dates if given, and its key: NAME.pem, NAME-key.pem."""
    begin, end, *_ = (*dates, None, None)
    signed = authority.issue_cert(host, not_before=begin, not_after=end)
    signed.private_key_pem.write_to_path(folder / f"{name}-key.pem")
    signed.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of certificates, signed by one authority and by another."""
    folder = tmp_path_factory.mktemp("certificates")
    here, elsewhere = trustme.CA(), trustme.CA()
    here.cert_pem.write_to_path(folder / "ca.pem")
    elsewhere.cert_pem.write_to_path(folder / "other-ca.pem")
    issue(here, folder, "good", "127.0.0.1")
    issue(here, folder, "expired", "127.0.0.1", datetime(2020, 1, 1), datetime(2021, 1, 1))
    issue(here, folder, "early", "127.0.0.1", datetime(2035, 1, 1))
    issue(here, folder, "elsewhere", "etcd.example")
    issue(here, folder, "client", "client@etcd.example")
    issue(elsewhere, folder, "stranger", "client@etcd.example")
    return folder


@pytest.fixture(scope="module")
def servers(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The endpoints of etcds, by the name of their certificate; "plain" has none."""
    with ExitStack() as stack:
        endpoints = {}
        for name, *more in (
            ("good",),
            ("expired",),
            ("early",),
            ("elsewhere",),
            ("picky", "--client-cert-auth", f"--trusted-ca-file={files}/ca.pem"),
            ("plain",),
        ):
            shown = "good" if name == "picky" else name
            pair = [f"--cert-file={files}/{shown}.pem", f"--key-file={files}/{shown}-key.pem"]
            pair = [] if name == "plain" else pair
            etcd = Etcd(
                tmp_path_factory.mktemp(name), *pair, *more,
                scheme="https" if pair else "http",
                client=("--cert", f"{files}/client.pem", "--key", f"{files}/client-key.pem"),
            )  # fmt: skip
            stack.callback(etcd.stop)
            endpoints[name] = f"127.0.0.1:{etcd.port}"
        yield endpoints


@pytest.fixture
def reporter(prefork: Prefork) -> Reporter:
    """Run the reporter with the flags; return its status and lines of stderr."""

    def run(*flags: str) -> tuple[int, list[str]]:
        command = prefork.quick(["etcd_reporter.py", "-prefix=nothing", *flags])
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        return done.returncode, done.stderr.splitlines()

    return run


SHOWN = "-cert={files}/client.pem -key={files}/client-key.pem"
KNOWN = "-cacert={files}/ca.pem"
REFUSED = {
    "another authority": (
        "https://{good} -cacert={files}/other-ca.pem",
        "its certificate is not signed by an authority of {files}/other-ca.pem",
    ),
    "unknown authority": (
        "https://{good}",
        "its certificate is not signed by an authority known to this system: name one with -cacert",
    ),
    "expired": (f"https://{{expired}} {KNOWN}", "its certificate has expired"),
    "not yet valid": (f"https://{{early}} {KNOWN}", "its certificate is not valid yet"),
    "another host": (f"https://{{elsewhere}} {KNOWN}", "its certificate is for another host"),
    "no client certificate": (f"https://{{picky}} {KNOWN}", "wants a client certificate"),
    "a stranger's certificate": (
        f"https://{{picky}} {KNOWN} -cert={{files}}/stranger.pem -key={{files}}/stranger-key.pem",
        "does not take the client certificate {files}/stranger.pem",
    ),
    "http to https": ("http://{good}", "speaks TLS: use https://"),
    "https to http": (f"https://{{plain}} {KNOWN}", "does not speak TLS: use http://"),
}  # fmt: skip


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_line_that_says_why(
    servers: Servers, files: Path, reporter: Reporter, case: str, transport: str
) -> None:
    flags, reason = (text.format(files=files, **servers) for text in REFUSED[case])
    status, lines = reporter(f"-transport={transport}", *f"-endpoints={flags}".split())
    assert (status, len(lines)) == (1, 1), lines
    assert reason in lines[0]


@pytest.fixture
def resetting() -> Iterator[str]:
    """An endpoint that answers HTTP and resets TLS connections, as etcd does on a busy machine,
    where it closes before it has read all that the client sends."""
    server = Server(reset_or_answer)
    yield server.url.removeprefix("http://")
    server.close()


def reset_or_answer(connection: socket.socket) -> None:
    if connection.recv(1 << 16).startswith(b"GET"):
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    else:
        # Without lingering, closing resets the connection.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_reset_in_the_handshake_is_looked_into(
    resetting: str, reporter: Reporter, transport: str
) -> None:
    status, lines = reporter(f"-transport={transport}", f"-endpoints=https://{resetting}")
    assert (status, len(lines)) == (1, 1), lines
    assert "does not speak TLS: use http://" in lines[0]


UNUSABLE = {
    "a key of another pair": (
        "https://{good} -cert={files}/client.pem -key={files}/good-key.pem", "not a pair"
    ),
    "no certificate": ("https://{good} -cacert={files}/good-key.pem", "not a certificate or key"),
    "no file": ("https://{good} -cacert={files}/missing.pem", "missing.pem: No such file"),
    "half a pair": (
        "https://{good} -cert={files}/client.pem", "-cert and --key must be given together"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_files_that_are_no_use_are_wrong_usage(
    servers: Servers, files: Path, reporter: Reporter, case: str
) -> None:
    flags, reason = (text.format(files=files, **servers) for text in UNUSABLE[case])
    status, lines = reporter(*f"-endpoints={flags}".split())
    assert (status, len(lines)) == (2, 1), lines
    assert reason in lines[0]


TAKEN = {
    "an authority": f"https://{{good}} {KNOWN}",
    "no scheme": f"{{good}} {KNOWN}",
    "no questions asked": "https://{good} -insecure-skip-tls-verify",
    "no questions asked of another host": "https://{elsewhere} -insecure-skip-tls-verify",
    "a client certificate": f"https://{{picky}} {KNOWN} {SHOWN}",
    "a client certificate alone": f"https://{{picky}} -insecure-skip-tls-verify {SHOWN}",
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("case", TAKEN)
def test_taken(
    servers: Servers, files: Path, reporter: Reporter, case: str, transport: str
) -> None:
    flags = TAKEN[case].format(files=files, **servers)
    status, lines = reporter(f"-transport={transport}", *f"-endpoints={flags}".split())
    assert (status, lines) == (0, ["etcd_reporter.py: no keys under 'nothing'"])


def test_what_is_wrong_is_not_tried_again(servers: Servers, files: Path) -> None:
    (dead,) = free_urls(1)
    endpoints = f"-endpoints=https://{servers['elsewhere']},{dead.replace('http', 'https')}"
    command = [sys.executable, ROOT / "py" / "etcd_faker.py", "-n=10", endpoints]
    done = subprocess.run(
        [*command, f"-cacert={files}/ca.pem"], capture_output=True, text=True, timeout=10
    )
    assert done.returncode == 1
    assert done.stderr.endswith("its certificate is for another host\n")
