"""Users, passwords and tokens: asked for, kept secret, renewed."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from etcd_fixture import Etcd
from prefork import Prefork

from etcdlab import ROOT
from etcdlab.client.api import Client
from etcdlab.client.auth import Login
from etcdlab.client.connect import TRANSPORTS, Settings, connect
from etcdlab.client.types import Watch
from etcdlab.errors import ServerError

PASSWORD = "open sesame"
SCRIPTS = sorted(
    path.name
    for path in (ROOT / "py").glob("*.py")
    if "add_connection" in path.read_text() or "walk_with" in path.read_text()
)
Script = Callable[..., tuple[int, str, str]]

TTL = 2  # seconds that a token is good for


def with_users(etcd: Etcd) -> Etcd:
    """Add a root user, and alice, who may read and write under mine/."""
    for words in (
        ["user", "add", f"root:{PASSWORD}"], ["user", "grant-role", "root", "root"],
        ["user", "add", f"alice:{PASSWORD}"], ["role", "add", "mine"],
        ["role", "grant-permission", "mine", "readwrite", "mine/", "--prefix"],
        ["user", "grant-role", "alice", "mine"], ["auth", "enable"],
    ):  # fmt: skip
        etcd.etcdctl(*words)
    return etcd


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """An etcd with users, whose tokens expire."""
    folder = tmp_path_factory.mktemp("users")
    key = rsa.generate_private_key(65537, 2048)
    (folder / "token-key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    (folder / "token.pem").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    keys = f"pub-key={folder}/token.pem,priv-key={folder}/token-key.pem"
    etcd = Etcd(folder, f"--auth-token=jwt,{keys},sign-method=RS256,ttl={TTL}s", "--bcrypt-cost=4")
    yield with_users(etcd)
    etcd.stop()


def script(name: str, *flags: str, stdin: str = "", **variables: str) -> tuple[int, str, str]:
    """Run a script without a terminal; return status, stdout and stderr."""
    return run([sys.executable, str(ROOT / "py" / name), *flags], stdin, variables)


@pytest.fixture
def quick_script(prefork: Prefork) -> Script:
    """Run scripts as script() does, without the start of an interpreter."""
    return lambda *words: run(prefork.quick(words))


def run(
    command: Sequence[str | bytes], stdin: str = "", variables: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    done = subprocess.run(
        command,
        env=os.environ | (variables or {}),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
    )
    return done.returncode, done.stdout, done.stderr


def logins(etcd: Etcd) -> int:
    """Return how many tokens were asked for."""
    page = requests.get(f"{etcd.url}/metrics", timeout=5).text
    found = re.findall(r'^grpc_server_handled_total.*"Authenticate".* (\d+)$', page, re.M)
    return sum(map(int, found))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_token_that_expires_is_renewed_once_for_all_threads(
    guarded: Etcd, transport: str
) -> None:
    before = logins(guarded)
    flags = [f"-endpoints={guarded.url}", f"-transport={transport}", "-user=root", "-o=json"]
    status, printed, _ = script(
        "etcd_faker.py", *flags, "-duration=7s", "-rate=2000", "-c=8", f"-prefix={transport}",
        ETCDCTL_PASSWORD=PASSWORD,
    )  # fmt: skip
    report = json.loads(printed)
    assert (status, report["failed"], report["retries"]) == (0, 0, 0)
    assert report["acknowledged"] == len(guarded_keys(guarded, transport)) > 5000
    # One at the start, then one each time it has expired. That is a whole second by etcd's
    # clock, so a token may be good for a second less than it says.
    assert 7 // TTL <= logins(guarded) - before <= 7 // (TTL - 1) + 2


def guarded_keys(etcd: Etcd, prefix: str) -> list[bytes]:
    """Return the keys under a prefix, as root reads them."""
    client = connect(Settings([etcd.url], login=Login("root", PASSWORD)))
    found = client.range(f"{prefix}/".encode(), f"{prefix}0".encode(), keys_only=True)
    return [kv.key for kv in found.kvs]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_request_outlives_its_token(guarded: Etcd, transport: str) -> None:
    login = Login("root", PASSWORD)
    client = connect(Settings([guarded.url], transport, login=login))
    lease = client.grant(60).id
    for request in (
        lambda: client.put_all([(b"k", b"v")]),
        lambda: client.range(b"k"),
        lambda: client.keep_alive(lease),
        lambda: client.status(),
        lambda: client.defragment(),
        lambda: client.delete_all([b"k"]),
        lambda: client.revoke(lease),
        lambda: created(client),
    ):
        client._use("stale")
        login._token = "stale"
        request()
    client.close()


def created(client: Client) -> None:
    """Start a watch; fail unless it is permitted."""
    events = client.watch(Watch(b"k"))
    reply = next(events)
    assert reply.created and not reply.canceled
    events.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_who_may_not_read_everything_may_watch_his_own(guarded: Etcd, transport: str) -> None:
    client = connect(Settings([guarded.url], transport, login=Login("alice", PASSWORD)))
    events = client.watch(Watch(b"mine/k"))
    assert not next(events).canceled
    events.close()
    client.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_whoever_may_do_little_is_told_as_much_of_the_server(
    guarded: Etcd, quick_script: Script, transport: str
) -> None:
    # In 3.5.28 to 3.5.31 and 3.6.0 to 3.6.11 only root may ask for a member's status.
    flags = [f"-endpoints={guarded.url}", f"-transport={transport}", "-o=json"]
    for user in ("root", "alice"):
        user_flags = [*flags, f"-user={user}:{PASSWORD}", "-prefix=mine/"]
        status, printed, _ = quick_script("etcd_faker.py", *user_flags, "-n=10")
        (member,) = json.loads(printed)["members"]
        assert status == 0 and all(member["db_size"].values())
        status, printed, _ = quick_script("etcd_reporter.py", *user_flags)
        assert status == 0 and json.loads(printed)["etcd"].startswith("3.")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_wrong_password_or_a_missing_permission_is_one_line_and_tried_once(
    guarded: Etcd, quick_script: Script, transport: str
) -> None:
    flags = [f"-endpoints={guarded.url}", f"-transport={transport}", "-n=1000"]
    before = logins(guarded)
    status, printed, error = quick_script("etcd_faker.py", *flags, "-user=root:wrong")
    assert (status, printed) == (1, "")
    assert error.count("\n") == 1
    assert "authentication failed, invalid user ID or password" in error
    assert logins(guarded) - before == 1
    status, printed, error = quick_script("etcd_faker.py", *flags, f"-user=alice:{PASSWORD}")
    assert status == 1 and error.count("\n") == 1
    assert "permission denied" in error and "-prefix" not in error
    assert quick_script("etcd_faker.py", *flags, f"-user=alice:{PASSWORD}", "-prefix=mine")[0] == 0


@pytest.mark.parametrize("name", [*SCRIPTS, "etcdctl.py"])
def test_no_password_goes_in_plain_text_to_another_machine(quick_script: Script, name: str) -> None:
    words = ["get", "a"] if name == "etcdctl.py" else []
    # The host does not exist, so that a failure sends the password nowhere.
    flags = ["--endpoints=http://etcd.invalid:2379", f"--user=root:{PASSWORD}"]
    status, printed, error = quick_script(name, *flags, *words)
    assert (status, printed) == (128 if name == "etcdctl.py" else 2, "")
    assert error.count("\n") == 1 and "plain text" in error and PASSWORD not in error
    status, _, error = quick_script(name, *flags, "--insecure-transport", *words)
    assert status in (1, 2, 3) and "plain text" not in error


@pytest.mark.parametrize("name", ["etcd_reporter.py", "etcdctl.py"])
def test_a_password_is_asked_for_on_the_terminal_unseen(guarded: Etcd, name: str) -> None:
    flags = ["get", "a"] if name == "etcdctl.py" else []
    child, terminal = pty.fork()
    if child == 0:
        command = [sys.executable, str(ROOT / "py" / name), f"--endpoints={guarded.url}"]
        os.execv(sys.executable, [*command, "--user=root", *flags])
    shown = read_until(terminal, b"Password: ")
    os.write(terminal, f"{PASSWORD}\n".encode())
    shown += read_until(terminal, b"\0")
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert PASSWORD.encode() not in shown


def read_until(terminal: int, end: bytes) -> bytes:
    """Return what the terminal shows until `end`, or until there is no more."""
    shown = b""
    while end not in shown:
        try:
            piece = os.read(terminal, 1024)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    return shown


def test_without_a_terminal_the_password_is_a_line_of_stdin_or_a_variable(guarded: Etcd) -> None:
    flags = [f"-endpoints={guarded.url}", "-user=root", "-prefix=nothing"]
    assert script("etcd_reporter.py", *flags, stdin=f"{PASSWORD}\n")[0] == 0
    assert script("etcd_reporter.py", *flags, ETCDCTL_PASSWORD=PASSWORD)[0] == 0
    status, printed, error = script("etcd_reporter.py", *flags)
    assert (status, printed) == (2, "")
    assert error == "etcd_reporter.py: --user: no password given, nor in ETCDCTL_PASSWORD\n"
    assert script("etcd_reporter.py", "-password=x")[::2] == (
        2, "etcd_reporter.py: -password needs -user\n"
    )  # fmt: skip


def test_a_password_in_the_surroundings_is_for_who_names_a_user(etcd: Etcd) -> None:
    flags = [f"-endpoints={etcd.url}", "-prefix=nothing"]
    assert script("etcd_reporter.py", *flags, ETCDCTL_PASSWORD=PASSWORD)[0] == 0


def test_where_there_are_no_users_a_login_does_no_harm(etcd: Etcd) -> None:
    for transport in TRANSPORTS:
        client = connect(Settings([etcd.url], transport, login=Login("root", PASSWORD)))
        client.put_all([(b"k", b"v")])
        client.close()


def test_a_token_that_nobody_can_renew_is_an_error(guarded: Etcd) -> None:
    login = Login("root", PASSWORD)
    client = connect(Settings([guarded.url], login=login))
    login.password = "wrong"
    client._use("stale")
    login._token = "stale"
    with pytest.raises(ServerError, match="authentication failed"):
        client.range(b"k")
