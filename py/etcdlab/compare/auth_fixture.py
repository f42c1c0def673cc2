"""An etcd with users, kept until the process ends, and ways to log in there."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import lru_cache, partial
from pathlib import Path

import etcd3

from etcdlab.client.connect import Settings
from etcdlab.compare.outcomes import failure, native_to
from etcdlab.compare.sides import Json, Sides, b64, open_sides
from etcdlab.errors import LabError
from etcdlab.testbed.etcd_process import etcd_beside, scratch_etcd

USER, PASSWORD = "alice", "secret"
MINE = b"mine/"
"""The only prefix that USER may read and write."""

_opened = ExitStack()
atexit.register(_opened.close)


@contextmanager
def _scratch_sides(etcdctl: Path, version: str, *flags: str) -> Iterator[Sides]:
    """Start a scratch etcd without users; yield the three sides to it."""
    quick = ("--heartbeat-interval=10", "--election-timeout=100", "--bcrypt-cost=4")
    with (
        scratch_etcd(etcd_beside(etcdctl), *quick, *flags) as endpoint,
        open_sides(etcdctl, Settings([endpoint]), version) as sides,
    ):
        yield sides


def without_users(sides: Sides) -> AbstractContextManager[Sides]:
    """Sides to a scratch etcd without users, which ends with the block."""
    return _scratch_sides(sides.etcdctl.program, sides.version)


@lru_cache(maxsize=4)
def _with_users(etcdctl: Path, version: str, *flags: str) -> Sides:
    """Sides to a scratch etcd with root and USER, kept until the process ends.

    Raises LabError if etcd refuses a step of the set-up.
    """
    sides = _opened.enter_context(_scratch_sides(etcdctl, version, *flags))
    may = {"permType": "READWRITE", "key": b64(MINE), "range_end": b64(b"mine0")}
    steps: tuple[tuple[str, Json], ...] = (
        ("user/add", {"name": "root", "password": PASSWORD}),
        ("role/add", {"name": "root"}),
        ("user/grant", {"user": "root", "role": "root"}),
        ("user/add", {"name": USER, "password": PASSWORD}),
        ("role/add", {"name": "mine"}),
        ("role/grant", {"name": "mine", "perm": may}),
        ("user/grant", {"user": USER, "role": "mine"}),
        ("enable", {}),
    )
    for path, body in steps:
        answer = sides.http.post(f"auth/{path}", body)
        if answer.status != 200:
            raise LabError(f"{sides.http.endpoint}: auth/{path}: {answer.body.decode()}")
    return sides


def with_users(sides: Sides, *flags: str) -> Sides:
    """Sides to a scratch etcd that has users; the same etcd for the same flags."""
    return _with_users(sides.etcdctl.program, sides.version, *flags)


def token_of(sides: Sides, user: str = USER) -> str:
    """Request a token over the gateway."""
    answer = sides.http.post("auth/authenticate", {"name": user, "password": PASSWORD})
    return str(answer.json["token"])


def log_in(sides: Sides, user: str = USER, password: str = PASSWORD) -> Exception | None:
    """Create a python-etcd3 client that logs in; return what it raises, None if nothing."""

    def make_client() -> None:
        with native_to(sides.settings, user=user, password=password):
            pass

    return failure(make_client)


@contextmanager
def logged_in(sides: Sides) -> Iterator[etcd3.MultiEndpointEtcd3Client]:
    """Yield a python-etcd3 client with a token; plain_http() in auth.py explains the steps."""
    with native_to(sides.settings, user=USER, password=PASSWORD) as client:
        client.call_credentials = None
        yield client


def as_user(
    sides: Sides, call: Callable[[etcd3.MultiEndpointEtcd3Client], object]
) -> Exception | None:
    """Log in, run `call`, and return what it raises, None if nothing."""
    with logged_in(sides) as client:
        return failure(partial(call, client))
