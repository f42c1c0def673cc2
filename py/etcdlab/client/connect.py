"""From settings to a client: transport, endpoints, certificates, user."""

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
    """How to reach a cluster. Endpoints are base URLs; timeouts are in seconds.

    `plain_password` allows a password to go over http to another machine.
    """

    endpoints: Sequence[str]
    transport: str = "gateway"
    timeout: float = REQUEST_TIMEOUT
    connect_timeout: float = CONNECT_TIMEOUT
    tls: Tls | None = None
    login: Login | None = None
    plain_password: bool = False


def connect(settings: Settings, first: int = 0) -> Client:
    """A client of the settings' endpoints; LabError for a bad setting.

    `first` is the endpoint to begin with. Where there is a user, a token is asked for:
    ServerError if etcd does not know the user or the password.
    Only the transport's own packages are imported: gRPC's take a while.
    """
    if settings.login and not settings.plain_password:
        _keep_password_from(settings.endpoints)
    if settings.transport == "gateway":
        from etcdlab.client.gateway import Gateway as Transport
    elif settings.transport == "native":
        # Its library would report every failed connection on stderr, besides us.
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
    """UsageError for a URL at which a password would travel as plain text to another machine."""
    for url in urls:
        if url.startswith("http:") and not is_loopback(url):
            raise UsageError(
                f"{url}: the password would go there in plain text:"
                " use https, or --insecure-transport to allow it"
            )


@contextmanager
def connections(settings: Settings, count: int, spread: bool = True) -> Iterator[list[Client]]:
    """That many clients, closed in the end; over all endpoints, or else the first one."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(connect(settings, first=index if spread else 0)))
            for index in range(count)
        ]


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables by which another program reaches the same etcd: one of the lab's, or etcdctl.

    A password is safe there, unlike among the arguments, which all users of a machine see.
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
    """The version of the first etcd that answers; Unreachable if none does in time.

    Untrusted where TLS is the reason, though all that a transport saw of it was a connection
    that was closed or reset.
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
    """The version of the etcd at the client's endpoint; it answers whoever may do anything."""
    try:
        return client.status().version
    except ServerError as error:
        if not error.is_denied:
            raise
    # Of etcd 3.5.30 only root may ask for the status.
    from etcdlab.client.http import page, version_in

    patience = settings.connect_timeout, settings.timeout
    return version_in(page(client.endpoint, "/version", settings.tls, *patience))
