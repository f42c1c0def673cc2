"""From settings to a client: transport, endpoints, certificates, user."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

from etcdlab.client import CONNECT_TIMEOUT, REQUEST_TIMEOUT, Client
from etcdlab.endpoints import parse_endpoint
from etcdlab.errors import ConnectionLost, LabError, ServerError, Unreachable
from etcdlab.records import Status
from etcdlab.tls import Tls

TRANSPORTS = ("gateway", "native")


@dataclass(frozen=True)
class Settings:
    """How to reach a cluster. Endpoints are as a person types them; timeouts are in seconds."""

    endpoints: Sequence[str]
    transport: str = "gateway"
    timeout: float = REQUEST_TIMEOUT
    connect_timeout: float = CONNECT_TIMEOUT
    tls: Tls | None = None
    user: tuple[str, str] | None = None
    """Name and password."""


def connect(settings: Settings, endpoints: Sequence[str] = (), first: int = 0) -> Client:
    """A client of `endpoints`, or else of the settings' own; LabError for a bad setting.

    `first` is the endpoint to begin with.
    Only the transport's own packages are imported: gRPC's take a while.
    """
    urls = base_urls(endpoints or settings.endpoints, settings.tls)
    if settings.transport == "gateway":
        from etcdlab.gateway import Gateway as Transport
    elif settings.transport == "native":
        # Its library would report every failed connection on stderr, besides us.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        from etcdlab.native import Native as Transport
    else:
        raise LabError(f"--transport: {' or '.join(TRANSPORTS)}, not '{settings.transport}'")
    client = Transport(
        urls,
        first=first,
        timeout=settings.timeout,
        connect_timeout=settings.connect_timeout,
        tls=settings.tls,
    )
    if settings.user:
        _log_in(client, *settings.user)
    return client


@contextmanager
def connections(settings: Settings, count: int, spread: bool = True) -> Iterator[list[Client]]:
    """That many clients, closed in the end; over all endpoints, or else the first one."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(connect(settings, first=index if spread else 0)))
            for index in range(count)
        ]


def _log_in(client: Client, name: str, password: str) -> None:
    """Authenticate; where etcd has authentication switched off, there is no need to."""
    if not _is_utf8(name + password):
        raise LabError("--user: neither name nor password may be anything but UTF-8")
    try:
        client.authenticate(name, password)
    except ServerError as error:
        if error.message != "etcdserver: authentication is not enabled":
            raise


def _is_utf8(text: str) -> bool:
    """Whether a text from the command line, where bytes that are not UTF-8 are surrogates, is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def base_urls(endpoints: Sequence[str], tls: Tls | None) -> list[str]:
    """The endpoints' base URLs: https where certificates are set and the text does not say."""
    try:
        return [parse_endpoint(text.strip(), "https" if tls else "http") for text in endpoints]
    except ValueError as error:
        raise LabError(f"--endpoints: {error}") from error


def need_etcd(settings: Settings) -> Status:
    """The status of the first endpoint that answers; Unreachable if none does in time."""
    patience = replace(settings, timeout=min(settings.timeout, CONNECT_TIMEOUT))
    for first in range(len(settings.endpoints)):
        try:
            with closing(connect(patience, first=first)) as client:
                return client.status()
        except ConnectionLost:
            continue
    raise Unreachable(",".join(settings.endpoints), "no etcd answers")
