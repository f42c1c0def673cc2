"""curl commands that send a client's requests to the gateway."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

import orjson

from etcdlab.client import json_codec
from etcdlab.client.tls import Tls
from etcdlab.client.types import Op, Range, Watch
from etcdlab.etcdctl.errors import CurlLine

if TYPE_CHECKING:
    from etcdlab.client import admin


def access_of(tls: Tls, has_user: bool) -> str:
    """curl's flags for certificates and a user, each followed by a space.

    The token is the shell variable TOKEN: auth/authenticate gives one for a password.
    """
    files = {"--cacert": tls.cacert, "--cert": tls.cert, "--key": tls.key}
    flags = [f"{flag} {shlex.quote(path)}" for flag, path in files.items() if path]
    flags += ["--insecure"] * tls.skip_verify
    flags += ['-H "Authorization: $TOKEN"'] * has_user
    return "".join(f"{flag} " for flag in flags)


class CurlClient:
    """Stands in for a Client: each request raises CurlLine, nothing is sent."""

    def __init__(self, endpoint: str, access: str) -> None:
        """`endpoint` is a base URL, `access` the flags from access_of()."""
        self._endpoint = endpoint
        self._access = access

    def execute(self, op: Op) -> NoReturn:
        """Carry out one operation."""
        self._post(json_codec.PATH[type(op)], json_codec.encode(op))

    def range(self, key: bytes, *, count_only: bool = False) -> NoReturn:
        """Read a key."""
        self.execute(Range(key, count_only=count_only))

    def compact(self, revision: int, physical: bool = False) -> NoReturn:
        """Compact the history."""
        self._post("kv/compaction", {"revision": revision, "physical": physical})

    def grant(self, ttl: int) -> NoReturn:
        """Grant a lease of `ttl` seconds."""
        self._post("lease/grant", {"TTL": ttl})

    def revoke(self, lease: int) -> NoReturn:
        """Revoke a lease."""
        self._post("lease/revoke", {"ID": lease})

    def keep_alive(self, lease: int) -> NoReturn:
        """Renew a lease once."""
        self._post("lease/keepalive", {"ID": lease})

    def time_to_live(self, lease: int, keys: bool = False) -> NoReturn:
        """Ask for a lease's time left, and for its keys."""
        self._post("lease/timetolive", {"ID": lease, "keys": keys})

    def leases(self) -> NoReturn:
        """List the leases."""
        self._post("lease/leases", {})

    def watch(self, request: Watch) -> NoReturn:
        """Watch for two seconds, without curl's buffer."""
        self._post("watch", json_codec.encode_watch(request), "-N", "--max-time", "2")

    def status(self) -> NoReturn:
        """Ask for the member's status."""
        self._post("maintenance/status", {})

    def ask(self, request: admin.Request[object]) -> NoReturn:
        """Carry out a request of administration."""
        self._post(request.path, request.body)

    def members(self, linearizable: bool = False) -> NoReturn:
        """List the members."""
        self._post("cluster/member/list", {"linearizable": linearizable})

    def _post(self, path: str, body: Mapping[str, object], *flags: str) -> NoReturn:
        """Raise the command that posts the fields of `body` that are not zero to /v3/`path`."""
        data = orjson.dumps({name: value for name, value in body.items() if value}).decode()
        rest = shlex.join([*flags, f"{self._endpoint}/v3/{path}", "-d", data])
        raise CurlLine(f"curl -sS {self._access}{rest}")
