"""Connect to the etcd that settings describe."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

from etcdlab.client.api import CONNECT_TIMEOUT, REQUEST_TIMEOUT, Client
from etcdlab.client.auth import Login
from etcdlab.client.endpoints import is_loopback
from etcdlab.client.tls import Tls
from etcdlab.errors import (
    ConnectionLost,
    LabError,
    ServerError,
    Unreachable,
    Untrusted,
    UsageError,
)

TRANSPORTS = ("gateway", "native")


@dataclass(frozen=True)
class Settings:
    """How to reach a cluster: `endpoints` are base URLs, timeouts are in seconds.

    `plain_password` lets a password travel over http to another machine.
    """

    endpoints: Sequence[str]
    transport: str = "gateway"
    timeout: float = REQUEST_TIMEOUT
    connect_timeout: float = CONNECT_TIMEOUT
    tls: Tls | None = None
    login: Login | None = None
    plain_password: bool = False


def connect(settings: Settings, first: int = 0) -> Client:
    """Return a client that is logged in, if there is a user; LabError for a bad setting.

    `first` is the index of the endpoint to begin with. ServerError if etcd does not know
    the user or the password. Imports the chosen transport only, since gRPC takes a while.
    """
    if settings.login and not settings.plain_password:
        _keep_password_from(settings.endpoints)
    if settings.transport == "gateway":
        from etcdlab.client.gateway import Gateway as Transport
    elif settings.transport == "native":
        # gRPC would report every failed connection on stderr too.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        from etcdlab.client.native import Native as Transport
    else:
        raise LabError(f"--transport: {' or '.join(TRANSPORTS)}, not '{settings.transport}'")
    client = Transport(
        settings.endpoints,
        first=first,
        timeout=settings.timeout,
        connect_timeout=settings.connect_timeout,
        tls=settings.tls,
        login=settings.login,
    )
    try:
        client.log_in()
    except BaseException:
        client.close()
        raise
    return client


def _keep_password_from(urls: Sequence[str]) -> None:
    """Raise UsageError if a password would travel in plain text to another machine."""
    for url in urls:
        if url.startswith("http:") and not is_loopback(url):
            raise UsageError(
                f"{url}: the password would go there in plain text:"
                " use https, or --insecure-transport to allow it"
            )


@contextmanager
def connections(settings: Settings, count: int, spread: bool = True) -> Iterator[list[Client]]:
    """Open `count` clients, spread over all endpoints or all at the first one."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(connect(settings, first=index if spread else 0)))
            for index in range(count)
        ]


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment variables by which the lab's programs and etcdctl reach this etcd.

    A password belongs there, and not in the arguments, which all users of a machine see.
    """
    tls, login = settings.tls or Tls(), settings.login
    variables = {
        "ETCD_ENDPOINT": ",".join(settings.endpoints),
        "ETCDCTL_ENDPOINTS": ",".join(settings.endpoints),
        "ETCDCTL_CACERT": tls.cacert,
        "ETCDCTL_CERT": tls.cert,
        "ETCDCTL_KEY": tls.key,
        "ETCDCTL_INSECURE_SKIP_TLS_VERIFY": "true" if tls.skip_verify else "",
        "ETCDCTL_INSECURE_TRANSPORT": "true" if settings.plain_password else "",
        "ETCDCTL_USER": login.name if login else "",
        "ETCDCTL_PASSWORD": login.password if login else "",
    }
    return {name: value for name, value in variables.items() if value}


def need_etcd(settings: Settings) -> str:
    """Return the version of the first etcd that answers; Unreachable if none does in time.

    Untrusted if TLS is the reason, even if the transport saw only a closed connection.
    """
    patience = replace(settings, timeout=min(settings.timeout, CONNECT_TIMEOUT))
    silent, is_lost = Unreachable(",".join(settings.endpoints), "no etcd answers"), False
    for first in range(len(settings.endpoints)):
        try:
            with closing(connect(patience, first=first)) as client:
                return _version(client, patience)
        except ConnectionLost:
            is_lost = True
        except Unreachable as error:
            silent = error
    tls = settings.tls or Tls()
    for url in settings.endpoints:
        if url.startswith("http:") and Tls().greets(url, patience.connect_timeout):
            raise Untrusted(url, "speaks TLS: use https://")
        if is_lost and url.startswith("https:"):
            refusal = tls.refusal(url, patience.connect_timeout)
            if isinstance(refusal, Untrusted):
                raise refusal
    raise silent


def _version(client: Client, settings: Settings) -> str:
    """Return the member's version.

    Falls back to GET /version: Status is for root only in 3.5.28 to 3.5.31 and 3.6.0 to 3.6.11.
    """
    try:
        return client.status().version
    except ServerError as error:
        if not error.is_denied:
            raise
    from etcdlab.client.http import page, version_in

    patience = settings.connect_timeout, settings.timeout
    return version_in(page(client.endpoint, "/version", settings.tls, *patience))
